"""For every route what clients send and models answer, as the providers' own SDKs have it.

A new route gets its line in ``_EXAMPLES`` and is then tried with bad input by all tests that take
their bodies from here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.formats import ROUTES, Route
from gateway.wire.own_json import OwnJson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.wire.exchange import Target

__all__ = [
    "MODEL",
    "OWN",
    "OWN_TEXTS",
    "Example",
    "ask",
    "example",
    "path_of",
    "spoken",
    "target_of",
]

MODEL: Final = "demo-small"
"""The model that all examples ask for."""

OWN_TEXTS: Final = (["/prompt", "/history/*/text", "/vars/*"], ["/output", "/more/*/text"])
"""Where texts stand in requests and in answers of the route of an upstream's own."""

OWN: Final = Route(
    b"/generate",
    "inhouse.generate",
    OwnJson(MODEL, *OWN_TEXTS),
    stream=False,
    model=MODEL,
    upstream="inhouse",
)
"""A route of an upstream's own."""

_DONE: Final = b"data: [DONE]\n\n"
_DATA: Final = Path(__file__).parents[1] / "wire" / "data"


@dataclass(frozen=True)
class Example:
    """One exchange.

    Attributes:
        request: A body that the format takes.
        answer: A whole answer.
        events: The data of each event of a streamed answer, the last one included; empty where the
            route has none.
        last: What follows the events, as bytes.
        named: Whether an event is named after the ``type`` in its data.
        lines: Whether the stream is one of lines of JSON, in place of server-sent events.
    """

    request: dict[str, Any]
    answer: dict[str, Any]
    events: tuple[dict[str, Any], ...] = ()
    last: bytes = b""
    named: bool = False
    lines: bool = False

    def frame(self, data: bytes, kind: object = None) -> bytes:
        """The data of one event as it is sent."""
        if self.lines:
            return data + b"\n"
        head = f"event: {kind}\n".encode() if self.named else b""
        return head + b"data: " + data + b"\n\n"

    def stream(self, events: Iterable[Any] | None = None) -> list[bytes]:
        """The pieces of a stream of these events, or of its own."""
        told = self.events if events is None else events
        kinds = ((one, one.get("type") if isinstance(one, dict) else None) for one in told)
        pieces = [self.frame(json.dumps(one).encode(), kind) for one, kind in kinds]
        return [*pieces, self.last] if self.last else pieces


def _data(name: str) -> Any:
    return json.loads((_DATA / f"{name}.json").read_bytes())


def _openai() -> Example:
    chunk = _data("openai_chunk")
    ends: list[Any] = [{"index": at, "delta": {}, "finish_reason": "stop"} for at in (0, 1)]
    events = (chunk, chunk, {**chunk, "choices": ends})
    return Example(_data("openai_request"), _data("openai_answer"), events, last=_DONE)


def _openai_completion() -> Example:
    answer = _data("openai_completion_answer")
    piece = {**answer["choices"][0], "index": 0, "text": "Hi Ada", "finish_reason": None}
    end = {"index": 0, "text": "", "finish_reason": "stop"}
    events = tuple({**answer, "choices": [choice]} for choice in (piece, piece, end))
    return Example(_data("openai_completion_request"), answer, events, last=_DONE)


def _openai_embedding() -> Example:
    return Example(_data("openai_embedding_request"), _data("openai_embedding_answer"))


def _responses() -> Example:
    events = tuple(_data("responses_events"))
    return Example(_data("responses_request"), _data("responses_answer"), events, named=True)


def _anthropic() -> Example:
    events = tuple(_data("anthropic_events"))
    return Example(_data("anthropic_request"), _data("anthropic_answer"), events, named=True)


def _anthropic_count() -> Example:
    return Example(_data("anthropic_request"), {"input_tokens": 11})


