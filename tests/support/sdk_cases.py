"""Every kind of body of every API by its SDK's own types, and how the gateway reads it.

To add an API: one ``Case`` per kind of body, what is left unread of it, by its place, and whose its
texts are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anthropic.types import (
    Message,
    MessageCountTokensParams,
    MessageTokensCount,
    RawMessageStreamEvent,
)
from anthropic.types import message_create_params as anthropic_request
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from anthropic.types.beta import message_create_params as anthropic_beta_request
from gemini_types import UNREAD as GEMINI_UNREAD
from gemini_types import BatchRequest, EmbedRequest, GenerateRequest, ask_gemini, last_kept
from google.genai import types as gemini
from ollama import _types as ollama
from openai.types import (
    Completion,
    CreateEmbeddingResponse,
    EmbeddingCreateParams,
    completion_create_params,
)
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat import completion_create_params as chat_request
from responses_types import UNREAD as RESPONSES_UNREAD
from responses_types import Response, ResponseStreamEvent, Sent, ask_responses
from sdk_places import (
    ANTHROPIC_UNKNOWN,
    ANTHROPIC_UNREAD,
    OLLAMA_UNKNOWN,
    OLLAMA_UNREAD,
    OPENAI_UNREAD,
)
from sdk_voices import ANSWERS as ANSWER_VOICES
from sdk_voices import ANTHROPIC as ANTHROPIC_VOICES
from sdk_voices import GEMINI as GEMINI_VOICES
from sdk_voices import OLLAMA as OLLAMA_VOICES
from sdk_voices import OPENAI as OPENAI_VOICES
from sdk_voices import RESPONSES as RESPONSES_VOICES
from sdk_voices import Lines

from gateway.wire.anthropic_count import AnthropicCount
from gateway.wire.exchange import IN_BODY, Target
from gateway.wire.formats import ANTHROPIC, GEMINI, OLLAMA, OPENAI
from gateway.wire.gemini_embeddings import GeminiEmbeddings
from gateway.wire.ollama_embed import OllamaEmbed
from gateway.wire.ollama_generate import OllamaGenerate
from gateway.wire.openai_completions import OpenAICompletions
from gateway.wire.openai_embeddings import OpenAIEmbeddings
from gateway.wire.openai_responses import OpenAIResponses
from gateway.wire.proto_json import snake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdk_shapes import Filled

    from gateway.wire.exchange import Format, StreamEvent, StreamReader

WORD = "Mark{}x"
"""What could be an id or a word of an enumeration."""

SENTENCE = "a mark {} in it"
"""What can be neither an id nor base64."""

EVENT = b"data: %b\n\n"
LINE = b"%b\n"

COMPLETIONS: Format = OpenAICompletions()
RESPONSES: Format = OpenAIResponses()
EMBEDDINGS: Format = OpenAIEmbeddings()
COUNT: Format = AnthropicCount()
VECTORS: Format = GeminiEmbeddings()
PATH = Target("m", stream=False)
GENERATE: Format = OllamaGenerate()
EMBED: Format = OllamaEmbed()

Found = list[tuple[str, str]]
"""Texts, each with whose it is."""


@dataclass(frozen=True)
class Case:
    """One kind of body of an API.

    Attributes:
        name: What the test calls it.
        type: The SDK's type.
        find: Reads a body.
        unread: Places of ids, words of enumerations and media: one word there is no text.
        unknown: Places of which the format does not know whose texts stand there.
        prepare: Takes out of a body what is refused for another reason than its texts.
        rename: What a member is called in JSON, where the SDK translates names.
    """

    name: str
    type: Any
    find: Callable[[Any], Found]
    unread: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    prepare: Callable[[Any], None] = lambda _: None
    rename: Callable[[str], str] = str


def request(wire: Format, target: Target = IN_BODY) -> Callable[[Any], Found]:
    return lambda body: [(text.value, text.provenance) for text in wire.read(body, target).texts]


def answer(wire: Format) -> Callable[[Any], Found]:
    return lambda body: [(text.value, text.provenance) for text in wire.read_answer(body).texts]


def stream(
    wire: Format,
    before: Callable[[Any], list[Any]] = lambda _: [],
    frame: bytes = EVENT,
    end: Callable[[StreamReader], Sequence[StreamEvent]] = lambda _: (),
) -> Callable[[Any], Found]:
    """Reads an event of a stream, after those that must come before it."""

    def find(event: Any) -> Found:
        reader = wire.stream_reader()
        running: dict[tuple[str, str], str] = {}
        told = (frame % json.dumps(one).encode() for one in (*before(event), event))
        seen = [*(one for raw in told for one in reader.feed(raw)), *end(reader)]
        for delta in (delta for one in seen for delta in one.deltas):
            at = (delta.channel, delta.provenance)
            running[at] = running.get(at, "") + delta.text
        return [(text, whose) for (_, whose), text in running.items()]

    return find


def ask(body: Any) -> None:
    body["model"] = "m"


def ask_texts(body: Any) -> None:
    ask(body)
    for key in ("prompt", "input"):
        if isinstance(body.get(key), list):  # of numbers, which are refused, or of texts
            body[key] = [item for item in body[key] if isinstance(item, str)]


def ask_chat(body: Any) -> None:
    ask(body)
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and "allowed_tools" in choice:
        choice["allowed_tools"]["tools"] = []


def ask_beta(body: Any) -> None:
    # Other models than the one that the policy was asked about are refused wherever they stand.
    ask(body)
    body.pop("fallbacks", None)
    body["tools"] = [tool for tool in body.get("tools", ()) if "model" not in tool]
    for message in body["messages"]:
        content = message.get("content")
        for block in content if isinstance(content, list) else ():
            for change in (block, *(block.get("tool_changes") or ())):
                definition = (change.get("tool") or {}).get("definition") or {}
                definition.pop("model", None)


def start_block(event: Any) -> list[Any]:
    block = {"type": "text", "text": ""}
    start = {"type": "content_block_start", "index": 7, "content_block": block}
    return [start] if event["type"] == "content_block_delta" else []


def ask_ollama(body: Any) -> None:
    ask(body)
    body.pop("context", None)  # numbers of tokens, which are refused
    for holder in (body, *body.get("messages", ())):
        as_images_are_sent(holder)
    for message in body.get("messages", ()):
        message["role"] = "user"  # one of a few words; any other is nobody's


def as_images_are_sent(holder: Any) -> None:
    """The SDK sends an image as the string in it."""
    if "images" in holder:
        holder["images"] = [image["value"] for image in holder["images"]]


def answer_ollama(body: Any) -> None:
    as_images_are_sent(body.get("message", {}))


CASES = (
    Case(
        "chat request",
        chat_request.CompletionCreateParamsNonStreaming,
        request(OPENAI),
        OPENAI_UNREAD,
        prepare=ask_chat,
    ),
    Case("chat answer", ChatCompletion, answer(OPENAI), OPENAI_UNREAD),
    Case("chat chunk", ChatCompletionChunk, stream(OPENAI), OPENAI_UNREAD),
    Case(
        "completions request",
        completion_create_params.CompletionCreateParamsNonStreaming,
        request(COMPLETIONS),
        OPENAI_UNREAD,
        prepare=ask_texts,
    ),
    Case("completions answer", Completion, answer(COMPLETIONS), OPENAI_UNREAD),
    Case("completions chunk", Completion, stream(COMPLETIONS), OPENAI_UNREAD),
    Case(
        "embeddings request",
        EmbeddingCreateParams,
        request(EMBEDDINGS),
        OPENAI_UNREAD,
        prepare=ask_texts,
    ),
    Case("embeddings answer", CreateEmbeddingResponse, answer(EMBEDDINGS), OPENAI_UNREAD),
    *(
        Case(f"responses {kind}", told, find, RESPONSES_UNREAD, (), ask_responses)
        for kind, told, find in (
            ("request", Sent, request(RESPONSES)),
            ("answer", Response, answer(RESPONSES)),
            ("event", ResponseStreamEvent, stream(RESPONSES)),
        )
    ),
    Case(
        "messages request",
        anthropic_request.MessageCreateParamsNonStreaming,
        request(ANTHROPIC),
        ANTHROPIC_UNREAD,
        prepare=ask,
    ),
    Case("messages answer", Message, answer(ANTHROPIC), ANTHROPIC_UNREAD),
    Case(
        "count request",
        MessageCountTokensParams,
        request(COUNT),
        ANTHROPIC_UNREAD,
        prepare=ask,
    ),
    Case("count answer", MessageTokensCount, answer(COUNT), ANTHROPIC_UNREAD),
    Case("messages event", RawMessageStreamEvent, stream(ANTHROPIC, start_block), ANTHROPIC_UNREAD),
    Case(
        "messages beta request",
        anthropic_beta_request.MessageCreateParamsNonStreaming,
        request(ANTHROPIC),
        ANTHROPIC_UNREAD,
        ANTHROPIC_UNKNOWN,
        ask_beta,
    ),
    Case("messages beta answer", BetaMessage, answer(ANTHROPIC), ANTHROPIC_UNREAD),
    Case(
        "messages beta event",
        BetaRawMessageStreamEvent,
        stream(ANTHROPIC, start_block),
        ANTHROPIC_UNREAD,
    ),
    *(
        Case(f"gemini {kind} in {spelling}", told, find, GEMINI_UNREAD, (), ask_gemini, rename)
        for spelling, rename in (("camelCase", str), ("snake_case", snake))
        for kind, told, find in (
            ("request", GenerateRequest, request(GEMINI, PATH)),
            ("answer", gemini.GenerateContentResponse, answer(GEMINI)),
            ("event", gemini.GenerateContentResponse, stream(GEMINI, end=last_kept)),
            ("embedding request", EmbedRequest, request(VECTORS, PATH)),
            ("batch request", BatchRequest, request(VECTORS, PATH)),
            ("batch answer", gemini.EmbedContentResponse, answer(VECTORS)),
        )
    ),
    *(
        Case(
            f"ollama {kind} request", sent, request(wire), OLLAMA_UNREAD, OLLAMA_UNKNOWN, ask_ollama
        )
        for kind, sent, wire in (
            ("chat", ollama.ChatRequest, OLLAMA),
            ("generate", ollama.GenerateRequest, GENERATE),
            ("embed", ollama.EmbedRequest, EMBED),
        )
    ),
    *(
        Case(f"ollama {kind}", told, find, OLLAMA_UNREAD, prepare=answer_ollama)
        for kind, told, find in (
            ("chat answer", ollama.ChatResponse, answer(OLLAMA)),
            ("chat line", ollama.ChatResponse, stream(OLLAMA, frame=LINE)),
            ("generate answer", ollama.GenerateResponse, answer(GENERATE)),
            ("generate line", ollama.GenerateResponse, stream(GENERATE, frame=LINE)),
            ("embed answer", ollama.EmbedResponse, answer(EMBED)),
        )
    ),
)
VOICES: Final = {
    "chat": OPENAI_VOICES,
    "completions": OPENAI_VOICES,
    "embeddings": OPENAI_VOICES,
    "responses": RESPONSES_VOICES,
    "messages": ANTHROPIC_VOICES,
    "count": ANTHROPIC_VOICES,
    "gemini": GEMINI_VOICES,
    "ollama": OLLAMA_VOICES,
}


def lines_of(case: Case) -> Lines:
    return VOICES[case.name.split()[0]] if "request" in case.name else ANSWER_VOICES


def marks_in(case: Case, filled: Filled) -> dict[str, str]:
    """The marks that are left after what is refused was taken out."""
    case.prepare(filled.body)
    written = json.dumps(filled.body)
    return {mark: site for mark, site in filled.marks.items() if mark in written}
