"""Stand-ins: their shapes, and how they are found again when a model has copied them."""

from __future__ import annotations

import functools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.numbers import card_issuer, luhn
from gateway.scan.pseudonyms import Pseudonyms
from gateway.scan.rewriting import rewrite
from gateway.scan.stand_ins import bracketed, canonical, detectors_of, formatted
from gateway.terms import FORMATTED, PROVENANCES, Action, EntityRule, ScannerSpec

TAG = bytes.fromhex("7f3a9c21d0e4b58a6c11")
MAIL = "<EMAIL_ADDRESS_7f3a9c21d0>"
ENGINE = Engine(
    [
        ScannerSpec(
            "pii",
            "pii",
            frozenset(PROVENANCES),
            {name: EntityRule(Action.TOKENISE) for name in ("EMAIL_ADDRESS", "PHONE_NUMBER")}
            | {"CREDIT_CARD": EntityRule(Action.TOKENISE, keep_format=True)},
        )
    ]
)


def found(text: str) -> list[str]:
    """What is taken for stand-ins in a text."""
    scan = ENGINE.scan(text, "answer", ("pii",))
    return [text[one.start : one.end] for one in scan.replacements if one.unknown is not None]


def test_a_bracketed_stand_in_names_its_entity() -> None:
    assert bracketed("EMAIL_ADDRESS", TAG) == MAIL


def test_a_stand_in_that_keeps_a_format_is_nobodys() -> None:
    assert formatted("EMAIL_ADDRESS", TAG) == "u7f3a9c21d0@stand-in.invalid"
    assert re.fullmatch(r"\+999\d{10}", formatted("PHONE_NUMBER", TAG))
    card = formatted("CREDIT_CARD", TAG)
    assert re.fullmatch(r"9999( \d{4}){3}", card)
    assert luhn(card.replace(" ", ""))
    assert not card_issuer(card.replace(" ", ""))


@given(st.binary(min_size=10, max_size=32))
def test_every_card_stand_in_has_its_check_digit(tag: bytes) -> None:
    assert luhn(formatted("CREDIT_CARD", tag).replace(" ", ""))


WRITTEN = [
    MAIL,
    "<email_address_7f3a9c21d0>",
    "<Email_Address_7F3A9C21D0>",
    "< EMAIL_ADDRESS_7f3a9c21d0 >",
    "EMAIL_ADDRESS_7f3a9c21d0",
    "<EMAIL ADDRESS 7f3a9c21d0>",
    "<EMAIL-ADDRESS-7f3a9c21d0>",
    "<EMAIL _ ADDRESS _ 7f3a9c21d0>",
    "<EMAIL\nADDRESS\r\n7f3a9c21d0>",
    "EMAIL_ADDRESS_\n7f3a9c21d0",
    r"\<EMAIL\_ADDRESS\_7f3a9c21d0\>",
    r"<EMAIL\\_ADDRESS\\_7f3a9c21d0>",
    "&lt;EMAIL_ADDRESS_7f3a9c21d0&gt;",
    r"\u003cEMAIL_ADDRESS_7f3a9c21d0\u003e",
    "%3CEMAIL_ADDRESS_7f3a9c21d0%3E",
    "<EMAIL\u200b_ADDRESS_7f3a9c21d0>",
    "\uff1cEMAIL_ADDRESS_7f3a9c21d0\uff1e",
]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("frame", ["{}", "Write to {}.", "**{}**", "`{}`", "({})", "[{}]", '"{}"'])
def test_a_copy_with_small_changes_is_found_whole(written: str, frame: str) -> None:
    assert found(frame.format(written)) == [written]
    assert canonical(written) == canonical(MAIL)


@pytest.mark.parametrize(
    "text",
    [
        "EMAIL_ADDRESS_7f3a9c21d",
        "EMAIL_ADDRESS_7f3a9c21d0a",
        "XEMAIL_ADDRESS_7f3a9c21d0",
        "MY_EMAIL_ADDRESS_7f3a9c21d0",
        "<EMAIL_ADDRESS_7f3a9c21dg>",
        "<EMAIL_7f3a9c21d0>",
        "<PERSON_7f3a9c21d0>",
        "see EMAIL_ADDRESS and 7f3a9c21d0",
        "xu7f3a9c21d0@stand-in.invalid",
        "u7f3a9c21d0@stand-in.invalidx",
        "19999 0000 1111 2222",
        "+9991234567",
    ],
)
def test_what_is_nearly_one_is_none(text: str) -> None:
    assert found(text) == []


