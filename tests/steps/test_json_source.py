"""JSON that is none, and disguises of it: what is written and what is meant are both read."""

from __future__ import annotations

from functools import cache

import pytest

from gateway.scan.engine import Engine
from gateway.scan.rewriting import REDACTING, rewrite
from gateway.steps.json_source import scan_source
from gateway.terms import Action, EntityRule, ScannerSpec


@cache
def engine() -> Engine:
    entities = {
        "EMAIL_ADDRESS": EntityRule(Action.REDACT),
        "CREDIT_CARD": EntityRule(Action.REDACT),
    }
    return Engine([ScannerSpec("pii", "pii", frozenset({"answer"}), entities)])


def left_of(source: str) -> str:
    scan = scan_source(engine(), source, "answer", ("pii",), REDACTING)
    return rewrite(source, scan.replacements, REDACTING)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("{'to': 'bob@example.com'}", "{'to': '[EMAIL_ADDRESS]'}"),
        (r"{'a': '\u00004111 1111 1111 1111'}", r"{'a': '\u0000[CREDIT_CARD]'}"),
        (r"{'a': '\b4111 1111 1111 1111'}", r"{'a': '\b[CREDIT_CARD]'}"),
        (r"{'a': '4111\u00201111\u00201111\u00201111'}", "{'a': '[CREDIT_CARD]'}"),
        (r"{'a': 'bob\u0040example\u002ecom'}", "{'a': '[EMAIL_ADDRESS]'}"),
        (r"{'a': '\\n', }", r"{'a': '\\n', }"),
    ],
)
def test_what_either_reading_finds_is_taken_out(source: str, left: str) -> None:
    assert left_of(source) == left


def test_what_both_readings_find_is_found_once() -> None:
    source = r"{'a': 'bob@example.com\t', 'b': 'eve\u0040example.com'}"
    scan = scan_source(engine(), source, "answer", ("pii",), REDACTING)
    found = [source[one.start : one.end] for one in scan.findings]
    assert found == ["bob@example.com", r"eve\u0040example.com"]
    assert scan.action is Action.REDACT
