"""Changes are written one by one, and none is left out."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import PolicyDenied
from gateway.wire.changing import as_number, as_whole, change, fixed, put

WRITERS = {
    "max_tokens": put("max_tokens", as_whole, "new", "old"),
    "temperature": put("temperature", as_number, "temperature"),
}


def test_a_value_is_written_wherever_the_parameter_stands_or_at_its_first_place() -> None:
    assert change({}, {"max_tokens": 5}, WRITERS) == {"new": 5}
    assert change({"new": None}, {"max_tokens": 5}, WRITERS) == {"new": 5}
    assert change({"old": None}, {"max_tokens": 5}, WRITERS) == {"old": None, "new": 5}
    assert change({"old": 9}, {"max_tokens": 5}, WRITERS) == {"old": 5}
    assert change({"old": 9, "new": 9}, {"max_tokens": 5}, WRITERS) == {"old": 5, "new": 5}


def test_names_are_handed_over_as_a_set_for_each_of_many_is_looked_up_in_it() -> None:
    seen: list[Any] = []
    change({}, {"tools": ("a", "b")}, {"tools": lambda _, names: seen.append(names)})
    assert seen == [frozenset({"a", "b"})]
    assert "a" in seen[0]
    others: list[Any] = ["c", ["a"], {}, None]
    assert not any(other in seen[0] for other in others)


def test_the_old_body_stays_as_it_was() -> None:
    body = {"temperature": 2}
    assert change(body, {"temperature": 0.5}, WRITERS) == {"temperature": 0.5}
    assert body == {"temperature": 2}


def test_what_has_one_value_is_left_at_it_or_refused() -> None:
    assert change({}, {"n": 1}, {"n": fixed("n", 1)}) == {}
    with pytest.raises(PolicyDenied):
        change({}, {"n": 2}, {"n": fixed("n", 1)})


def test_a_change_without_a_writer_is_refused() -> None:
    with pytest.raises(PolicyDenied) as refused:
        change({}, {"temperature": 1, "images": 0}, WRITERS)
    assert refused.value.reason == "the format of this route cannot say what rules demand of images"
    assert refused.value.message == PolicyDenied.default


@pytest.mark.parametrize("value", [1.5, float("inf"), float("nan"), "5", None, ()])
def test_a_whole_number_is_written_as_one_or_not_at_all(value: Any) -> None:
    assert type(as_whole("n", 4096.0)) is int
    with pytest.raises(PolicyDenied):
        as_whole("n", value)


@pytest.mark.parametrize("value", [True, "5", None, ()])
def test_what_is_no_number_is_not_written_as_one(value: Any) -> None:
    assert as_number("temperature", 0) == 0
    with pytest.raises(PolicyDenied):
        as_number("temperature", value)