def test_a_sign_that_ends_a_tag_is_not_the_stand_ins_own() -> None:
    assert found("<a href=EMAIL_ADDRESS_7f3a9c21d0>") == ["EMAIL_ADDRESS_7f3a9c21d0"]


@pytest.mark.parametrize("entity", sorted(FORMATTED))
def test_formats_are_found_again(entity: str) -> None:
    stand_in = formatted(entity, TAG)
    assert found(f"use {stand_in} now") == [stand_in]
    if entity == "CREDIT_CARD":
        assert found(stand_in.replace(" ", "-")) == [stand_in.replace(" ", "-")]
    if entity == "PHONE_NUMBER":
        spaced = f"{stand_in[:4]} ({stand_in[4:7]}) {stand_in[7:10]}-{stand_in[10:]}"
        assert found(spaced) == [spaced]
        assert canonical(spaced) == canonical(stand_in)


@pytest.mark.parametrize("entity", sorted(FORMATTED))
def test_no_scanner_takes_a_stand_in_for_a_value(entity: str) -> None:
    names = Pseudonyms(b"k" * 32)
    for keep_format in (False, True):
        stand_in = names.issue(Replacement(0, 0, "tokenise", entity, keep_format), "a value")
        text = f"my phone number: use {stand_in} now, please"
        assert ENGINE.scan(text, "user", ("pii",), names.outward).findings == ()


SMUGGLED = {
    "a telephone number after its name": ("the phone number 4155550123", "4155550123"),
    "one in brackets": ("call <PHONE_NUMBER 4155550123> now", "4155550123"),
    "one behind a country code": ("call +999 (415) 555-0123 now", "(415) 555-0123"),
    "one inside of a card": ("phone 9999 0049 3012 3456 now", "0049 3012 3456"),
    "digits in place of a tag": ("<EMAIL_ADDRESS_1234567890>", "1234567890"),
    "an account that is called one": ("account 1234567891", "account 1234567891"),
    "behind escapes": ("&lt;PHONE_NUMBER 4155550123&gt;", "4155550123"),
    "what was found but for its end": ("<EMAIL_ADDRESS_7f3a9c21d0@example.com", "@example"),
}


@functools.cache
def smuggling_engine() -> Engine:
    on = frozenset(PROVENANCES)
    tokenise = EntityRule(Action.TOKENISE)
    formats = {name: EntityRule(Action.TOKENISE, keep_format=True) for name in FORMATTED}
    patterns = {"ACCOUNT": r"account \d{10}", "NUMBER": r"\d{10}"}
    return Engine(
        [
            ScannerSpec("pii", "pii", on, formats),
            ScannerSpec("bare", "pii", on, {"PHONE_NUMBER": tokenise, "EMAIL_ADDRESS": tokenise}),
            ScannerSpec("own", "pattern", on, action=Action.TOKENISE, patterns=patterns),
        ]
    )


@pytest.mark.parametrize("case", SMUGGLED)
def test_nobody_hides_a_value_from_the_scanners_in_a_stand_in_of_his_own_making(case: str) -> None:
    text, value = SMUGGLED[case]
    scanners = ("pii", "bare", "own")
    names = Pseudonyms(b"k" * 32)
    scan = smuggling_engine().scan(text, "user", scanners, names.outward)
    assert value not in rewrite(text, scan.replacements, names.outward)
    for provenance in ("user", "answer"):
        stream = smuggling_engine().stream(provenance, scanners, Pseudonyms(b"k" * 32).outward)
        for char in text:
            stream.feed(char)
        stream.close()
        assert value not in stream.take(99)


def test_without_entities_there_is_nothing_to_find() -> None:
    assert detectors_of([]) == []
