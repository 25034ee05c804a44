"""How much one stream may make the delay line hold, and texts that only share a name."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from decisions import allowing
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamError
from gateway.scan.engine import Engine
from gateway.scan.patience import patience
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, HoldBack, ScannerSpec
from gateway.wire.exchange import Delta, StreamEvent
from gateway.wire.formats import ANTHROPIC, OPENAI

DECISION = allowing("pii")


@cache
def engine() -> Engine:
    entities = {"EMAIL_ADDRESS": EntityRule(Action.REDACT)}
    return Engine([ScannerSpec("pii", "pii", frozenset({"answer"}), entities)])


def line_of(reader: Any, chars: int = 20_000) -> DelayLine:
    return DelayLine(reader, engine(), replace(DECISION, hold_back=HoldBack(chars)))


def chunk(delta: dict[str, Any], index: int = 0) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": None}
    return b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n"


def calls(*indices: int) -> bytes:
    return chunk({"tool_calls": [{"index": at, "function": {"arguments": '{"'}} for at in indices]})


@pytest.mark.parametrize(
    "events",
    [
        [calls(at) for at in range(5000)],
        [calls(*range(5000))],
        [chunk({"content": "bob@exam"}, index) for index in range(1000)] + [calls(*range(100))],
        [chunk({f"x{at}": "bob@exam"}) for at in range(5000)],
    ],
    ids=["calls one by one", "calls at once", "choices", "unknown members"],
)
def test_an_upstream_that_opens_ever_more_texts_is_no_upstream(events: list[bytes]) -> None:
    reader = OPENAI.stream_reader()
    line = line_of(reader)
    with pytest.raises(UpstreamError, match="too many texts"):
        assert not any(b"bob" in line.push(reader.feed(event)) for event in events)


def whole(number: int, text: str) -> StreamEvent:
    delta = Delta("name", text, ("text",), whole=True)
    return StreamEvent(b"%d." % number, (delta,), {"text": text}, ("name",))


def test_texts_that_stand_whole_in_events_are_many_and_then_too_many() -> None:
    line = line_of(OPENAI.stream_reader())
    events = (whole(number, "a") for number in range(100_000))
    assert line.push(events).endswith(b"99999.")
    with pytest.raises(UpstreamError, match="too many texts"):
        line.push([whole(100_000, "a")])


def test_what_has_left_is_no_longer_held_and_still_told() -> None:
    line = line_of(OPENAI.stream_reader())
    assert b"[EMAIL_ADDRESS]" in line.push([whole(1, "bob@example.com")])
    assert line.waiting == 0
    (found,) = line.inspection().findings
    assert (found.where, found.count) == ("/name", 1)
    assert line.inspection().coverage.chars == len("bob@example.com")


def test_texts_that_share_a_name_are_told_apart() -> None:
    reader = ANTHROPIC.stream_reader()
    line = line_of(reader)
    for index, name in enumerate(["ping", "pong"]):
        block = {"type": "tool_use", "id": f"t{index}", "name": name, "input": {}}
        event = {"type": "content_block_start", "index": index, "content_block": block}
        line.push(reader.feed(b"data: " + json.dumps(event).encode() + b"\n\n"))
    assert [text for text in line.texts().values() if text in {"ping", "pong"}] == ["ping", "pong"]
    assert "pingpong" not in line.texts().values()


def test_of_arguments_each_value_is_a_text_of_the_answer() -> None:
    reader = OPENAI.stream_reader()
    line = line_of(reader)
    said = '{"to": "x\\u0040y"}'
    call = {"index": 0, "function": {"name": "f", "arguments": said}}
    line.push(reader.feed(chunk({"tool_calls": [call]})))
    assert [text.value for text in line.answer()] == ["f", "to", "x@y"]
    assert said in line.texts().values()


def said(text: str, index: int) -> bytes:
    return chunk({"content": text}, index)


def held(events: list[bytes], chars: int) -> tuple[int, bytes, DelayLine]:
    """The most characters that waited, what left, and the line."""
    reader = OPENAI.stream_reader()
    line, out, most, came = line_of(reader, chars), b"", 0, 0
    for event in events:
        out += line.push(reader.feed(event))
        came += len(json.loads(event[6:])["choices"][0]["delta"]["content"])
        left = (json.loads(one[6:]) for one in out.split(b"\n\n")[:-1])
        most = max(most, came - sum(len(one["choices"][0]["delta"]["content"]) for one in left))
        if line.blocked:
            break
    return most, out, line


@pytest.mark.parametrize(
    "events",
    [
        [said(" bob@exam", at) for at in range(1000)],
        [said(" bob@exam", 0), *(said("word ", 1) for _ in range(1000))],
        [said(" bob@exam", 0), *(said("word ", 1 + at % 50) for at in range(1000))],
    ],
    ids=["each a little", "one and much behind it", "one and many behind it"],
)
def test_all_texts_together_may_hold_as_much_as_sixteen(events: list[bytes]) -> None:
    most, out, line = held(events, 100)
    assert line.blocked
    assert 1600 < most <= 1600 + len(" bob@exam")
    assert b"bob" not in out
    assert b"word" not in out
    found = {(note.entity, note.action) for note in line.inspection().findings}
    assert found == {("UNDECIDED", "block")}


@given(st.lists(st.tuples(st.sampled_from(["word ", "bob@exam", ". "]), st.integers(0, 9))))
def test_what_waits_is_bounded_however_texts_take_turns(turns: list[tuple[str, int]]) -> None:
    most, _, line = held([said(text, index) for text, index in turns], 2)
    assert most <= 2 * 16 + len("bob@exam")
    assert line.blocked or most <= 2 * 16


def test_what_leaves_at_once_counts_for_nothing() -> None:
    reader = OPENAI.stream_reader()
    line = line_of(reader, 100)
    bunch = b"".join(said("A word. ", at % 7) for at in range(1000))
    assert line.push(reader.feed(bunch)).count(b"A word") == 1000
    assert not line.blocked


def test_attack_an_event_that_takes_too_long_to_read_ends_the_stream() -> None:
    line = line_of(OPENAI.stream_reader())
    with patience(1e-9):
        assert line.push([whole(1, "bob@example.com " * 1000)]) == b""
    assert line.blocked
    found = line.inspection()
    assert (found.action, found.coverage.scanners) == (Action.BLOCK, {"pii": "timeout"})


@pytest.mark.parametrize("later", [{"content": "bob@example.org"}, {}])
def test_bug_what_came_with_a_text_that_could_not_be_read_left_unread_and_without_a_stop(
    later: dict[str, str],
) -> None:
    reader = OPENAI.stream_reader()
    line = line_of(reader)
    dear, end = chunk({"content": "bob@example.com " * 1000}), b"data: [DONE]\n\n"
    finish = {"index": 0, "delta": {}, "finish_reason": "stop"}
    finished = b"data: " + json.dumps({"id": "c", "choices": [finish]}).encode() + b"\n\n"
    with patience(1e-9):
        assert line.push(reader.feed(dear + finished + chunk(later) + end)) == b""
    assert line.blocked
    assert line.final is None
    assert reader.stop().count(b"content_filter") == 1
