from __future__ import annotations

import orjson
from audit_folder import call_of

from gateway.audit.record import FindingNote
from gateway.cli.audit_shown import console, row, safe, table


def test_a_row_has_a_value_for_each_column() -> None:
    found = FindingNote("pii", "CREDIT_CARD", "/x", 1, "block")
    header = orjson.loads(call_of("bob", findings=(found, found)).to_header("w", 1))
    shown = row(header)
    assert len(shown) == len(table().columns)
    assert shown[1:8] == (
        "outcome", "bob", "chat.completions", "gpt-5-mini", "allow", "200", "CREDIT_CARD",
    )  # fmt: skip
    assert row({**header, "actor": None, "model": None})[2:5] == ("-", "chat.completions", "-")


def test_what_a_terminal_would_obey_is_replaced() -> None:
    assert safe("a\x1b[31mb\nc\x07") == "a\ufffd[31mb\nc\ufffd"


def test_a_pipe_gets_whole_lines() -> None:
    assert console().width >= 400
