"""How much one stream may make the delay line hold, and texts that only share a name."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from decisions import allowing

from gateway.errors import UpstreamError
from gateway.scan.engine import Engine
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.exchange import Delta, StreamEvent
from gateway.wire.formats import ANTHROPIC, OPENAI

DECISION = allowing("pii")


@cache
def engine() -> Engine:
    entities = {"EMAIL_ADDRESS": EntityRule(Action.REDACT)}
    return Engine([ScannerSpec("pii", "pii", frozenset({"answer"}), entities)])


def line_of(reader: Any) -> DelayLine:
    return DelayLine(reader, engine(), DECISION)


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
