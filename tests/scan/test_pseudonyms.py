"""Pseudonyms: the same for a value, unguessable, and turned back exactly, however they come."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Issued, Pseudonyms, conversation_key
from gateway.scan.rewriting import REDACTING, Words, rewrite
from gateway.scan.stand_ins import UNKNOWN_STAND_IN, canonical
from gateway.terms import PROVENANCES, Action, EntityRule, Provenance, ScannerSpec

if TYPE_CHECKING:
    import pytest

    from gateway.scan.runs import Run

KEY = b"k" * 32
MAIL = Replacement(0, 0, "tokenise", "EMAIL_ADDRESS")
PHONE = Replacement(0, 0, "tokenise", "PHONE_NUMBER", keep_format=True)
NAMES = ("pii", "codenames")


@functools.cache
def engine(*on: Provenance) -> Engine:
    everywhere = frozenset(on or PROVENANCES)
    tokenise = EntityRule(Action.TOKENISE)
    entities = {
        "EMAIL_ADDRESS": tokenise,
        "PHONE_NUMBER": EntityRule(Action.TOKENISE, keep_format=True),
        "CREDIT_CARD": EntityRule(Action.TOKENISE, keep_format=True),
        "IBAN_CODE": tokenise,
        "US_SSN": EntityRule(Action.REDACT),
    }
    patterns = {"PROJECT": r"project[ -]bluebird", "OWNER": r"bluebird by \w{1,8}"}
    return Engine(
        [
            ScannerSpec("pii", "pii", everywhere, entities),
            ScannerSpec(
                "codenames", "pattern", everywhere, action=Action.TOKENISE, patterns=patterns
            ),
        ]
    )


def rewritten(
    text: str, words: Words, provenance: Provenance = "user", scanners: Engine | None = None
) -> str:
    scan = (scanners or engine()).scan(text, provenance, NAMES)
    return rewrite(text, scan.replacements, words)


def streamed(text: str, cuts: list[int], words: Words, scanners: Engine | None = None) -> str:
    scanner = (scanners or engine()).stream("answer", NAMES, words)
    out, at = [], 0
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        scanner.feed(text[at:cut])
        out.append(scanner.take(scanner.settled))
        at = cut
    scanner.close()
    return "".join([*out, scanner.take(scanner.settled)])


# What a stand-in is.


def test_a_value_has_one_stand_in_in_a_conversation() -> None:
    names = Pseudonyms(KEY)
    assert names.issue(MAIL, "a@example.com") == names.issue(MAIL, "a@example.com")
    assert names.issue(MAIL, "a@example.com") == Pseudonyms(KEY).issue(MAIL, "a@example.com")
    assert names.issue(MAIL, "a@example.com") != names.issue(MAIL, "b@example.com")


def test_conversations_callers_and_keys_share_no_stand_in() -> None:
    scopes = [
        ("iss", "ada", "acme", "hi"),
        ("iss", "ada", "acme", "ho"),
        ("iss", "bob", "acme", "hi"),
        ("iss", "ada", None, "hi"),
        ("iss2", "ada", "acme", "hi"),
        ("issada", "", "acme", "hi"),
    ]
    keys = [conversation_key(KEY, *scope) for scope in scopes]
    keys.append(conversation_key(b"o" * 32, *scopes[0]))
    assert len({Pseudonyms(key).issue(MAIL, "a@example.com") for key in keys}) == len(keys)


def test_two_values_never_share_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.scan.stand_ins.DIGITS", 1)
    names = Pseudonyms(KEY)
    given_out = [names.issue(MAIL, f"u{number}@example.com") for number in range(16)]
    assert len(set(given_out)) == 16
    assert [names.value(one) for one in given_out] == [f"u{n}@example.com" for n in range(16)]
    # There is no seventeenth: it is a label, and nobody's stand-in is given twice.
    assert names.issue(MAIL, "more@example.com") == "[EMAIL_ADDRESS]"


# The way there and back.

PIECES = [
    *("ann@example.com", "bob.b@example.org", "+1 212-555-0123", "4111 1111 1111 1111"),
    *("DE89370400440532013000", "project bluebird", "project bluebird by ann", "536-90-4399"),
    *(" ", "Write to ", ", ", "\n", "and", ".", "<", ">", "\\", "_", "é", "`", "**", "&lt;"),
    *("EMAIL_ADDRESS", "u7f3a9c21d0@stand-in.invalid", "9999", "+999"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=10).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=10))
def test_what_went_out_comes_back_as_it_was(text: str, cuts: list[int]) -> None:
    names = Pseudonyms(KEY)
    # Scanners that read no answers: what they missed on the way there is not found on the way back.
    scanners = engine("user")
    sent = rewritten(text, names.outward, "user", scanners)
    kept = rewritten(text, Redacting(names), "user", scanners)
    assert rewritten(sent, names.inward, "answer", scanners) == kept
    assert streamed(sent, cuts, names.inward, scanners) == kept


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=10))
def test_streams_come_to_what_whole_answers_come_to(text: str, cuts: list[int]) -> None:
    names = Pseudonyms(KEY)
    stand_in = names.issue(MAIL, "ann@example.com")
    text = text.replace("bob.b@example.org", stand_in)
    whole = rewritten(text, names.inward, "answer")
    assert streamed(text, cuts, names.inward) == whole


class Redacting:
    """The original with what is redacted redacted, and what is tokenised as it is."""

    def __init__(self, names: Pseudonyms) -> None:
        self._names = names

    def stand_in(self, one: Replacement, value: str) -> str:
        return value

    def value(self, written: str) -> str | None:
        return self._names.outward.value(written)

    @property
    def in_json(self) -> Redacting:
        return self

    def again(self, run: Run) -> Redacting:
        return self


ISSUED = Pseudonyms(KEY)
STAND_IN = ISSUED.issue(MAIL, "ann@example.com")
CARD = ISSUED.issue(Replacement(0, 0, "tokenise", "CREDIT_CARD", True), "4111 1111 1111 1111")
FREE = st.text(alphabet="ab ,.*`\n\u00e9\u200b", max_size=12)
VARIANTS = [
    STAND_IN,
    STAND_IN.lower(),
    STAND_IN.upper(),
    STAND_IN.strip("<>"),
    STAND_IN.replace("_", "\\_"),
    STAND_IN.replace("<", "&lt;").replace(">", "&gt;"),
    STAND_IN.replace("<", "\\u003c").replace(">", "\\u003e"),
    STAND_IN.replace("_", " "),
    f"< {STAND_IN[1:-1]} >",
]


@settings(max_examples=150, deadline=None)
@given(FREE, st.sampled_from(VARIANTS), FREE, st.lists(st.integers(0, 80), max_size=8))
def test_a_copy_is_turned_back_across_any_border(
    before: str, written: str, after: str, cuts: list[int]
) -> None:
    before, after = before + " ", " " + after
    text = before + written + after
    assert streamed(text, cuts, ISSUED.inward) == f"{before}ann@example.com{after}"


def test_inside_json_a_value_is_escaped() -> None:
    names = Pseudonyms(KEY)
    stand_in = names.issue(MAIL, 'a "b"\\\n@example.com')
    source = json.dumps({"to": f"Mr {stand_in}!"})
    back = streamed(source, [3, 9, 14, 20], names.inward.in_json)
    assert json.loads(back) == {"to": 'Mr a "b"\\\n@example.com!'}


# What is not turned back.


def test_a_stand_in_of_another_caller_or_conversation_stays_as_it_is() -> None:
    other = Pseudonyms(conversation_key(KEY, "iss", "eve", None, "hi"))
    text = f"Write to {STAND_IN}"
    scanner = engine().stream("answer", NAMES, other.inward)
    scanner.feed(text)
    scanner.close()
    assert scanner.take(99) == text
    assert [(one.entity, one.action) for one in scanner.findings] == [
        (UNKNOWN_STAND_IN, Action.FLAG)
    ]


def test_a_guess_is_left_alone() -> None:
    names = Pseudonyms(KEY)
    names.issue(MAIL, "ann@example.com")
    for guess in ("<EMAIL_ADDRESS_0000000000>", "u0000000000@stand-in.invalid"):
        assert names.value(guess) is None
        assert rewritten(guess, names.inward, "answer") == guess


def test_what_a_model_says_of_its_own_gets_a_stand_in_that_is_not_turned_back() -> None:
    names = Pseudonyms(KEY)
    shown = rewritten("ask eve@example.com", names.inward, "answer")
    assert shown.startswith("ask <EMAIL_ADDRESS_")
    assert names.value(shown[4:]) is None
    assert names.knows(shown[4:])
    assert rewritten(shown, names.inward, "answer") == shown


def test_what_the_client_said_itself_needs_no_stand_in() -> None:
    names = Pseudonyms(KEY)
    names.issue(MAIL, "ann@example.com")
    assert rewritten("to ann@example.com!", names.inward, "answer") == "to ann@example.com!"
    quoted = '{"to": "ann@example.com"}'
    assert streamed(quoted, [9], names.inward.in_json) == quoted


def test_where_nothing_can_be_written_nothing_is_turned_back() -> None:
    assert rewritten(f"key {STAND_IN}", ISSUED.fixed, "answer") == f"key {STAND_IN}"
    assert "ann@" not in rewritten("to ann@example.com!", ISSUED.fixed, "answer")


def test_who_has_no_pseudonyms_redacts() -> None:
    assert rewritten("to ann@example.com!", REDACTING) == "to [EMAIL_ADDRESS]!"


def test_a_stand_in_in_a_request_stays() -> None:
    assert rewritten(f"{STAND_IN} and {CARD}", ISSUED.outward) == f"{STAND_IN} and {CARD}"


# What is remembered.


def test_a_later_call_goes_on_with_what_was_issued() -> None:
    first = Pseudonyms(KEY)
    mail, phone = first.issue(MAIL, "ann@example.com"), first.issue(PHONE, "+1 212-555-0123")
    hidden = first.hide(MAIL, "eve@example.com")
    later = Pseudonyms(b"other", first.issued)
    assert (later.value(mail), later.value(phone)) == ("ann@example.com", "+1 212-555-0123")
    assert later.value(hidden) is None
    assert later.knows(hidden)
    assert later.issue(MAIL, "ann@example.com") == mail
    assert later.hide(MAIL, "eve@example.com") == hidden


def test_recalling_makes_what_was_hidden_known_and_nothing_more() -> None:
    names, hidden = Pseudonyms(KEY), "<EMAIL_ADDRESS_0123456789>"
    names.recall(Issued(KEY, {"x": "y"}, {canonical(hidden): "eve@example.com"}))
    assert names.knows(hidden)
    assert names.value(hidden) is None
    assert names.value("x") is None


def test_nothing_of_a_value_stands_in_a_repr() -> None:
    names = Pseudonyms(KEY)
    names.issue(MAIL, "ann@example.com")
    assert "ann@" not in repr(names.issued) + repr(names) + repr(names.inward)
