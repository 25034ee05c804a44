"""The stream of Gemini's answers, as server-sent events.

The API marks no end: the last event is the one after which the body ends. So an event after which
the stream may end is kept until the next one, or the end of the body, says what it was.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.wire import sse
from gateway.wire.exchange import StreamEvent
from gateway.wire.gemini_answer import (
    block_reason,
    finish_reason,
    index_of,
    read_usage,
    respells,
    spoken_at,
    without_respellings,
)
from gateway.wire.gemini_chunk import ChunkReader
from gateway.wire.gemini_error import error_object
from gateway.wire.model_name import readable_word
from gateway.wire.proto_json import member
from gateway.wire.rewrite import rewrite
from gateway.wire.streaming import JsonStream, parse_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.wire.exchange import Path

__all__ = ["GeminiStream", "stopped"]

_HEAD: Final = ("responseId", "modelVersion")


def stopped(index: int) -> dict[str, Any]:
    """A candidate whose content is withheld."""
    return {"index": index, "finishReason": "SAFETY"}


class GeminiStream(JsonStream):
    """Reads one streamed answer. A ``StreamReader``."""

    ending = "the finishReason of every candidate"

    __slots__ = (
        "_changed",
        "_chunks",
        "_closed",
        "_finished",
        "_head",
        "_kept",
        "_named",
        "_sent",
        "_unsent",
    )

    def __init__(self) -> None:
        super().__init__()
        self._chunks = ChunkReader()
        self._head: dict[str, Any] = {}
        self._kept: StreamEvent | None = None
        self._named: tuple[Any, str | None] = (None, None)
        # Events come out in the order in which they came in.
        self._unsent: deque[dict[str, Any]] = deque()
        self._finished: set[int] = set()
        self._changed: set[int] = set()
        self._sent = False
        self._closed = False

    def feed(self, chunk: bytes) -> Sequence[StreamEvent]:
        """See ``StreamReader.feed``; keeps what may be the last event."""
        came = super().feed(chunk)
        if self._kept is None and not self._ended:
            return came
        events = [one for one in came if one.data is not None]
        if not events:
            return came
        events = events if self._kept is None else [self._kept, *events]
        self._kept = events.pop() if self._ended else None
        return [one for one in came if one.data is None] + events

    def finish(self) -> Sequence[StreamEvent]:
        """See ``StreamReader.finish``."""
        came = [one for one in super().finish() if one.data is not None]
        events = came if self._kept is None else [self._kept, *came]
        return (*events[:-1], *(last._replace(final=True) for last in events[-1:]))

    def stop(self) -> bytes:
        """See ``StreamReader.stop``; every candidate that is still open ends ``SAFETY``."""
        if self._sent or self._closed:
            return b""
        self._closed = True
        ahead = {index_of(one) for data in self._unsent for one in _candidates(data)}
        over = self._finished - ahead
        seen = self._chunks.candidates or [0]
        ended = [stopped(index) for index in seen if index not in over]
        return sse.encode(orjson.dumps({"candidates": ended, **self._head}))

    def error(self, code: str, message: str) -> bytes:
        """See ``StreamReader.error``; the SDKs raise on an event that begins with ``error``."""
        if self._closed:
            return b""
        self._closed = True
        return sse.encode(orjson.dumps(error_object(500, code, message, "")))

    def _event(self, event: sse.ServerEvent) -> StreamEvent:
        if event.data is None:
            return StreamEvent(event.raw)
        data = parse_event(event.data)
        pieces, finish = self._chunks.read(data)
        blocked = block_reason(data)
        over = self._ended or finish is not None or blocked is not None
        failed = data.get("error") is not None
        self._ended = failed or (over and not self._chunks.open)
        self._unsent.append(data)
        if not self._head:
            self._head = {key: word for key in _HEAD if (word := readable_word(member(data, key)))}
        return StreamEvent(
            event.raw,
            tuple(pieces.deltas),
            data,
            tuple(pieces.closes),
            read_usage(data),
            self._model(member(data, "modelVersion")),
            finish or blocked,
            failed=failed,
        )

    def _model(self, name: Any) -> str | None:
        # The same name stands in every event.
        if name != self._named[0]:
            self._named = (name, readable_word(name))
        return self._named[1]

    def _note_sent(self, event: StreamEvent) -> None:
        self._sent = self._sent or event.final
        if event.data is not None and self._unsent:
            self._unsent.popleft()
        if event.finish is None and not self._finished:
            return
        for candidate in _candidates(event.data):
            if finish_reason(candidate) is not None:
                self._finished.add(index_of(candidate))
            else:
                self._finished.discard(index_of(candidate))

    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        """From its first changed text on, a candidate spells none of it again."""
        if not changed and not self._changed:
            return event.raw
        candidates = _candidates(event.data)
        if changed:
            self._changed |= {index_of(candidates[position]) for position in spoken_at(changed)}
        told = [
            index_of(candidate) in self._changed and respells(candidate) for candidate in candidates
        ]
        if not changed and not any(told):
            return event.raw
        written = rewrite(event.data, changed)
        if any(told):
            written["candidates"] = [
                without_respellings(candidate) if again else candidate
                for candidate, again in zip(written["candidates"], told, strict=True)
            ]
        return sse.encode(orjson.dumps(written))


def _candidates(data: Any) -> list[dict[str, Any]]:
    return (data.get("candidates") if data else None) or []
