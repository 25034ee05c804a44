from __future__ import annotations

from functools import cache

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan import phone_plans
from gateway.scan.phone import PLANS
from gateway.scan.phone_plans import may_be_valid
from gateway.terms import REGIONS

DIGITS = st.text("0123456789", min_size=1, max_size=16)
GROUPS = st.lists(st.text("0123456789", min_size=1, max_size=5), min_size=1, max_size=6)
SIGNS = st.sampled_from([" ", "-", ".", "/", ") ", " ("])
EDITS = st.lists(st.tuples(st.integers(0, 20), st.sampled_from([*"0123456789 -", ""])), max_size=4)
PREFIXES = st.sampled_from(["", "", "", "0", "1", "00", "011", "8", "015", "+", "+0"])


def is_valid(number: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


@cache
def examples(region: str) -> list[str]:
    """Numbers of a region, of each of its kinds and in each way of writing them."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in range(11))
    return [
        phonenumbers.format_number(one, form)
        for one in found
        if one is not None
        for form in (0, 1, 2)
    ]


@pytest.mark.parametrize("region", sorted(PLANS))
def test_every_example_of_a_plan_may_be_valid(region: str) -> None:
    for number in examples(region):
        for where in (region, *REGIONS):
            assert may_be_valid(number, where) or not is_valid(number, where)
    assert any(may_be_valid(number, region) for number in examples(region))


@settings(max_examples=400, deadline=None)
@given(st.one_of(DIGITS, DIGITS.map("+{}".format)), st.sampled_from(sorted(PLANS)))
def test_digits_that_are_valid_may_be_valid(number: str, region: str) -> None:
    assert may_be_valid(number, region) or not is_valid(number, region)


@settings(max_examples=300, deadline=None)
@given(GROUPS, SIGNS, st.sampled_from(REGIONS))
def test_groups_that_are_valid_may_be_valid(groups: list[str], sign: str, region: str) -> None:
    number = sign.join(groups)
    assert may_be_valid(number, region) or not is_valid(number, region)


@settings(max_examples=600, deadline=None)
@given(st.data(), PREFIXES, EDITS)
def test_numbers_with_a_few_signs_changed_that_are_valid_may_be_valid(
    data: st.DataObject, prefix: str, edits: list[tuple[int, str]]
) -> None:
    whose = data.draw(st.sampled_from(sorted(PLANS)))
    chars = list(data.draw(st.sampled_from(examples(whose))))
    for place, sign in edits:
        chars[place : place + (place % 2)] = [sign]
    number = prefix + "".join(chars).lstrip("+" if prefix else "")
    for region in (whose, data.draw(st.sampled_from(REGIONS))):
        assert may_be_valid(number, region) or not is_valid(number, region)


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("555 0123", "US"), ("212 555 01", "US"), ("012 345 678", "US"), ("+1 055 555 0123", "US"),
        ("+999 12 34 56", "DE"), ("12 34", "FR"), ("1 23 45 67 89 01 23", "FR"), ("+49 1", "US"),
    ],
)  # fmt: skip
def test_what_no_plan_has_is_told_without_parsing(number: str, region: str) -> None:
    assert not may_be_valid(number, region)
    assert not is_valid(number, region)


@pytest.mark.parametrize(
    "number", ["(212) 555-0123 x4", "2125550123,4", "\u0662\u0661\u0662", "tel:1"]
)
def test_of_other_signs_nothing_is_told(number: str) -> None:
    assert may_be_valid(number, "US")


def test_of_a_country_without_a_plan_nothing_is_told() -> None:
    assert may_be_valid("555 0123", "XX")
    assert may_be_valid("", "US") or not is_valid("", "US")


def test_every_plan_says_how_long_its_numbers_are() -> None:
    # Where one did not, a number of any length could be valid.
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        assert phone_plans._plan(code).lengths
        for one in phone_plans._metadata_of(code):
            assert one.general_desc is not None
            assert one.general_desc.possible_length
