"""The common part of the stream readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import InternalFault, UpstreamError
from gateway.wire.exchange import Delta, StreamEvent
from gateway.wire.streaming import JsonStream, parse_event

if TYPE_CHECKING:
    from gateway.wire.exchange import Path
    from gateway.wire.sse import ServerEvent


class Said(JsonStream):
    """Every event says one thing; ``bye`` is the last."""

    ending = "bye"
    __slots__ = ("sent",)

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[StreamEvent] = []

    def _event(self, event: ServerEvent) -> StreamEvent:
        data = parse_event(event.data or b"")
        self._done = self._ended = data["say"] == "bye"
        return StreamEvent(event.raw, (Delta("say", data["say"], ("say",)),), data)

    def _note_sent(self, event: StreamEvent) -> None:
        self.sent.append(event)

    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        return repr(changed).encode() if changed else event.raw


def line(word: str) -> bytes:
    return b'data: {"say":"%b"}\n\n' % word.encode()


def test_nothing_after_the_last_event_is_read() -> None:
    reader = Said()
    events = [*reader.feed(line("hi") + line("bye") + line("more")), *reader.feed(line("more"))]
    assert [event.data["say"] for event in events] == ["hi", "bye"]
    assert reader.finish() == ()


def test_an_end_before_the_last_event_is_an_error() -> None:
    reader = Said()
    reader.feed(line("hi"))
    with pytest.raises(UpstreamError, match="ended before bye"):
        reader.finish()


def test_an_event_leaves_as_it_came_unless_a_text_changed() -> None:
    reader = Said()
    (event,) = reader.feed(line("hi"))
    assert reader.rewrite(event, ["hi"]) == event.raw
    assert reader.rewrite(event, ["ho"]) == b"{('say',): 'ho'}"
    assert reader.sent == [event, event]
    with pytest.raises(InternalFault):
        reader.rewrite(event, [])


@pytest.mark.parametrize("raw", [b"{", b"[1]", b'"text"', b"NaN"])
def test_data_that_is_no_object_is_an_error(raw: bytes) -> None:
    with pytest.raises(UpstreamError):
        parse_event(raw)
