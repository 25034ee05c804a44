"""What rules may say of one parameter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.policy.bounds import EffortRange, NumberRange, PartsModel, check_range, lies_between
from gateway.policy.matrix import Bounds, Condition
from gateway.terms import EFFORTS


def test_efforts_are_ordered_by_how_much_they_are() -> None:
    for lower, higher in pairwise(EFFORTS):
        assert lies_between(lower, higher)
        assert not lies_between(higher, lower)


@pytest.mark.parametrize(
    ("gte", "lte", "some"),
    [(1, 2, True), (2, 2, True), (2.5, 2, False), (None, 0, True), (3, None, True)],
)
def test_something_lies_between_bounds_that_do_not_cross(
    *, gte: float | None, lte: float | None, some: bool
) -> None:
    assert lies_between(gte, lte) is some
    if not some:
        with pytest.raises(ValueError, match=f"gte {gte} is more than lte {lte}"):
            check_range(gte, lte)


@pytest.mark.parametrize("value", [3, {"eq": 3}, {"in": [3]}, "3"])
def test_a_bare_value_stands_for_the_only_one_there_may_be(value: Any) -> None:
    model = NumberRange.model_validate(value)
    assert model.condition("messages") == Condition("messages", bounds=Bounds(one_of=(3,)))


@pytest.mark.parametrize(("word", "present"), [("present", True), ("absent", False)])
def test_presence_has_a_word(*, word: str, present: bool) -> None:
    model = PartsModel.model_validate(word)
    assert model == PartsModel.model_validate({"present": present})
    assert model.condition("images") == Condition("images", present=present)


@pytest.mark.parametrize("value", [[3], None, {}, {"lte": None}, {"gte": "x"}, 3.5])
def test_what_is_no_condition_is_refused(value: Any) -> None:
    for model in (NumberRange, PartsModel, EffortRange):
        with pytest.raises(ValidationError):
            model.model_validate(value)
