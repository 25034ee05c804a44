"""Values of policy files."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.policy import fields
from gateway.policy.fields import CHOICES, FORMATS, Section
from gateway.terms import Action, Rate

ANYTHING: list[Any] = [None, True, -1, 3.5, "", "x", "\x00", [], {}, [1], 10**30, float("inf")]


def read(annotation: Any, value: Any) -> Any:
    return TypeAdapter(annotation).validate_python(value)


@pytest.mark.parametrize(
    ("annotation", "value", "read_as"),
    [
        (fields.ActionWord, "block", Action.BLOCK),
        (fields.Day, "2027-01-31", 20849),
        (fields.RateText, "60/min", Rate(60, 60)),
        (fields.Count, 0, 0),
        (fields.Count, "200k", 200_000),
        (fields.Positive, "1M", 10**6),
        (fields.Temperature, 2, 2.0),
        (fields.Share, 0.25, 0.25),
        (fields.Effort, "xhigh", "xhigh"),
        (fields.ToolChoice, "named", "named"),
        (fields.ResponseFormat, "json_schema", "json_schema"),
        (fields.Some[fields.Name], ["a", "b"], ("a", "b")),
    ],
)
def test_what_values_mean(annotation: Any, value: Any, read_as: Any) -> None:
    assert read(annotation, value) == read_as


@pytest.mark.parametrize(
    ("annotation", "wrong"),
    [
        (fields.ActionWord, ["BLOCK", "tokenize", 4, *ANYTHING]),
        (fields.Day, ["2027-1-31", "2027-02-30", "1969-12-31", 20270131, *ANYTHING]),
        (fields.RateText, ["60", *ANYTHING]),
        (fields.Seconds, ["30", "2h", "0s", *ANYTHING]),
        (fields.Count, ["1.5", 10**13, *ANYTHING]),
        (fields.Positive, [0, "0k", *ANYTHING]),
        (fields.Temperature, [2.1, -0.1, "1", *(it for it in ANYTHING if it is not None)]),
        (fields.Share, [1.1, "0.5", True]),
        (fields.Effort, ["hgh", *ANYTHING]),
        (fields.ToolChoice, ["any", *ANYTHING]),
        (fields.ResponseFormat, ["json", *ANYTHING]),
        (fields.Some[fields.Name], [[], "a", [1]]),
    ],
)
def test_everything_else_is_refused(annotation: Any, wrong: list[Any]) -> None:
    for value in wrong:
        with pytest.raises(ValidationError):
            read(annotation, value)


@pytest.mark.parametrize(
    ("annotation", "word", "meant"),
    [
        (fields.Effort, "meduim", "medium"),
        (fields.ToolChoice, "requird", "required"),
        (fields.ResponseFormat, "json_objekt", "json_object"),
        (fields.ControlWord, "audit.reed", "audit.read"),
        (fields.ActionWord, "redakt", "redact"),
    ],
)
def test_a_misspelt_word_gets_the_one_that_was_meant(
    annotation: Any, word: str, meant: str
) -> None:
    with pytest.raises(ValidationError, match=f"did you mean '{meant}'"):
        read(annotation, word)


class Example(Section):
    """A section with an optional and a required key."""

    optional: int | None = None
    required: int


def test_a_key_without_a_value_is_wrong_even_where_the_key_may_be_left_out() -> None:
    assert Example.model_validate({"required": 1}).optional is None
    with pytest.raises(ValidationError, match="has no value"):
        Example.model_validate({"required": 1, "optional": None})


def test_nothing_of_a_section_can_be_changed_or_added() -> None:
    section = Example(required=1)
    with pytest.raises(ValidationError, match="frozen"):
        section.required = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra"):
        Example.model_validate({"required": 1, "other": 2})


def test_every_word_is_distinct() -> None:
    assert len({*CHOICES, *FORMATS}) == len(CHOICES) + len(FORMATS)
