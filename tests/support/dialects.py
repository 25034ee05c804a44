"""How each API streams an answer, and how a client reads it: as simple as can be.

Streams are written by the demo model. What a client reads is told apart by running text, and once
more as all strings there are, whatever they mean, joined place by place. A route that streams and
has no dialect here fails the tests that go over all of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dialect import Dialect, Event, Told, free, never, token
from responses_dialect import RESPONSES

from gateway.wire.formats import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.wire.formats import Route

__all__ = ["DIALECTS", "STREAMING", "Dialect", "Event", "Told", "dialect_of"]


# OpenAI's chat completions, and completions.


def _hear_chat(event: Event, told: Told) -> None:
    for choice in event.get("choices") or ():
        at, delta = choice["index"], choice["delta"]
        for key in ("reasoning_content", "content", "refusal"):
            told.say(f"{at}/{key}", delta.get(key))
        for call in delta.get("tool_calls") or ():
            told.say(f"{at}/{call['index']}/name", call["function"].get("name"))
            told.spell(f"{at}/{call['index']}/arguments", call["function"].get("arguments"))
        told.end(choice["finish_reason"])
    if event.get("usage"):
        told.usage.append(event["usage"])


def _hear_completion(event: Event, told: Told) -> None:
    for choice in event.get("choices") or ():
        told.say(f"{choice['index']}/text", choice["text"])
        told.end(choice["finish_reason"])
    if event.get("usage"):
        told.usage.append(event["usage"])


def _ends_completion(event: Event) -> bool:
    return not event["choices"] or event["choices"][0]["finish_reason"] is not None


def _shift_choice(event: Event, number: int, _: int) -> Event:
    """Even and odd voices are two choices; calls of one choice are told apart."""
    if _ends_completion(event):
        if not event["choices"]:
            return event
        one = event["choices"][0]
        return {**event, "choices": [{**one, "index": 0}, {**one, "index": 1}]}
    choice = {**event["choices"][0], "index": number % 2}
    calls = choice.get("delta", {}).get("tool_calls")
    if calls:
        moved = [{**call, "index": call["index"] + 10 * number} for call in calls]
        choice["delta"] = {**choice["delta"], "tool_calls": moved}
    return {**event, "choices": [choice]}


def _measure_chat(event: Event) -> Event:
    if not event["choices"] or not event["choices"][0]["delta"].get("content"):
        return event
    choice = event["choices"][0]
    tokens = [{**token(choice["delta"]["content"]), "top_logprobs": []}]
    return {**event, "choices": [{**choice, "logprobs": {"content": tokens, "refusal": None}}]}


def _measure_completion(event: Event) -> Event:
    if not event["choices"] or not event["choices"][0]["text"]:
        return event
    choice = event["choices"][0]
    text = choice["text"]
    told = {"tokens": [text], "token_logprobs": [-0.5], "text_offset": [0]}
    return {**event, "choices": [{**choice, "logprobs": {**told, "top_logprobs": [{text: -0.5}]}}]}


# Anthropic's messages.


def _hear_message(event: Event, told: Told) -> None:
    at = event.get("index")
    if event["type"] == "content_block_start":
        told.say(f"{at}/name", event["content_block"].get("name"))
    elif event["type"] == "content_block_delta":
        delta = event["delta"]
        told.say(f"{at}/text", delta.get("text"))
        told.say(f"{at}/thinking", delta.get("thinking"))
        if "partial_json" in delta:
            told.spell(f"{at}/input", delta["partial_json"])
    elif event["type"] == "message_delta":
        told.end(event["delta"]["stop_reason"])
        told.usage.append(event["usage"])


def _shift_block(event: Event, number: int, _: int) -> Event:
    return {**event, "index": event["index"] + 10 * number} if "index" in event else event


# Ollama's chats and texts.


def _hear_line(event: Event, told: Told) -> None:
    message = event.get("message") or {}
    told.say("content", message.get("content"))
    told.say("response", event.get("response"))
    told.say("thinking", message.get("thinking") or event.get("thinking"))
    for call in [*(message.get("tool_calls") or ()), *(event.get("tool_calls") or ())]:
        free(call["function"]["arguments"], f"{call['id']}/arguments", told)
    if event.get("done"):
        told.end(event["done_reason"])
        if event.get("eval_count"):
            told.usage.append((event["prompt_eval_count"], event["eval_count"]))


def _shift_line(event: Event, number: int, _: int) -> Event:
    message = event.get("message") or event
    if "tool_calls" not in message:
        return event
    calls = [{**call, "id": f"{call['id']}v{number}"} for call in message["tool_calls"]]
    told = {**message, "tool_calls": calls}
    return {**event, "message": told} if "message" in event else told


def _measure_line(event: Event) -> Event:
    said = event["message"]["content"] if "message" in event else event["response"]
    return {**event, "logprobs": [token(said)]} if said else event


# Gemini's generation.


def _hear_candidate(event: Event, told: Told) -> None:
    for candidate in event.get("candidates") or ():
        at = candidate["index"]
        for part in (candidate.get("content") or {}).get("parts") or ():
            told.say(f"{at}/{'thought' if part.get('thought') else 'text'}", part.get("text"))
            if "functionCall" in part:
                told.calls += 1
                free(part["functionCall"]["args"], f"call/{told.calls}", told)
        told.end(candidate.get("finishReason"))
    if event.get("usageMetadata"):
        told.usage.append(event["usageMetadata"])


def _ends_gemini(event: Event) -> bool:
    return any(not one.get("content", {}).get("parts") for one in event["candidates"])


def _shift_candidate(event: Event, number: int, _: int) -> Event:
    (candidate,) = event["candidates"]
    return {**event, "candidates": [{**candidate, "index": number % 2}]}


def _measure_candidate(event: Event) -> Event:
    (candidate, *_) = event["candidates"]
    said = "".join(
        part["text"]
        for part in (candidate.get("content") or {}).get("parts") or ()
        if "text" in part and not part.get("thought")
    )
    if not said:
        return event
    tokens = {"chosenCandidates": [{"token": said, "tokenId": 1, "logProbability": -0.5}]}
    return {**event, "candidates": [{**candidate, "logprobsResult": tokens}]}


class _Gemini(Dialect):
    """Every event may be the last one, which is the one that says why the answer ended."""

    def interleaved(self, voices: Sequence[Sequence[Event]], order: Iterable[int]) -> list[Event]:
        bare = [[self._bare(event) for event in voice] for voice in voices]
        mixed = super().interleaved(bare, order)
        ended = [{"index": at, "finishReason": "STOP"} for at in range(min(len(voices), 2))]
        return [*mixed, {**voices[0][-1], "candidates": ended}]

    @staticmethod
    def _bare(event: Event) -> Event:
        (candidate,) = event["candidates"]
        kept = {key: value for key, value in candidate.items() if key != "finishReason"}
        return {**event, "candidates": [kept]}


_DONE: Final = b"data: [DONE]\n\n"
_CHAT: Final = Dialect(
    _hear_chat, never, _ends_completion, _shift_choice, _measure_chat, "content_filter", _DONE
)
_OLLAMA: Final = Dialect(
    _hear_line,
    never,
    lambda event: event["done"],
    _shift_line,
    _measure_line,
    "content_filter",
    lines=True,
)

DIALECTS: Final[dict[str, Dialect]] = {
    "chat.completions": _CHAT,
    "completions": replace(_CHAT, hear=_hear_completion, measure=_measure_completion),
    "responses": RESPONSES,
    "messages": Dialect(
        _hear_message,
        lambda event: event["type"] == "message_start",
        lambda event: event["type"] in {"message_delta", "message_stop"},
        _shift_block,
        lambda event: event,
        "refusal",
        named=True,
    ),
    "ollama.chat": _OLLAMA,
    "ollama.generate": _OLLAMA,
    "generate_content": _Gemini(
        _hear_candidate, never, _ends_gemini, _shift_candidate, _measure_candidate, "SAFETY"
    ),
}
"""By the name of the route."""

STREAMING: Final = [
    route for route in ROUTES if route.kind == "generate" and route.stream is not False
]
"""Every route that may answer with a stream."""


def dialect_of(route: Route) -> Dialect:
    """How a route streams."""
    assert route.name in DIALECTS, f"{route.name} has no dialect: add it to {__file__}"
    return DIALECTS[route.name]
