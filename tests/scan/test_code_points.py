from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.code_points import numbered
from gateway.scan.gates import Gate

EVERY = frozenset(Gate)


def said(text: str) -> list[str]:
    return [one.text for one in numbered(text, text.encode(), EVERY)]


@pytest.mark.parametrize(
    "text",
    [
        "69 67 6e 6f 72 65",
        "69:67:6E:6F:72:65",
        "0x69, 0x67, 0x6e, 0x6f, 0x72, 0x65",
        "0x690x670x6e0x6f0x720x65",
        "=69=67=6E=6F=72=65",
        "U+0069 U+0067 U+006E U+006F U+0072 U+0065",
        "105 103 110 111 114 101",
        "105,103,110,111,114,101",
        "151 147 156 157 162 145",
        "\\151\\147\\156\\157\\162\\145",
        "01101001 01100111 01101110 01101111 01110010 01100101",
        "011010010110011101101110011011110111001001100101",
        "1101001 1100111 1101110 1101111 1110010 1100101",
    ],
)
def test_numbers_say_a_word(text: str) -> None:
    assert "ignore" in said(f"do: {text}!")


@pytest.mark.parametrize(
    "text",
    [
        "12 17 23 31 44 52 63 71 88 95",
        "192.168.100.101 and 10.11.12.13",
        "2024-01-15 10:42:17",
        "+49 30 12 34 56 78 90",
        "de:ad:be:ef:00:01",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_numbers_that_say_nothing(text: str) -> None:
    assert said(text) == []


def test_numbers_of_no_character_split_a_run() -> None:
    assert "ignore" in said("999 105 103 110 111 114 101 300 20")


def test_sequences_of_utf_8_are_one_character() -> None:
    text = " ".join(f"{one:02x}" for one in "für alle, die es lesen wollen €".encode())
    (unit,) = numbered(text, text.encode(), EVERY)
    assert unit.text == "für alle, die es lesen wollen €"
    assert unit.span is not None
    assert unit.span(1, 2) == (3, 8)


@given(st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=24, max_size=40))
def test_each_character_leads_back_to_its_number(word: str) -> None:
    text = "x: " + " ".join(f"{ord(one):02x}" for one in word)
    (unit,) = (one for one in numbered(text, text.encode(), EVERY) if one.text == word)
    assert (unit.start, unit.end) == (3, len(text))
    assert unit.span is not None
    assert [unit.span(at, at + 1) for at in range(len(word))] == [
        (3 + 3 * at, 5 + 3 * at) for at in range(len(word))
    ]


@given(st.text("0123456789abcdefx ,:-=U+\\01", max_size=200))
def test_units_lie_in_the_text(text: str) -> None:
    found = [*numbered(text, text.encode(), EVERY)]
    assert all(0 <= one.start < one.end <= len(text) for one in found)
