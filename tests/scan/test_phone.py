from __future__ import annotations

import pytest

from gateway.scan.detector import Candidate
from gateway.scan.phone import PLANS, international, national_of
from gateway.terms import REGIONS

national = national_of(REGIONS)


@pytest.mark.parametrize("value", ["+1 212-555-0123", "+49 30 901820", "+44 20 7946 0958"])
def test_international_numbers_are_found_anywhere(value: str) -> None:
    assert international(Candidate("", value, "")) == (0.8, len(value))


def test_a_number_ends_where_the_plan_says() -> None:
    assert international(Candidate("", "+1 212-555-0123 20", "")) == (0.8, 15)


def test_national_numbers_need_a_format_or_a_telling_word() -> None:
    assert national(Candidate("", "(415) 555-2671", "")) == (0.6, 14)
    assert national(Candidate("", "4155552671", "")) is None
    assert national(Candidate("call me: ", "4155552671", "")) == (0.7, 10)
    assert national(Candidate("Telefon ", "030 901820", "")) == (0.7, 10)


@pytest.mark.parametrize("value", ["2023-05-14 10:30", "1234567", "192.168.1.1", "+99 999 999"])
def test_other_numbers_are_none(value: str) -> None:
    assert national(Candidate("", value, "")) is None
    assert international(Candidate("", value, "")) is None


def test_only_the_regions_that_are_asked_for_count() -> None:
    german, american = national_of(("DE",)), national_of(("US",))
    assert german(Candidate("Telefon ", "030 901820", "")) == (0.7, 10)
    assert american(Candidate("Telefon ", "030 901820", "")) is None
    assert german(Candidate("", "(415) 555-2671", "")) is None
    assert american(Candidate("", "(415) 555-2671", "")) == (0.6, 14)
    assert set(REGIONS) < PLANS


@pytest.mark.parametrize(
    "value",
    ["(212) 555-0123", "212.555.0123", "1 212 555 0123", "1-212-555-0123", "(212)555-0123 x12"],
)
def test_the_form_of_the_us_tells_a_number(value: str) -> None:
    assert national(Candidate("", value, "")) == (0.6, len(value))


@pytest.mark.parametrize(
    "value", ["2125550123", "212 5550123", "21 255 50123", "123 456 7890 12", "123 456 789 0123"]
)
def test_another_form_does_not(value: str) -> None:
    assert national(Candidate("", value, "")) is None


def test_extensions_belong_to_the_number() -> None:
    assert national(Candidate("", "(415) 555-2671x204", "")) == (0.6, 18)


def test_words_that_only_hold_a_telling_word_tell_nothing() -> None:
    for before in ("the hotel ", "typically ", "intelligence ", "routing number "):
        assert national(Candidate(before, "030 901820", "")) is None