def _ollama(kind: str) -> Example:
    line = {**_data("ollama_line"), "done": False}
    events = (line, line, {**line, "done": True})
    return Example(
        _data(f"ollama_{kind}_request"), _data(f"ollama_{kind}_answer"), events, lines=True
    )


def _ollama_embed() -> Example:
    return Example(_data("ollama_embed_request"), _data("ollama_embed_answer"))


def _own() -> Example:
    asked = {
        "prompt": ["Hi there", {"more": "of it"}],
        "history": [{"text": "before", "by": "ada"}, {"text": "later", "at": 5}],
        "vars": {"a name": "Ada", "accounts": [123456789, "x"]},
        "options": {"note": "be brief", "max_tokens": 5, "list": [True, None, "x"]},
        "model": MODEL,
    }
    answer = {"output": "Ho", "more": [{"text": {"a": "b"}, "score": 0.5}], "id": "x-1"}
    return Example(asked, answer)


def _gemini() -> Example:
    answer = _data("gemini_answer")
    (whole,) = answer["candidates"]
    spoken = {key: value for key, value in whole.items() if key in {"content", "index"}}
    chunk = {"candidates": [spoken], "modelVersion": "m", "responseId": "resp-1"}
    return Example(_data("gemini_request"), answer, (chunk, chunk, answer))


def _gemini_embedding() -> Example:
    content = {"parts": [{"text": "Hi Ada"}]}
    request = {"content": content, "taskType": "RETRIEVAL_DOCUMENT", "title": "a title"}
    return Example(request, {"embedding": {"values": [0.1, 2]}})


def _gemini_batch() -> Example:
    one = {**_gemini_embedding().request, "model": f"models/{MODEL}"}
    return Example({"requests": [one]}, {"embeddings": [{"values": [0.1, 2]}]})


_EXAMPLES: Final[dict[bytes, Callable[[], Example]]] = {
    b"/v1/chat/completions": _openai,
    b"/v1/completions": _openai_completion,
    b"/v1/embeddings": _openai_embedding,
    b"/openai/deployments/{model}/embeddings": _openai_embedding,
    b"/v1/responses": _responses,
    b"/v1/messages": _anthropic,
    b"/v1/messages/count_tokens": _anthropic_count,
    b"/openai/deployments/{model}/chat/completions": _openai,
    b"/api/chat": lambda: _ollama("chat"),
    b"/api/generate": lambda: _ollama("generate"),
    b"/api/embed": _ollama_embed,
    OWN.path: _own,
    **{
        b"/%b/models/{model}:%b" % (version, verb): make
        for version in (b"v1beta", b"v1")
        for verb, make in (
            (b"generateContent", _gemini),
            (b"streamGenerateContent", _gemini),
            (b"embedContent", _gemini_embedding),
            (b"batchEmbedContents", _gemini_batch),
        )
    },
}


@cache
def example(route: Route) -> Example:
    """What is sent and answered on a route, for a model of the demo."""
    assert route.path in _EXAMPLES, f"{route.path!r} has no example: add it to {__file__}"
    return _EXAMPLES[route.path]()


def spoken() -> list[Route]:
    """Every route with a body, and one of an upstream's own."""
    return [*(route for route in ROUTES if route.kind != "models"), OWN]


def path_of(route: Route) -> str:
    """A path of a route, for the model of the demo, with the query that it asks for."""
    query = f"?alt={route.alt}" if route.alt else ""
    return route.path.replace(b"{model}", MODEL.encode()).decode() + query


def target_of(route: Route) -> Target:
    """What that path says of a request."""
    query = path_of(route).partition("?")[2].encode()
    return route.target(query, MODEL if b"{model}" in route.path else None)


def ask(route: Route, *, stream: bool = False) -> dict[str, Any]:
    """The body of a route's request, for the model of the demo."""
    body = dict(example(route).request)
    if "model" in body:
        body["model"] = MODEL
    if "stream" in body or (stream and route.stream is None):
        body["stream"] = stream
    return body
