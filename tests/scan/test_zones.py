from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.scan import phone
from gateway.scan.decode import RUN
from gateway.scan.matcher import Automaton, compile_exact
from gateway.scan.pii import PII, national_phone
from gateway.scan.reader import Reader, State
from gateway.scan.secrets import SECRETS
from gateway.scan.zones import Around, Zones, outside
from gateway.terms import REGIONS

if TYPE_CHECKING:
    from gateway.scan.detector import Detector

ZONED = [one for one in (*PII, national_phone(REGIONS), *SECRETS) if one.zones is not None]
MARKS = ["sk-", "sk-ant-", "glpat-", "AKIA", "xoxb-", "EAA", "key-", "sk-proj-", "T3BlbkFJ"]
PIECES = [
    *("1.2.3.4", "1.", "10.0.0.255", "::1", "fe80::", "a:", "::", ":", "ff:", "00-1B-", "2001:"),
    *("1:2:3:4:5:6:7:8", "+1 212 555 0123", "00", "0049 30 901820", "(415) 555-2671", "(", "212."),
    *("555", " 0123", "call ", "CALL", "Telefon ", "İ", "전화", "x123", ", ext. 12", "my number "),
    *("password=", "PWD: ", "x-token: ", "key=", "pass:", "--token ", "S3cret!pw", "Zq", "é", "٣"),
    *("deadbeef-dead-beef-dead-beefdeadbeef", "vK3nQz81LmPw0RtYh7Bd", "abcdef", "'", "=", "_", "-"),
    *(" ", "\n", ".", "0", "1", "9", "f", "Z", "😀", *MARKS),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text("019af.:-+( x_é\n"), max_size=24).map("".join)


@cache
def readers() -> list[tuple[Reader, Reader]]:
    """Of each detector one that looks everywhere and one that looks in its zones."""
    return [(reader_of(replace(one, zones=None)), reader_of(one)) for one in ZONED]


def reader_of(detector: Detector) -> Reader:
    # What is asked is whether zones leave something out, and not whether anything occurs.
    return Reader(Automaton([RUN.trigger, r"(?s)."]), {1: detector})


def found(reader: Reader, text: str) -> list[tuple[object, ...]]:
    return [
        (one.origin, one.start, one.end, one.stop, one.score, one.reading)
        for one in reader.read(State(), text)[0]
    ]


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("1.2.3.4.5 1.2.3.4 a1.2.3.4 _1.2.3.4 1.2.3.4. 1.2.3.4.x é1.2.3.4é")
@example("fe80::1 a:b ::1 :::1 1:2:3:4:5:6:7:8 1::8 é::1 00:1b:44:11:3a:b7 001b.4411.3ab7")
@example("_00 49 30 901820 Telefon _0049 30 901820 é+1 212 555 0123")
@example("call " + " " * 35 + "(415) 555-2671" + " " * 40 + "(415) 555-2671 415.555.2671x12")
@example("password=" * 60 + "Zq7!mK2a" + "é" * 600 + "key=" * 40 + "vK3nQz81LmPw0RtYh7Bd")
@example("sk-" * 80 + "a1B2c3D4e5F6g7H8i9J0T3BlbkFJa1B2c3D4e5F6g7H8i9J0 sk-" + "Ab1" * 9)
def test_nothing_that_a_check_confirms_is_outside_of_its_zones(text: str) -> None:
    for everywhere, zoned in readers():
        assert found(zoned, text) == found(everywhere, text)


@pytest.mark.parametrize("detector", ZONED, ids=lambda one: one.rule)
def test_no_candidate_is_wider_than_what_zones_reach_back(detector: Detector) -> None:
    # A candidate of an assignment must reach what its zone is told by.
    if detector.kind == "secrets":
        assert detector.regex.longest <= 680


@settings(max_examples=200, deadline=None)
@given(words=st.from_regex(phone._WORDS.pattern, fullmatch=False), upper=st.booleans())
def test_each_word_that_tells_of_a_number_opens_its_zone(words: str, *, upper: bool) -> None:
    text = words.upper() if upper else words
    if phone._WORDS.search(text.lower()):
        assert compile_exact(phone._TOLD.expression).search(text.encode()) is not None


def test_texts_of_nothing_but_candidates_have_hardly_a_zone() -> None:
    fills = {"ipv4": "1.", "ipv6": "a:", "phone": "00", "phone-national": "1 ", "marked": "sk-"}
    for one in ZONED:
        if one.zones is not None and one.rule in fills:
            data = (fills[one.rule] * 500).encode()
            way = one.zones.along(data)
            assert way.onward(12) == len(data)


def test_zones_are_told_from_left_to_right() -> None:
    way = Zones(Around("call"), Around("END", before=2)).along(
        b"." * 10 + b"call" + b"." * 26 + b"END"
    )
    # A character may have four bytes.
    asked = [0, 11, 14, 15, 33, 43]
    assert [way.onward(at) for at in asked] == [10, 11, 14, 32, 33, 43]


def test_what_must_not_stand_before_is_no_part_of_a_candidate() -> None:
    zones = Zones(Around(outside("a-z") + "x"))
    assert zones.along(b"x").onward(0) == 0
    assert zones.along("éx".encode()).onward(2) == 2
    assert zones.along(b"ax" * 9).onward(1) == 18


def test_the_end_of_a_text_is_no_zone() -> None:
    assert Zones(Around("x")).along(b"").onward(0) == 0
    assert Zones(Around("x")).along(b"yyy").onward(1) == 3
    assert Zones().along(b"xxx").onward(0) == 3
