"""JSON that is none, and disguises of it: what is written and what is meant are both read."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from decisions import allowing

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.scan.rewriting import REDACTING, rewrite
from gateway.steps.inspection import inspect_now
from gateway.steps.json_source import scan_source
from gateway.terms import Action, EntityRule, Provenance, ScannerSpec
from gateway.wire.formats import OPENAI

if TYPE_CHECKING:
    from gateway.scan.rewriting import Words
    from gateway.steps.tally import Inspection

DECISION = allowing("pii")


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


# Whole answers and requests.

VALUE = 'ann "a" <ann@example.com>'
MAIL = Replacement(0, 0, "tokenise", "EMAIL_ADDRESS")


@cache
def tokenising() -> Engine:
    entities = {"EMAIL_ADDRESS": EntityRule(Action.TOKENISE)}
    both = frozenset[Provenance]({"answer", "assistant"})
    return Engine([ScannerSpec("pii", "pii", both, entities)])


def called(arguments: str) -> dict[str, Any]:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def inspected(
    arguments: str, words: Words = REDACTING, scanners: Engine | None = None
) -> tuple[Inspection, str]:
    """What was found in an answer's arguments, and what the client gets of them."""
    choice = {"index": 0, "message": called(arguments), "finish_reason": "tool_calls"}
    answer = OPENAI.read_answer({"id": "c", "object": "chat.completion", "choices": [choice]})
    found = inspect_now(scanners or engine(), DECISION, answer.texts, words)
    body = OPENAI.rewrite_answer(answer.body, found.replacements)
    (call,) = body["choices"][0]["message"]["tool_calls"]
    return found, call["function"]["arguments"]


@pytest.mark.parametrize(
    "arguments",
    [
        r"{'card': '\u00004111 1111 1111 1111'}",
        r'{"card": "\b4111 1111 1111 1111", }',
        r'{"card": "\u00004111 1111 1111 1111"',
        r'{"a": 1, "a": "\f4111 1111 1111 1111"}',
        r'{"a": "\ud83d", "b": "\b4111 1111 1111 1111"}',
        r'"\u00004111 1111 1111 1111"',
    ],
)
def test_escapes_hide_nothing_in_the_arguments_of_a_whole_answer(arguments: str) -> None:
    found, left = inspected(arguments)
    assert [one.entity for one in found.findings] == ["CREDIT_CARD"]
    assert "1111 1111" not in left


def test_a_plain_text_that_was_clean_does_not_speak_for_json_of_the_same_letters() -> None:
    source = r"{'card': '\u00004111 1111 1111 1111'}"
    scanners = Engine([ScannerSpec("pii", "pii", frozenset({"answer"}), {
        "CREDIT_CARD": EntityRule(Action.REDACT)
    })])  # fmt: skip
    choice = {"message": {"role": "assistant", "content": source}, "finish_reason": "stop"}
    answer = OPENAI.read_answer({"choices": [{"index": at, **choice} for at in range(64)]})
    for _ in range(2):
        inspect_now(scanners, DECISION, answer.texts)
    _, left = inspected(source, scanners=scanners)
    assert "1111" not in left


def test_a_value_is_put_back_into_json_that_is_none_as_json_writes_it() -> None:
    names = Pseudonyms(b"k" * 32)
    stand_in = names.issue(MAIL, VALUE)
    _, left = inspected(f'{{"to": "{stand_in}", }}', names.inward, tokenising())
    assert left == f'{{"to": {json.dumps(VALUE)}, }}'


def test_a_value_is_remembered_as_json_means_it() -> None:
    names = Pseudonyms(b"k" * 32)
    body = {"model": "m", "messages": [called(r"{'to': 'bob\u0040example.com'}")]}
    exchange = OPENAI.read(body)
    found = inspect_now(tokenising(), DECISION, exchange.texts, names.outward)
    (text,) = found.replacements.values()
    assert "bob" not in text
    assert list(names.issued.values.values()) == ["bob@example.com"]
