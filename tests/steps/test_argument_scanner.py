"""Arguments of tools in a stream: read value by value, and valid JSON whatever is replaced."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.steps.argument_scanner import ArgumentScanner, Means
from gateway.terms import Action, EntityRule, Provenance, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

VALUE = 'ann "a" <ann@example.com>\n'
CARD = "4111 1111 1111 1111"


@cache
def engine() -> Engine:
    entities = {
        "EMAIL_ADDRESS": EntityRule(Action.REDACT),
        "CREDIT_CARD": EntityRule(Action.BLOCK),
        "PHONE_NUMBER": EntityRule(Action.TOKENISE),
    }
    both = frozenset[Provenance]({"user", "answer"})
    account = {"ACCOUNT": "212555[0-9]{4}"}
    return Engine(
        [
            ScannerSpec("pii", "pii", both, entities),
            ScannerSpec("own", "pattern", both, action=Action.TOKENISE, patterns=account),
        ]
    )


def names() -> Pseudonyms:
    found = Pseudonyms(b"k" * 32)
    found.issue(Replacement(0, 0, "tokenise", "PHONE_NUMBER"), VALUE)
    return found


STAND_IN = names().issue(Replacement(0, 0, "tokenise", "PHONE_NUMBER"), VALUE)


def scanner(most_held: int = 1000) -> ArgumentScanner:
    return ArgumentScanner(Means(engine(), ("pii", "own"), names(), most_held))


def run(parts: Iterable[str], one: ArgumentScanner | None = None) -> tuple[str, ArgumentScanner]:
    """What leaves, letter by letter."""
    one = one or scanner()
    out = ""
    for part in parts:
        one.feed(part)
        out += "".join(one.take(1) for _ in range(one.settled))
    one.close()
    return out + "".join(one.take(1) for _ in range(one.settled)), one


@pytest.mark.parametrize(
    ("source", "leaves"),
    [
        (r'{"a":"x\nbob@example.com"}', r'{"a":"x\n[EMAIL_ADDRESS]"}'),
        (r'{"a":"\u00e9 bob\u0040example.com x"}', r'{"a":"\u00e9 [EMAIL_ADDRESS] x"}'),
        (r'{"a" : "\/ü\ud83d\ude00\t"  , "b":[1.50,true]}', None),
        (f'["{STAND_IN}"]', f"[{json.dumps(VALUE)}]"),
        (r'["\u003c' + STAND_IN[1:] + '"]', f"[{json.dumps(VALUE)}]"),
        ('{"n": 123456789, "s": "bob@", "t": "example.com"}', None),
        ('{"a":"bob@example', '{"a":"bob@example'),
    ],
)
def test_values_are_replaced_inside_of_their_json(source: str, leaves: str | None) -> None:
    for parts in ([source], source):
        out, one = run(parts)
        assert out == (leaves or source)
        assert not one.blocked


def test_a_number_that_is_replaced_becomes_a_string() -> None:
    out, one = run('{"call": -12125550123 , "n": 123456789}')
    told = json.loads(out)
    assert told["call"].startswith("-1<ACCOUNT_")
    assert told["n"] == 123456789
    assert one.chars == len("call-12125550123n123456789")


@pytest.mark.parametrize(
    ("source", "before"),
    [
        (f'{{"a":"my {CARD}"}}', '{"a":"my '),
        (r'{"a":"\u0000' + CARD + '"}', r'{"a":"\u0000'),
        ('{"a":[1,4111111111111111]}', '{"a":[1,'),
        ('{"bob@example.com":1}', '{"'),
        (f'{{"a":4111 1111 1111 1111, "b": "{CARD}"}}', '{"a":'),
        ('["4111 1111", {"a" 1111 1111}', None),
        ("[4111111111111111.", "["),
    ],
)
def test_nothing_of_a_blocked_span_leaves(source: str, before: str | None) -> None:
    for parts in ([source], source):
        out, one = run(parts)
        if before is None:
            assert not one.blocked
        else:
            assert (out, one.blocked) == (before, True)
            assert [found.action for found, _ in one.matches()][-1] is Action.BLOCK


def test_a_finding_is_told_by_what_was_said_and_not_by_how_it_was_written() -> None:
    _, one = run([r'{"a":"x\u0040y bob\u0040example.com"}'])
    assert [(found.entity, value) for found, value in one.matches()] == [
        ("EMAIL_ADDRESS", "bob@example.com")
    ]


def test_what_is_no_json_waits_for_its_end_and_is_read_as_it_is_written() -> None:
    one = scanner()
    one.feed("{'to': 'bob@example.com', 'n': '")
    assert one.settled == 0
    one.feed(STAND_IN + "'}")
    one.close()
    spelt = json.dumps(VALUE)[1:-1]
    assert one.take(one.settled) == "{'to': '[EMAIL_ADDRESS]', 'n': '" + spelt + "'}"


def test_what_turns_out_to_be_no_json_is_blocked_where_too_much_has_left() -> None:
    out, one = run(['{"a":"bob@example.com","b":1', "}}"])
    assert one.blocked
    assert "bob" not in out
    out, one = run(['{"a":"Hello","b":1', "}}"])
    assert (out, one.blocked) == ('{"a":"Hello","b":1}}', False)


def test_a_string_that_goes_on_after_its_end_is_one_with_it() -> None:
    out, one = run([f'["is {CARD[:9]}'])
    one.resume()
    one.feed(CARD[9:] + '"]')
    one.close()
    assert one.blocked
    assert out + one.take(one.settled) == f'["is {CARD[:9]}'


@pytest.mark.parametrize("source", ['{"a":"' + "b" * 30, "{'" + "b" * 30, '{"a":1' + " " * 30])
def test_no_more_waits_than_may(source: str) -> None:
    one = scanner(most_held=20)
    one.feed(source)
    assert one.blocked
    assert [found.entity for found, _ in one.matches()] == ["UNDECIDED"]


def test_without_time_what_waits_is_blocked_and_what_does_not_is_not() -> None:
    one = scanner()
    one.feed('{"a":"x ')
    one.take(one.settled)
    one.give_up()
    assert not one.blocked
    one.feed("bob@exam")
    one.give_up()
    assert one.blocked
