from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.record import (
    MAX_HEADER,
    Actor,
    Coverage,
    FindingNote,
    PolicyNote,
    Record,
    SealedNote,
    ShadowNote,
    Source,
    Stage,
    Timing,
    TokenUsage,
)

_NAMES = [
    "id", "time", "stage", "request", "writer", "wseq", "tenant", "actor", "source", "route",
    "format", "upstream", "model", "stream", "decision", "rules", "findings", "coverage", "usage",
    "status", "error", "timing", "policy", "shadow", "sealed",
]  # fmt: skip


def _read(record: Record) -> dict[str, Any]:
    raw = record.to_header("w", 1)
    assert len(raw) <= MAX_HEADER
    assert b"\n" not in raw
    header: dict[str, Any] = orjson.loads(raw)
    return header


def _finding(where: str) -> FindingNote:
    return FindingNote("pii", "EMAIL_ADDRESS", where, 0.5, "flag")


def test_a_header_has_exactly_its_names_in_their_order() -> None:
    assert list(_read(Record("intent"))) == _NAMES


def test_the_manual_explains_every_name_and_stage() -> None:
    manual = (Path(__file__).parents[2] / "docs/audit.md").read_text()
    table = manual.partition("## What is recorded")[2].partition("## How it is sealed")[0]
    for word in (*_NAMES, *get_args(Stage), "detail", "omitted"):
        assert f"`{word}`" in table


def test_a_full_header_says_what_happened() -> None:
    record = Record(
        "outcome",
        request="r",
        tenant="acme",
        actor=Actor("alice", "https://id.example", ("dev",)),
        source=Source("192.0.2.1", "curl/8"),
        route="chat.completions",
        format="openai",
        upstream="openai",
        model="gpt-5-mini",
        stream=True,
        decision="redact",
        rules=("chat",),
        findings=(
            FindingNote("pii", "EMAIL_ADDRESS", "/messages/0/content", 0.87654, "redact", 2),
        ),
        coverage=Coverage(10, 10, {"pii": "hit"}),
        usage=TokenUsage(3, 4),
        status=200,
        timing=Timing(1.23456, 2.0, None),
        policy=PolicyNote(42, "ab"),
        shadow=(ShadowNote("strict", "block", "injection"),),
    )
    header = orjson.loads(record.to_header("w", 7, SealedNote("s", "ff", 9)))
    assert header["actor"] == {"subject": "alice", "issuer": "https://id.example", "roles": ["dev"]}
    assert header["findings"] == [
        {"scanner": "pii", "entity": "EMAIL_ADDRESS", "where": "/messages/0/content",
         "score": 0.877, "action": "redact", "count": 2}
    ]  # fmt: skip
    assert header["coverage"] == {"chars": 10, "scanned": 10, "scanners": {"pii": "hit"}}
    assert header["usage"] == {"input_tokens": 3, "output_tokens": 4}
    assert header["timing"] == {"gateway_ms": 1.235, "upstream_ms": 2.0, "first_byte_ms": None}
    assert header["policy"] == {"revision": 42, "digest": "ab"}
    assert header["shadow"] == [
        {"rule": "strict", "decision": "block", "scanner": "injection", "entity": None}
    ]
    assert header["sealed"] == {"segment": "s", "sha256": "ff", "bytes": 9}
    assert (header["writer"], header["wseq"]) == ("w", 7)


def test_the_time_is_the_ids_own() -> None:
    record = Record("intent", id="01a20a74-3d04-7df6-ac9d-ea76320f314d")
    assert record.time == "2026-11-23T22:08:39.684Z"
    made = datetime.fromisoformat(Record("intent").time)
    assert abs(datetime.now(UTC) - made) < timedelta(seconds=5)


def test_what_a_client_sends_is_bounded_and_printable() -> None:
    agent = "evil\x1b[2J\u202e\ud800" + "x" * 500
    header = _read(Record("intent", source=Source("::1", agent), model="m" * 129))
    assert header["source"]["user_agent"].startswith("evil\ufffd[2J\ufffd\ufffdxxx")
    assert len(header["source"]["user_agent"]) == 256
    assert header["model"] == "m" * 127 + "\u2026"


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("/messages/3/content/0/text", "/messages/3/content/0/text"),
        ("/contents/0/parts/1/functionResponse", "/contents/0/parts/1/functionResponse"),
        ("/metadata/alice@example.com", "/metadata/*"),
        ("/x/4111111111111111", "/x/*"),
        ("/x/AKIA1234", "/x/*"),
        ("/function/arguments#/alice/0/b", "/function/arguments#/*/0/*"),
    ],
)
def test_a_place_never_spells_a_clients_words(where: str, shown: str) -> None:
    assert _read(Record("intent", findings=(_finding(where),)))["findings"][0]["where"] == shown


def test_long_lists_are_cut_and_counted() -> None:
    header = _read(Record("intent", findings=tuple(_finding(f"/{n}") for n in range(10_000))))
    assert len(header["findings"]) + header["omitted"]["findings"] == 10_000
    assert len(header["findings"]) == 256


def test_the_largest_header_still_fits() -> None:
    wide = "\U0001f600" * 2000
    record = Record(
        "policy.refused",
        request=wide,
        tenant=wide,
        actor=Actor(wide, wide, (wide,) * 1000),
        source=Source(wide, wide),
        findings=(FindingNote(wide, wide, "/a" * 2000, 1, "flag"),) * 1000,
        rules=(wide,) * 1000,
        coverage=Coverage(1, 1, {f"{n}{wide}": wide for n in range(1000)}),
        error=wide,
        shadow=(ShadowNote(wide, "block", wide, wide),) * 1000,
        detail={str(n): wide for n in range(1000)},
    )
    header = _read(record)
    assert header["omitted"]["findings"] >= 744
    assert header["detail"] is None


def test_numbers_that_a_provider_invents_are_bounded() -> None:
    header = _read(Record("outcome", usage=TokenUsage(10**40, -(10**40))))
    assert header["usage"] == {"input_tokens": 2**53 - 1, "output_tokens": -(2**53) + 1}


def test_a_control_event_has_details() -> None:
    detail = {"errors": ["rules.yaml:3:1: unknown key"], "deep": {"a": [1, None, 2.5]}}
    assert _read(Record("policy.refused", detail=detail))["detail"] == detail


@settings(max_examples=60)
@given(st.text(), st.lists(st.text(), max_size=5), st.text(), st.integers())
def test_every_text_makes_a_header(text: str, many: list[str], where: str, number: int) -> None:
    record = Record(
        "intent",
        request=text,
        actor=Actor(text, None, tuple(many)),
        source=Source(text, text),
        model=text,
        rules=tuple(many),
        findings=(FindingNote(text, text, where, 0.5, "flag", number),),
        usage=TokenUsage(number),
        error=text,
    )
    assert list(_read(record)) == _NAMES
