"""The common part of the stream readers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.errors import BadRequest, InternalFault, UpstreamError
from gateway.ingress.strict_json import loads
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


WORDS = st.text(st.sampled_from('ab": ,{}\\é'), max_size=6)
MEMBERS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", 'a": ', ", "]) | WORDS,
        WORDS | st.integers(-2, 2) | st.dictionaries(WORDS, WORDS, max_size=2),
    ),
    max_size=4,
)


@given(MEMBERS, st.sampled_from([":", ": ", " :", ":  "]), st.sampled_from([",", ", ", " ,"]))
@example([("a", 1), ("a", 2)], ": ", ", ")
@example([('a": ', 1), ('a":', 2)], ": ", ",")
@example([('a", ', 1), ('a",', 2)], ":", ", ")
def test_an_event_in_any_spelling_is_taken_exactly_where_strict_json_is(
    members: list[tuple[str, Any]], colon: str, comma: str
) -> None:
    pairs = (json.dumps(key) + colon + json.dumps(value) for key, value in members)
    raw = ("{" + comma.join(pairs) + "}").encode()
    try:
        wanted = loads(raw)
    except BadRequest:
        with pytest.raises(UpstreamError):
            parse_event(raw)
    else:
        assert parse_event(raw) == wanted
