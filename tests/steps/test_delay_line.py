"""A stream leaves as it came, whatever the chunking, and nothing of a blocked span ever leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from decisions import allowing
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.scan.rewriting import rewrite
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, HoldBack, ScannerSpec
from gateway.wire.exchange import Delta, StreamEvent
from gateway.wire.formats import GEMINI, OPENAI

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.decision import Decision
    from gateway.wire.exchange import StreamReader

_SPECS = (
    ScannerSpec(
        "pii",
        "pii",
        frozenset({"answer"}),
        {"EMAIL_ADDRESS": EntityRule(Action.REDACT), "CREDIT_CARD": EntityRule(Action.BLOCK)},
    ),
)
_DONE = b"data: [DONE]\n\n"


@cache
def _engine() -> Engine:
    return Engine(_SPECS)


def _decision(on_error: Action = Action.BLOCK, scanners: Sequence[str] = ("pii",)) -> Decision:
    return allowing(*scanners, on_error=on_error)


def _event(delta: dict[str, Any], index: int = 0, finish: str | None = None) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    body = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _stream(pieces: Iterable[str], index: int = 0) -> bytes:
    events = [_event({"content": piece}, index) for piece in pieces]
    return b"".join((*events, _event({}, index, "stop"), _DONE))


def _run(
    raw: bytes, cuts: Iterable[int], decision: Decision | None = None
) -> tuple[bytes, DelayLine]:
    reader: StreamReader = OPENAI.stream_reader()
    line = DelayLine(reader, _engine(), decision or _decision())
    out, start = b"", 0
    for end in (*sorted({cut % (len(raw) + 1) for cut in cuts}), len(raw)):
        out += line.push(reader.feed(raw[start:end]))
        start = end
        if line.blocked:
            return out + reader.stop(), line
    return out + (line.final or b""), line


def _content(out: bytes, index: int = 0) -> str:
    text = ""
    for line in out.split(b"\n"):
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:])["choices"]:
                if choice["index"] == index:
                    text += choice["delta"].get("content") or ""
    return text


_TEXTS = st.lists(
    st.sampled_from(
        [
            "Hi ",
            "you ",
            "a@",
            "b.c",
            "bob@example.com",
            " is 4111 1111",
            " 1111 1111",
            "é😀",
            ". ",
            "",
        ]
    ),
    max_size=12,
)
_CUTS = st.lists(st.integers(0, 5000), max_size=12)


@given(pieces=_TEXTS, cuts=_CUTS)
@settings(max_examples=150, deadline=None)
def test_what_comes_out_is_the_scan_of_the_whole(pieces: list[str], cuts: list[int]) -> None:
    whole = "".join(pieces)
    scan = _engine().scan(whole, "answer", ("pii",))
    out, line = _run(_stream(pieces), cuts)
    assert line.blocked == (scan.action is Action.BLOCK)
    if line.blocked:
        first = min(one.start for one in scan.findings if one.action is Action.BLOCK)
        clean = _engine().scan(whole[:first], "answer", ("pii",))
        assert rewrite(whole[:first], clean.replacements).startswith(_content(out))
        assert b"content_filter" in out
    else:
        assert _content(out) == rewrite(whole, scan.replacements)
        assert out.endswith(_DONE)


@given(cuts=_CUTS)
@settings(max_examples=50, deadline=None)
def test_a_clean_stream_leaves_byte_for_byte(cuts: list[int]) -> None:
    raw = b":\n\n" + _stream(["Good ", "morning, ", "Ada ", "and 12 others", "!"])
    out, line = _run(raw, cuts)
    assert out == raw
    assert line.inspection().action is Action.ALLOW


def _gemini_stream(pieces: Sequence[str], *, always: bool) -> list[bytes]:
    """Events as Gemini sends them: nothing marks the end, and some models say STOP in each."""
    candidates: list[dict[str, Any]] = [
        {"content": {"parts": [{"text": piece}]}, "index": 0} for piece in pieces
    ]
    for candidate in candidates if always else candidates[-1:]:
        candidate["finishReason"] = "STOP"
    return [f"data: {json.dumps({'candidates': [one]})}\r\n\r\n".encode() for one in candidates]


def _gemini_said(out: bytes) -> tuple[str, str | None]:
    """The text of a stream, and why its candidate ended by the last event."""
    text, reason = "", None
    for line in out.splitlines():
        if line.startswith(b"data: {"):
            (candidate,) = json.loads(line[6:])["candidates"]
            parts = candidate.get("content", {}).get("parts", [])
            text += "".join(part["text"] for part in parts)
            reason = candidate.get("finishReason")
    return text, reason


@given(pieces=_TEXTS.filter(bool), cuts=_CUTS, always=st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_stream_that_marks_no_end_is_scanned_as_a_whole_too(
    pieces: list[str],
    cuts: list[int],
    always: bool,  # noqa: FBT001 - a value like the others
) -> None:
    raw, whole = b"".join(_gemini_stream(pieces, always=always)), "".join(pieces)
    reader = GEMINI.stream_reader()
    line = DelayLine(reader, _engine(), _decision())
    out, start = b"", 0
    for end in (*sorted({cut % (len(raw) + 1) for cut in cuts}), len(raw)):
        out, start = out + line.push(reader.feed(raw[start:end])), end
    if not line.blocked:
        out += line.push(reader.finish())
    scan = _engine().scan(whole, "answer", ("pii",))
    assert line.blocked == (scan.action is Action.BLOCK)
    if line.blocked:
        first = min(one.start for one in scan.findings if one.action is Action.BLOCK)
        clean = _engine().scan(whole[:first], "answer", ("pii",))
        text, reason = _gemini_said(out + reader.stop())
        assert rewrite(whole[:first], clean.replacements).startswith(text)
        assert reason == "SAFETY"
    else:
        assert line.final is not None
        said = rewrite(whole, scan.replacements)
        assert _gemini_said(out + line.final) == (said, "STOP")
        assert said != whole or out + line.final == raw


def test_what_may_be_the_end_is_no_part_of_an_event_that_a_stop_follows() -> None:
    reader = GEMINI.stream_reader()
    line = DelayLine(reader, _engine(), _decision())
    card = ("Mail bob, card 4111 ", "1111 1111", " 1111 is mine. ", "Bye.")
    out = b"".join(line.push(reader.feed(one)) for one in _gemini_stream(card, always=True))
    assert line.blocked
    assert _gemini_said(out) == ("", None)
    assert _gemini_said(out + reader.stop()) == ("", "SAFETY")


def test_an_event_leaves_once_its_text_is_settled() -> None:
    reader = OPENAI.stream_reader()
    line = DelayLine(reader, _engine(), _decision())
    first, second = _event({"content": "mail bob"}), _event({"content": "@example.com, ok? "})
    assert line.push(reader.feed(first)) == b""
    assert _content(line.push(reader.feed(second))) == "mail [EMAIL_ADDRESS], ok? "


def test_comments_do_not_wait_behind_held_text() -> None:
    reader = OPENAI.stream_reader()
    line = DelayLine(reader, _engine(), _decision())
    line.push(reader.feed(_event({"content": "mail bob"})))
    # The text of a comment is read by nobody, so it does not pass.
    assert line.push(reader.feed(b": keep-alive\n\n")) == b":\n\n"


def test_the_last_event_is_kept_for_the_caller() -> None:
    reader = OPENAI.stream_reader()
    line = DelayLine(reader, _engine(), _decision())
    out = line.push(reader.feed(_stream(["Hi."])))
    assert line.final == _DONE
    assert _DONE not in out


def test_interleaved_choices_are_texts_of_their_own() -> None:
    events = [
        _event({"content": "a@exam"}, 0),
        _event({"content": "b@exam"}, 1),
        _event({"content": "ple.com "}, 0),
        _event({"content": "ple.org "}, 1),
        _event({}, 0, "stop"),
        _event({}, 1, "stop"),
        _DONE,
    ]
    out, line = _run(b"".join(events), [])
    assert (_content(out, 0), _content(out, 1)) == ("[EMAIL_ADDRESS] ", "[EMAIL_ADDRESS] ")
    assert line.inspection().findings[0].where == "/choices/0/content"


def test_findings_coverage_and_texts_are_accounted_for() -> None:
    _, line = _run(_stream(["to a@example.com", " and b@example.com."]), [])
    inspection = line.inspection()
    assert [(one.entity, one.count) for one in inspection.findings] == [("EMAIL_ADDRESS", 2)]
    assert inspection.coverage.chars == inspection.coverage.scanned == 35
    assert inspection.coverage.scanners == {"pii": "hit"}
    assert line.texts() == {"choices/0/content": "to a@example.com and b@example.com."}
    assert {one["text"] for one in inspection.matched} == {"a@example.com", "b@example.com"}


def test_without_scanners_the_stream_passes_and_says_so() -> None:
    raw = _stream(["card 4111 1111 1111 1111"])
    out, line = _run(raw, [], _decision(scanners=()))
    assert out == raw
    assert line.inspection().coverage.scanned == 0


@pytest.mark.parametrize("on_error", [Action.BLOCK, Action.ALLOW])
def test_a_scanner_that_fails_acts_as_the_policy_says(
    monkeypatch: pytest.MonkeyPatch, on_error: Action
) -> None:
    def broken(_self: object, _text: str) -> None:
        raise ValueError("secret words")

    monkeypatch.setattr("gateway.scan.stream.StreamScanner.feed", broken)
    raw = _stream(["Hi"])
    out, line = _run(raw, [], _decision(on_error))
    assert line.blocked == (on_error is Action.BLOCK)
    assert line.inspection().coverage.scanners == {"pii": "error"}
    assert ("Hi" in _content(out)) == (on_error is Action.ALLOW)


@pytest.mark.parametrize(
    "between",
    [
        _event({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}"}}]}),
        _event({}, finish="stop"),
    ],
    ids=["a call of a tool", "an end"],
)
def test_a_value_that_goes_on_after_something_else_does_not_slip_through(between: bytes) -> None:
    first, second = _event({"content": "it is 4111 1111 "}), _event({"content": "1111 1111"})
    out, line = _run(b"".join([first, between, second, _event({}, finish="stop"), _DONE]), [])
    assert line.blocked
    assert _content(out) == "it is 4111 1111 "
    assert line.texts()["choices/0/content"] == "it is 4111 1111 1111 1111"


# Stand-ins.

_NAMES = Pseudonyms(b"k" * 32)
_STAND_IN = _NAMES.issue(
    Replacement(0, 0, "tokenise", "EMAIL_ADDRESS"), 'ann "a" <ann@example.com>'
)


@cache
def _tokenising() -> Engine:
    entities = {"EMAIL_ADDRESS": EntityRule(Action.TOKENISE)}
    return Engine([ScannerSpec("pii", "pii", frozenset({"user"}), entities)])


def _restored(events: Iterable[bytes], cuts: Iterable[int]) -> tuple[bytes, DelayLine]:
    reader: StreamReader = OPENAI.stream_reader()
    raw = b"".join((*events, _DONE))
    line = DelayLine(reader, _tokenising(), _decision(), _NAMES)
    out, start = b"", 0
    for end in (*sorted({cut % (len(raw) + 1) for cut in cuts}), len(raw)):
        out += line.push(reader.feed(raw[start:end]))
        start = end
    return out + (line.final or b""), line


@given(cuts=_CUTS, pieces=st.lists(st.integers(1, 9), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_a_stand_in_is_turned_back_across_events(cuts: list[int], pieces: list[int]) -> None:
    text, said, at = f"Write to {_STAND_IN}, please.", [], 0
    for size in pieces:
        said.append(text[at : at + size])
        at += size
    events = [_event({"content": piece}) for piece in (*said, text[at:])]
    out, line = _restored([*events, _event({}, finish="stop")], cuts)
    assert _content(out) == 'Write to ann "a" <ann@example.com>, please.'
    assert line.inspection().action is Action.ALLOW
    assert line.inspection().coverage.scanned == 0


def test_inside_the_arguments_of_a_tool_it_is_turned_back_as_json() -> None:
    arguments = json.dumps({"to": f"Dr {_STAND_IN}"})
    events = [
        _event({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        for piece in (arguments[:12], arguments[12:30], arguments[30:])
    ]
    out, _ = _restored([*events, _event({}, finish="tool_calls")], [])
    got = ""
    for line in out.split(b"\n"):
        if line.startswith(b"data: {"):
            for call in json.loads(line[6:])["choices"][0]["delta"].get("tool_calls", ()):
                got += call["function"]["arguments"]
    assert json.loads(got) == {"to": 'Dr ann "a" <ann@example.com>'}


def test_a_tools_name_keeps_its_stand_in() -> None:
    call = {"index": 0, "function": {"name": _STAND_IN, "arguments": "{}"}}
    out, line = _restored([_event({"tool_calls": [call]}), _event({}, finish="tool_calls")], [])
    assert _STAND_IN in out.decode()
    assert not line.blocked


def test_a_stand_in_of_somebody_else_stays_and_is_flagged() -> None:
    events = [_event({"content": "<EMAIL_ADDRESS_0123456789> "}), _event({}, finish="stop")]
    out, line = _restored(events, [])
    assert _content(out) == "<EMAIL_ADDRESS_0123456789> "
    assert [(one.entity, one.action) for one in line.inspection().findings] == [
        ("UNKNOWN_STAND_IN", "flag")
    ]


# What is said twice, and what waits.


def _whole(channel: str, text: str, *, again: bool) -> StreamEvent:
    data = {"text": text}
    delta = Delta(channel, text, ("text",), again=again)
    return StreamEvent(b"raw", (delta,), data, (channel,))


def test_what_is_said_again_is_counted_once_unless_it_differs() -> None:
    line = DelayLine(OPENAI.stream_reader(), _engine(), _decision())
    line.push([_whole("a", "to a@example.com", again=False)])
    line.push([_whole("b", "to a@example.com", again=True)])
    assert line.texts() == {"a": "to a@example.com"}
    assert [one.count for one in line.inspection().findings] == [1]
    line.push([_whole("c", "to b@example.com", again=True)])
    assert set(line.texts()) == {"a", "c"}
    assert line.inspection().coverage.chars == 32


def test_who_waits_too_long_is_blocked_and_nothing_of_it_leaves() -> None:
    reader = OPENAI.stream_reader()
    line = DelayLine(reader, _engine(), _decision())
    out = line.push(reader.feed(_event({"content": "so "}) + _event({"content": "bob@exam"})))
    assert _content(out) == "so "
    assert line.waiting == 1
    line.give_up()
    assert line.blocked
    assert [one.entity for one in line.inspection().findings] == ["UNDECIDED"]


def test_a_policy_says_how_much_may_wait() -> None:
    reader = OPENAI.stream_reader()
    decision = replace(_decision(), hold_back=HoldBack(chars=10))
    line = DelayLine(reader, _engine(), decision)
    line.push(reader.feed(_event({"content": "a" * 11})))
    assert line.blocked
