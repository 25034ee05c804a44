"""Streams that say every text several times: each time the same comes out, or nothing of it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from decisions import allowing
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.responses_api import events
from gateway.scan.channel import Channel
from gateway.scan.engine import Engine
from gateway.scan.rewriting import rewrite
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.openai_responses import OpenAIResponses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENTITIES = {"EMAIL_ADDRESS": EntityRule(Action.REDACT), "CREDIT_CARD": EntityRule(Action.BLOCK)}
DECISION = allowing("pii")
WORDS = ("Hi ", "you ", "a@", "b.c", "bob@example.com", "é😀", ". ", '"', " 11")
CARD = (" is 4111 1111", " 1111 1111")
CARD_DIGITS = b"4111 1111 1111 1111"
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(tuple)
RISKY = st.lists(st.sampled_from((*WORDS, *CARD)), max_size=10).map(tuple)
CUTS = st.lists(st.integers(0, 20_000), max_size=12)


@cache
def engine() -> Engine:
    return Engine((ScannerSpec("pii", "pii", frozenset({"answer"}), ENTITIES),))


def streamed(reply: DemoReply) -> bytes:
    return b"".join(events(DemoRequest("openai", "demo-small", ()), reply, 1))


def run(raw: bytes, cuts: Iterable[int]) -> tuple[bytes, DelayLine]:
    reader = OpenAIResponses().stream_reader()
    line = DelayLine(reader, engine(), DECISION)
    out, start = b"", 0
    for end in (*sorted({cut % (len(raw) + 1) for cut in cuts}), len(raw)):
        out += line.push(reader.feed(raw[start:end]))
        start = end
        if line.blocked:
            return out + reader.stop(), line
    return out + (line.final or b""), line


def told(out: bytes) -> list[dict[str, Any]]:
    found = [json.loads(line[6:]) for line in out.splitlines() if line.startswith(b"data: ")]
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def pieces(found: list[dict[str, Any]], kind: str) -> str:
    return "".join(one["delta"] for one in found if one["type"] == f"response.{kind}.delta")


def repeated(found: list[dict[str, Any]], kind: str, members: tuple[Any, ...]) -> Iterator[str]:
    """A text wherever it is said whole: done, with its item, and in the answer."""
    for event in found:
        items = event.get("response", {}).get("output", [])
        if event["type"] == f"response.{kind}.done":
            yield event.get("text") or event.get("arguments") or ""
        elif event["type"] == "response.output_item.done":
            items = [event["item"]]
        for item in items:
            for member in members:
                item = item.get(member) if isinstance(item, dict) else item[member]  # noqa: PLW2901 - going down
                if item is None:
                    break
            else:
                yield item


LONG = "Nothing is to be found in this sentence, however long it may get. "
ENDS = TEXTS | TEXTS.map(lambda words: (LONG[:40], LONG[40:], *words))


@given(thinking=ENDS, text=ENDS, argument=ENDS.map("".join), cuts=CUTS)
@settings(max_examples=200, deadline=None)
def test_every_repetition_is_the_scan_of_the_whole(
    thinking: tuple[str, ...], text: tuple[str, ...], argument: str, cuts: list[int]
) -> None:
    call = ToolCall("f", json.dumps({"a": argument}, ensure_ascii=False))
    out, line = run(streamed(DemoReply(text, thinking=thinking, tool_calls=(call,))), cuts)
    found = told(out)
    assert found[-1]["type"] == "response.completed"
    for kind, members, said in (
        ("reasoning_summary_text", ("summary", 0, "text"), "".join(thinking)),
        ("output_text", ("content", 0, "text"), "".join(text)),
        ("function_call_arguments", ("arguments",), call.json),
    ):
        expected = rewrite(said, engine().scan(said, "answer", ("pii",)).replacements)
        assert pieces(found, kind) == expected
        times = list(repeated(found, kind, members))
        assert times == [expected] * (3 if said else len(times))
    assert b"bob@example.com" not in out
    assert not line.blocked


@given(thinking=RISKY, text=RISKY, cuts=CUTS)
@settings(max_examples=150, deadline=None)
def test_nothing_of_a_blocked_text_is_said_not_even_once(
    thinking: tuple[str, ...], text: tuple[str, ...], cuts: list[int]
) -> None:
    out, line = run(streamed(DemoReply(text, thinking=thinking)), cuts)
    said = ["".join(thinking), "".join(text)]
    scans = [engine().scan(one, "answer", ("pii",)) for one in said]
    assert line.blocked == any(scan.action is Action.BLOCK for scan in scans)
    if not line.blocked:
        return
    found = told(out)
    # Joined to a word, the digits are no card, and may leave where they are that.
    clean = [one for one, scan in zip(said, scans, strict=True) if scan.action < Action.BLOCK]
    assert CARD_DIGITS not in out or any(CARD_DIGITS.decode() in one for one in clean)
    assert b"bob@example.com" not in out
    last = found[-1]
    assert (last["type"], last["response"]["status"]) == ("response.incomplete", "incomplete")
    heard = pieces(found, "output_text")
    assert all(one == heard for one in repeated(found, "output_text", ("content", 0, "text")))
    opened = [one["output_index"] for one in found if one["type"] == "response.output_item.added"]
    closed = [one["output_index"] for one in found if one["type"] == "response.output_item.done"]
    assert sorted(closed) == opened == list(range(len(last["response"]["output"])))


@given(cuts=CUTS)
@settings(max_examples=60, deadline=None)
def test_a_clean_stream_leaves_byte_for_byte(cuts: list[int]) -> None:
    call = ToolCall("f", {"a": "x"})
    raw = streamed(DemoReply(("Hello ", "there."), thinking=("Hm ", "hm"), tool_calls=(call,)))
    assert run(raw, cuts)[0] == raw


@pytest.mark.parametrize(
    ("end", "times"), [("", 3), ("bob@example.com", 1 + 5 + 4)], ids=["clean", "with a value"]
)
@pytest.mark.parametrize("cuts", [(), range(0, 20_000, 50)], ids=["at once", "in pieces"])
def test_what_was_clean_where_it_was_said_first_is_not_read_again(
    monkeypatch: pytest.MonkeyPatch, cuts: Iterable[int], end: str, times: int
) -> None:
    read: list[str] = []
    advance = Channel.advance

    def counted(self: Channel, text: str, *, final: bool, now: bool = False) -> Any:
        read.append(text)
        return advance(self, text, final=final, now=now)

    monkeypatch.setattr(Channel, "advance", counted)
    call = ToolCall("f", {"a": LONG + end})
    out, line = run(
        streamed(DemoReply((LONG, end), thinking=(LONG[:66],), tool_calls=(call,))), cuts
    )
    assert not line.blocked
    # A thought, what is said, and an argument; the last two over and over where there is a value.
    assert "".join(read).count(LONG[:66]) == times
    assert b"bob" not in out
    assert line.inspection().coverage.chars > 3 * len(LONG)


def test_what_went_on_after_its_end_is_read_again() -> None:
    """The end that left is no proof of the whole: ``bob@`` and ``example.com`` are an address."""
    reader = OpenAIResponses().stream_reader()
    line = DelayLine(reader, engine(), DECISION)
    at = {"item_id": "m", "output_index": 0, "content_index": 0}
    said = [LONG + "bob@", "example.com"]
    came: list[dict[str, Any]] = [
        {"type": "response.output_text.delta", **at, "delta": said[0]},
        {"type": "response.output_text.done", **at, "text": said[0]},
        {"type": "response.output_text.delta", **at, "delta": said[1]},
        {"type": "response.output_text.done", **at, "text": "".join(said)},
        {"type": "response.completed", "response": {"id": "r", "output": []}},
    ]
    out = b""
    for event in came:
        raw = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        out += line.push(reader.feed(raw))
    assert line.blocked
    assert LONG.encode() in out
    assert b"example.com" not in out


def test_what_is_said_four_times_is_found_once() -> None:
    raw = streamed(DemoReply(("to bob@", "example.com")))
    _, line = run(raw, ())
    result = line.inspection()
    assert [(one.entity, one.count, one.where) for one in result.findings] == [
        ("EMAIL_ADDRESS", 1, "/output/0/content/0/text")
    ]
    assert result.coverage.chars == len("to bob@example.com")
    assert line.texts() == {"output/0/content/0/text": "to bob@example.com"}
