"""What values in a policy file look like: names, actions, scores, dates, counts and rates."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
)

from gateway.document import suggestion
from gateway.policy.controls import CONTROLS, Control
from gateway.policy.days import parse_day
from gateway.policy.names import check_claim, check_entity, check_glob, check_name, check_role_name
from gateway.terms import EFFORTS, Action, Rate
from gateway.units import parse_count, parse_duration, parse_rate

__all__ = [
    "CHOICES",
    "FORMATS",
    "ActionWord",
    "Claim",
    "ControlWord",
    "Count",
    "Day",
    "Effort",
    "Entity",
    "Glob",
    "Name",
    "Positive",
    "RateText",
    "Reason",
    "ResponseFormat",
    "RoleName",
    "Score",
    "Seconds",
    "Section",
    "Share",
    "Some",
    "Temperature",
    "Text",
    "ToolChoice",
]

T = TypeVar("T")

_ACTIONS: Final = tuple(action.word for action in Action)
CHOICES: Final = ("none", "auto", "required", "named")
"""The words of ``tool_choice``; ``named`` forces a certain tool."""
FORMATS: Final = ("text", "json_object", "json_schema")
"""The words of ``response_format``."""

_MOST: Final = 10**12
_TEXT: Final = {"type": "string", "minLength": 1}
_COUNT: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?[kMG]?$"}


class Section(BaseModel):
    """A mapping in a policy file: unknown keys are wrong, and so are keys without a value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_value(cls, value: Any) -> Any:
        # Or a rule whose condition was forgotten would be a rule without conditions.
        if value is None:
            raise ValueError("has no value: give it one, or take the key out")
        return value


def _action(value: object) -> Action:
    if isinstance(value, str) and value in _ACTIONS:
        return Action[value.upper()]
    raise ValueError(f"{value!r} is no action; {suggestion(str(value), _ACTIONS)}")


def _among(value: object, words: tuple[str, ...], what: str) -> object:
    if value not in words:
        raise ValueError(f"{value!r} is {what}; {suggestion(str(value), words)}")
    return value


def _not_empty(value: tuple[T, ...]) -> tuple[T, ...]:
    # Not by a least length: pydantic counts the members that are right, and complains twice.
    if not value:
        raise ValueError("must not be empty")
    return value


def _words(words: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [*words]})


def _count_schema(least: int) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "integer", "minimum": least}, _COUNT]})


Some = Annotated[
    tuple[T, ...], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})
]
Name = Annotated[str, AfterValidator(check_name)]
RoleName = Annotated[str, AfterValidator(check_role_name)]
Glob = Annotated[str, AfterValidator(check_glob)]
Entity = Annotated[str, AfterValidator(check_entity)]
Claim = Annotated[str, AfterValidator(check_claim)]
ControlWord = Annotated[
    Control, BeforeValidator(partial(_among, words=CONTROLS, what="nothing to grant"))
]
ActionWord = Annotated[Action, BeforeValidator(_action), _words(_ACTIONS)]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(gt=0, le=3600),
    WithJsonSchema({**_TEXT, "examples": ["30s", "1m"]}),
]
Text = Annotated[str, Field(min_length=1)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Day = Annotated[
    int, BeforeValidator(parse_day), WithJsonSchema({"type": "string", "format": "date"})
]
RateText = Annotated[
    Rate, BeforeValidator(parse_rate), WithJsonSchema({**_TEXT, "examples": ["60/min", "1M/day"]})
]

Count = Annotated[int, BeforeValidator(parse_count), Field(ge=0, le=_MOST), _count_schema(0)]
Positive = Annotated[int, BeforeValidator(parse_count), Field(ge=1, le=_MOST), _count_schema(1)]
Temperature = Annotated[float, Field(strict=True, ge=0, le=2, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Effort = Annotated[
    str, BeforeValidator(partial(_among, words=EFFORTS, what="no effort")), _words(EFFORTS)
]
ToolChoice = Annotated[
    str, BeforeValidator(partial(_among, words=CHOICES, what="no choice")), _words(CHOICES)
]
ResponseFormat = Annotated[
    str, BeforeValidator(partial(_among, words=FORMATS, what="no format")), _words(FORMATS)
]
