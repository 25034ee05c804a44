"""A stream leaves as it came, whatever the chunking, and nothing of a blocked span ever leaves."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.decision import Decision
from gateway.scan.engine import Engine
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.formats import OPENAI

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    return Decision(
        allowed=True,
        rules=("r",),
        reason="",
        message=None,
        scanners=tuple(scanners),
        capture="sealed",
        on_scanner_error=on_error,
    )


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
        assert (clean.text or whole[:first]).startswith(_content(out))
        assert b"content_filter" in out
    else:
        assert _content(out) == (whole if scan.text is None else scan.text)
        assert out.endswith(_DONE)


@given(cuts=_CUTS)
@settings(max_examples=50, deadline=None)
def test_a_clean_stream_leaves_byte_for_byte(cuts: list[int]) -> None:
    raw = b":\n\n" + _stream(["Good ", "morning, ", "Ada ", "and 12 others", "!"])
    out, line = _run(raw, cuts)
    assert out == raw
    assert line.inspection().action is Action.ALLOW


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
