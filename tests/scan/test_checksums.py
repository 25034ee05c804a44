from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum import verhoeff as standard_verhoeff
from stdnum.iso7064 import mod_11_10 as standard_mod

from gateway.scan.checksums import (
    alternating,
    crosswise,
    day_of_month,
    icao,
    is_date,
    mod_11_10,
    verhoeff,
    weighted,
)

DIGITS = st.from_regex(r"[0-9]{2,14}", fullmatch=True)


@given(DIGITS)
def test_schemes_agree_with_stdnum(digits: str) -> None:
    assert mod_11_10(digits) == standard_mod.is_valid(digits)
    assert verhoeff(digits) == standard_verhoeff.is_valid(digits)


def test_the_example_of_icao_9303() -> None:
    # Part 3, section 4.9: the document number of the specimen, and its check digit.
    assert icao("D23145890") == 7
    assert icao("L898902C3") == 6


def test_sums() -> None:
    assert weighted("123", (3, 2, 1)) == 10
    assert crosswise("99", (1, 2)) == 9 + 1 + 8
    assert (alternating("A"), alternating("Z")) == ("01", "26")


def test_dates() -> None:
    assert day_of_month("29", "02")
    assert not day_of_month("30", "02")
    assert not day_of_month("1", "13")
    assert is_date(2024, "02", "29")
    assert not is_date(2023, "02", "29")
    assert not is_date(2023, "00", "10")
