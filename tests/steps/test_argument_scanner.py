"""Arguments of tools in a stream: read value by value, and valid JSON whatever is replaced."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from decisions import allowing
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.steps.argument_scanner import ArgumentScanner, Means
from gateway.steps.inspection import inspect_now
from gateway.terms import Action, EntityRule, Provenance, ScannerSpec
from gateway.wire.formats import OPENAI

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
    for source in ("-12125550123.0", "-1.2125550123E10"):
        out, _ = run([*'{"call":', source, "}"])
        assert out == json.dumps(told).split(",")[0].replace(": ", ":") + "}"


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
        ('{"a":[1.5,4111111111111111.0]}', '{"a":[1.5,'),
        ('{"a":4.111111111111111e15 }', '{"a":'),
        ('{"a":[4111111111111111.5', '{"a":['),
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


TEXTS = st.lists(
    st.sampled_from(
        [
            *("bob@", "example.com", STAND_IN, STAND_IN[:9], STAND_IN[9:], CARD, CARD[:9]),
            *(CARD[9:], "\n", '"', "\\", "é", "😀", " ", "x", "\x00", "\\u0040", "21255501"),
        ]
    ),
    max_size=6,
).map("".join)
LEAVES = st.one_of(
    TEXTS, st.sampled_from([12125550123, 4111111111111111, 4111111111111111.0, 12.5, True, None])
)
NAMES = st.sampled_from(["to", "bob@example.com", "\n", "é"])
VALUES = st.dictionaries(NAMES, LEAVES | st.lists(LEAVES, max_size=3), max_size=3)


def of_a_whole_answer(source: str) -> tuple[str, bool]:
    """What a client gets of the arguments of a whole answer, and whether it is blocked."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": source}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    answer = OPENAI.read_answer({"id": "c", "object": "chat.completion", "choices": [choice]})
    decision = allowing("pii", "own")
    found = inspect_now(engine(), decision, answer.texts, names().inward)
    if found.action is Action.BLOCK:
        return "", True
    body = OPENAI.rewrite_answer(answer.body, found.replacements)
    return body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"], False


@given(
    value=VALUES,
    ascii_only=st.booleans(),
    tail=st.sampled_from(["", "", " ", "}", ", x"]),
    cuts=st.lists(st.integers(0, 400), max_size=6),
)
def test_a_stream_gives_what_a_whole_answer_gives(
    value: Any,
    ascii_only: bool,  # noqa: FBT001 - a value like the others
    tail: str,
    cuts: list[int],
) -> None:
    source = json.dumps(value, ensure_ascii=ascii_only) + tail
    places = sorted({place % (len(source) + 1) for place in cuts} | {0, len(source)})
    out, one = run([source[a:b] for a, b in pairwise(places)])
    left, blocked = of_a_whole_answer(source)
    if tail.strip():
        # What left before it turned out to be no JSON cannot be taken back.
        assert one.blocked or out == left
        assert one.blocked or not blocked
        return
    assert one.blocked is blocked
    if not blocked:
        assert json.loads(out) == json.loads(left)
        assert out == source or left != source
