"""What reading a stream of JSON events is in every format: framing, order, ending, rewriting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import orjson

from gateway.errors import BadRequest, InternalFault, UpstreamError
from gateway.ingress.strict_json import loads
from gateway.wire import sse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.wire.exchange import Path, StreamEvent

__all__ = ["Framing", "JsonStream", "parse_event"]


class Framing(Protocol):
    """Cuts bytes, in whatever pieces they come, into events."""

    def feed(self, chunk: bytes) -> list[sse.ServerEvent]:
        """The events that are complete with this chunk.

        Raises:
            UpstreamError: An event is too large, or is none.
        """

    def close(self) -> list[sse.ServerEvent]:
        """The events that are complete because no more bytes come.

        Raises:
            UpstreamError: They ended in the middle of an event.
        """


class JsonStream(ABC):
    """Reads one streamed answer of JSON events. A ``StreamReader`` but for its own two endings.

    A format's reader says what an event means (``_event``), notes what went out (``_note_sent``)
    and writes an event whose texts changed (``_rewritten``). It sets ``_ended`` when the stream may
    end here, and ``_done`` when nothing that follows is read any more.

    Args:
        framing: How events are cut; as server-sent events if not given.
    """

    ending: ClassVar[str]
    """What a stream of this format ends with, in the words of an error message."""

    __slots__ = ("_done", "_ended", "_framing")

    def __init__(self, framing: Framing | None = None) -> None:
        self._framing = sse.EventParser() if framing is None else framing
        self._done = False
        self._ended = False

    def feed(self, chunk: bytes) -> Sequence[StreamEvent]:
        """See ``StreamReader.feed``; what follows the last event is read by nobody, and dropped."""
        return self._read(self._framing.feed(chunk))

    def finish(self) -> Sequence[StreamEvent]:
        """See ``StreamReader.finish``."""
        events = self._read(self._framing.close())
        if not self._ended:
            raise UpstreamError(f"the stream ended before {self.ending}")
        return tuple(events)

    def rewrite(self, event: StreamEvent, texts: Sequence[str]) -> bytes:
        """See ``StreamReader.rewrite``."""
        if len(texts) != len(event.deltas):
            raise InternalFault("an event needs one text for each of its deltas")
        self._note_sent(event)
        changed: dict[Path, str] = {}
        for number, delta in enumerate(event.deltas):
            if texts[number] != delta.text:
                changed[delta.path] = texts[number]
        return self._rewritten(event, changed)

    def _read(self, framed: list[sse.ServerEvent]) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        for event in framed:
            if self._done:
                break
            events.append(self._event(event))
        return events

    @abstractmethod
    def _event(self, event: sse.ServerEvent) -> StreamEvent:
        """What an event says."""

    @abstractmethod
    def _note_sent(self, event: StreamEvent) -> None:
        """Remembers what the client has heard, for the ending."""

    @abstractmethod
    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        """The event with other texts at some places; with none, usually its ``raw``."""


def parse_event(raw: bytes) -> dict[str, Any]:
    """The data of an event, which is an object.

    Raises:
        UpstreamError: It is none.
    """
    try:
        data = orjson.loads(raw)
        if not _is_spelt(orjson.dumps(data), raw):
            # Written in any other way than ours: only then can a key stand in it twice, of which a
            # client might read the one that nobody scanned.
            data = loads(raw)
    except (orjson.JSONDecodeError, BadRequest):
        raise UpstreamError("an event of the stream is not strict JSON") from None
    if not isinstance(data, dict):
        raise UpstreamError("an event of the stream is not an object")
    return data


def _is_spelt(ours: bytes, raw: bytes) -> bool:
    """Whether a text differs from our spelling of its value by usual spaces at the most.

    To take out spaces behind colons and commas makes no two tokens one, in a string or outside. So
    there are as many members in it afterwards; and as it is then our spelling, each of them is in
    its value.
    """
    if ours == raw:
        return True
    raw = raw.replace(b'": ', b'":')
    return ours == raw or ours == raw.replace(b', "', b',"')
