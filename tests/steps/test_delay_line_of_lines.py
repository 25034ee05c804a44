"""A stream of lines of JSON leaves as exactly as one of server-sent events."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from decisions import allowing
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.rewriting import rewrite
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.formats import OLLAMA

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTITIES = {"EMAIL_ADDRESS": EntityRule(Action.REDACT), "CREDIT_CARD": EntityRule(Action.BLOCK)}
_DECISION = allowing("pii")
_PIECES = st.lists(
    st.sampled_from(
        [
            "Hi ",
            "a@",
            "b.c",
            "bob@example.com",
            " is 4111 1111",
            " 1111 1111",
            "é😀\u2028",
            ". ",
            "",
        ]
    ),
    max_size=12,
)
_CUTS = st.lists(st.integers(0, 5000), max_size=12)


@cache
def _engine() -> Engine:
    return Engine([ScannerSpec("pii", "pii", frozenset({"answer"}), _ENTITIES)])


def _line(done: bool = False, **said: str) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as the API has it
    message = {"role": "assistant", "content": "", **said}
    return {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": done}


def _stream(pieces: Iterable[str], thoughts: Iterable[str] = (), last: str = "") -> bytes:
    lines = [_line(thinking=piece) for piece in thoughts]
    lines += [_line(content=piece) for piece in pieces]
    lines.append({**_line(done=True, content=last), "done_reason": "stop", "eval_count": 3})
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def _run(raw: bytes, cuts: Iterable[int]) -> tuple[bytes, DelayLine]:
    reader = OLLAMA.stream_reader()
    line = DelayLine(reader, _engine(), _DECISION)
    out, start = b"", 0
    for end in (*sorted({cut % (len(raw) + 1) for cut in cuts}), len(raw)):
        out += line.push(reader.feed(raw[start:end]))
        start = end
        if line.blocked:
            return out + reader.stop(), line
    return out + (line.final or b""), line


def _said(out: bytes, member: str) -> str:
    lines = [json.loads(line) for line in out.split(b"\n") if line]
    return "".join(line["message"].get(member, "") for line in lines)


@given(pieces=_PIECES, thoughts=_PIECES, last=st.sampled_from(["", "a@b.com", " 1111"]), cuts=_CUTS)
@settings(max_examples=150, deadline=None)
def test_what_comes_out_is_the_scan_of_the_whole(
    pieces: list[str], thoughts: list[str], last: str, cuts: list[int]
) -> None:
    texts = {"content": "".join([*pieces, last]), "thinking": "".join(thoughts)}
    scans = {key: _engine().scan(text, "answer", ("pii",)) for key, text in texts.items()}
    out, line = _run(_stream(pieces, thoughts, last), cuts)
    assert line.blocked == any(scan.action is Action.BLOCK for scan in scans.values())
    ending = json.loads(out.splitlines()[-1])
    assert ending["done"] is True
    assert ending["done_reason"] == ("content_filter" if line.blocked else "stop")
    for key, text in texts.items():
        blocks = [one.start for one in scans[key].findings if one.action is Action.BLOCK]
        told = _said(out, key)
        if blocks:
            clean = _engine().scan(text[: min(blocks)], "answer", ("pii",))
            assert rewrite(text[: min(blocks)], clean.replacements).startswith(told)
        elif line.blocked:
            assert rewrite(text, scans[key].replacements).startswith(told)
        else:
            assert told == rewrite(text, scans[key].replacements)


@given(cuts=_CUTS)
@settings(max_examples=50, deadline=None)
def test_a_clean_stream_leaves_byte_for_byte(cuts: list[int]) -> None:
    raw = _stream(["Good ", "morning, ", "Adä ", "and 12 others"], ["hm", "m"], "!")
    out, line = _run(raw, cuts)
    assert out == raw
    assert line.inspection().action is Action.ALLOW


def test_the_last_line_is_kept_for_the_caller_and_no_blank_line_is_made_of_nothing() -> None:
    reader = OLLAMA.stream_reader()
    line = DelayLine(reader, _engine(), _DECISION)
    raw = _stream(["Hi."], last=" Bye.")
    out = line.push(reader.feed(b"\n\n" + raw))
    assert line.final is not None
    assert out + line.final == raw
