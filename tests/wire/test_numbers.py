from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.numbers import Spelt, said_by, said_by_spelling

CARD = "4111111111111111"


@pytest.mark.parametrize(
    "source",
    [
        *(CARD, CARD + ".0", CARD + ".000", "4.111111111111111e15", "4.111111111111111E+15"),
        *("41111111111111110e-1", "0.4111111111111111e16", "411111111111111100000e-5"),
    ],
)
def test_a_number_says_the_same_however_it_is_written(source: str) -> None:
    assert said_by_spelling(source) == CARD
    assert said_by_spelling("-" + source) == "-" + CARD
    assert said_by(json.loads(source)) == CARD
    assert said_by(Spelt(source)) == CARD


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("12345678", None),
        ("123456789", "123456789"),
        ("12345678.9", None),
        ("123456789.10", "123456789.1"),
        ("0.123456789", None),
        ("123456789e-1", None),
        ("1e8", "100000000"),
        ("1e99", "1" + "0" * 99),
        ("1e100", None),
        ("1e-400", None),
        ("1e99999999999999999999999", None),
        ("0", None),
        ("-0.0", None),
        ("0e15", None),
    ],
)
def test_nine_digits_before_the_point_are_a_text(source: str, said: str | None) -> None:
    assert said_by_spelling(source) == said


@given(st.integers(-(10**99), 10**99) | st.floats(-1e98, 1e98))
def test_what_a_number_says_is_its_value(number: float) -> None:
    said = said_by(number)
    assert (said is None) == (abs(number) < 10**8)
    assert said is None or type(number)(said) == number
    assert said == said_by_spelling(json.dumps(number))


def test_a_number_remembers_how_it_was_written() -> None:
    one = Spelt("6304000000000000123.0")
    assert one == 6304000000000000123.0
    assert said_by(one) == "6304000000000000123"
    assert said_by(float(one)) != said_by(one)
