"""An upstream that sends the bytes of a script, and streams of three APIs to script it with."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["CLEAN_END", "ScriptedModel", "cut_at", "stream_of", "text_of", "whole_of"]

CLEAN_END = {"openai": "stop", "anthropic": "end_turn", "responses": "completed"}
"""How an answer of each API says that it ended as it should."""


@dataclass
class ScriptedModel:
    """An ASGI application.

    Attributes:
        steps: Bytes to send, seconds to wait, or None to break the connection off.
        status: The answer's status.
        content_type: The answer's media type.
        headers: More of the answer's headers.
        asked: How many calls came.
        sent: How many steps of the last call were done.
        hung_up: When, on the monotonic clock, the other side left; None if it did not.
    """

    steps: Iterable[bytes | float | None] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    asked: int = 0
    sent: int = 0
    hung_up: float | None = None
    bodies: list[bytes] = field(default_factory=list)

    def play(self, *steps: bytes | float | None, **changes: Any) -> None:
        """Another script, from the start, with the usual head if nothing else is said."""
        usual = {"status": 200, "content_type": "text/event-stream", "headers": ()}
        self.steps, self.sent, self.hung_up = steps, 0, None
        for name, value in {**usual, **changes}.items():
            setattr(self, name, value)

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            while (kind := (await receive())["type"]) != "lifespan.shutdown":
                await send({"type": f"{kind}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.asked += 1
        self.bodies.append((await receive()).get("body", b""))
        watch = asyncio.ensure_future(receive())
        try:
            await self._play(send, watch)
        finally:
            watch.cancel()

    async def _play(self, send: Any, watch: asyncio.Future[Any]) -> None:
        head = [(b"content-type", self.content_type.encode()), *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": head})
        for step in self.steps:
            if step is None:
                return  # the server breaks off an answer that was left unfinished
            if isinstance(step, bytes):
                await send({"type": "http.response.body", "body": step, "more_body": True})
            else:
                await asyncio.wait({watch}, timeout=step)
            if watch.done():
                self.hung_up = time.monotonic()
                return
            self.sent += 1
        with suppress(ConnectionError):
            await send({"type": "http.response.body", "body": b""})


def stream_of(wire: str, *texts: str, finish: bool = True) -> list[bytes]:
    """The events of a stream whose text comes in these pieces; the last one ends it."""
    return [*_events(wire, texts, finish=finish)]


def _events(wire: str, texts: Sequence[str], *, finish: bool) -> Iterator[bytes]:
    if wire == "openai":
        for text in texts:
            yield chunk(0, {"content": text})
        if finish:
            yield chunk(0, {}, "stop")
            yield b"data: [DONE]\n\n"
    elif wire == "responses":
        yield from _response_events(texts, finish=finish)
    else:
        yield from _message_events(texts, finish=finish)


def _message_events(texts: Sequence[str], *, finish: bool) -> Iterator[bytes]:
    yield _named("message_start", message={
        "id": "m1", "type": "message", "role": "assistant", "model": "demo-small", "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    })  # fmt: skip
    yield _named("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for text in texts:
        yield _named("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
    if finish:
        yield _named("content_block_stop", index=0)
        yield _named(
            "message_delta",
            delta={"stop_reason": "end_turn", "stop_sequence": None},
            usage={"output_tokens": 7},
        )
        yield _named("message_stop")


_PART: dict[str, Any] = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
_ITEM: dict[str, Any] = {
    "id": "m1", "type": "message", "role": "assistant", "status": "completed", "content": [],
}  # fmt: skip


def _response(*texts: str, status: str = "completed") -> dict[str, Any]:
    output = [{**_ITEM, "content": [{**_PART, "text": text}]} for text in texts]
    return {
        "id": "r1", "object": "response", "created_at": 1, "status": status, "model": "demo-small",
        "output": output, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    }  # fmt: skip


def _response_events(texts: Sequence[str], *, finish: bool) -> Iterator[bytes]:
    at, inside = {"output_index": 0}, {"output_index": 0, "item_id": "m1", "content_index": 0}
    part = {**_PART, "text": "".join(texts)}
    told: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": _response(status="in_progress")}),
        ("response.output_item.added", {**at, "item": {**_ITEM, "status": "in_progress"}}),
        ("response.content_part.added", {**inside, "part": _PART}),
        *(
            ("response.output_text.delta", {**inside, "delta": one, "logprobs": []})
            for one in texts
        ),
    ]
    ends: list[tuple[str, dict[str, Any]]] = [
        ("response.output_text.done", {**inside, "text": part["text"], "logprobs": []}),
        ("response.content_part.done", {**inside, "part": part}),
        ("response.output_item.done", {**at, "item": {**_ITEM, "content": [part]}}),
        ("response.completed", {"response": _response(part["text"])}),
    ]
    for number, (kind, members) in enumerate([*told, *(ends if finish else ())]):
        yield _named(kind, sequence_number=number, **members)


def chunk(index: int, delta: dict[str, Any], finish: str | None = None) -> bytes:
    """A chunk of a chat completion."""
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "demo-small"}
    return b"data: %b\n\n" % orjson.dumps({**body, "choices": [choice]})


def _named(kind: str, **members: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps({"type": kind, **members}))


def whole_of(wire: str, text: str) -> bytes:
    """A whole answer."""
    if wire == "openai":
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return orjson.dumps({"id": "c1", "object": "chat.completion", "choices": [choice]})
    if wire == "responses":
        return orjson.dumps(_response(text))
    return orjson.dumps({
        "id": "m1", "type": "message", "role": "assistant", "model": "demo-small",
        "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    })  # fmt: skip


def cut_at(data: bytes, *places: int) -> list[bytes]:
    """Bytes in pieces that end at these places."""
    ends = [*sorted(places), len(data)]
    return [data[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True) if a < b]


@dataclass
class Told:
    """What a stream told its client."""

    texts: dict[int, str]
    finish: str | None
    error: dict[str, Any] | None


def text_of(wire: str, body: bytes) -> Told:
    """Reads a stream as a client would."""
    told = Told({}, None, None)
    for line in body.splitlines():
        if not line.startswith(b"data: ") or line == b"data: [DONE]":
            continue
        event = orjson.loads(line[6:])
        if "error" in event:
            told.error = event["error"]
        elif wire == "openai":
            for choice in event["choices"]:
                text = choice["delta"].get("content") or ""
                told.texts[choice["index"]] = told.texts.get(choice["index"], "") + text
                told.finish = choice["finish_reason"] or told.finish
        elif wire == "responses":
            _hear(told, event)
        elif event["type"] == "content_block_delta":
            told.texts[0] = told.texts.get(0, "") + event["delta"]["text"]
        elif event["type"] == "message_delta":
            told.finish = event["delta"]["stop_reason"]
    return told


def _hear(told: Told, event: dict[str, Any]) -> None:
    if event["type"] == "response.output_text.delta":
        index = event["output_index"]
        told.texts[index] = told.texts.get(index, "") + event["delta"]
    elif event["type"] in {"response.completed", "response.incomplete"}:
        response = event["response"]
        told.finish = (response.get("incomplete_details") or {}).get("reason") or response["status"]
