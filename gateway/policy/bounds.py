"""What rules may say of one parameter: that it is there, and where its value lies.

A bare value stands for ``{eq: value}``, the words ``present`` and ``absent`` for
``{present: true}`` and ``{present: false}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from pydantic import Field, StrictBool, model_validator

from gateway.policy.fields import (
    Count,
    Effort,
    Positive,
    ResponseFormat,
    Section,
    Share,
    Some,
    Temperature,
    ToolChoice,
)
from gateway.policy.matrix import Bounds, Condition
from gateway.terms import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from gateway.terms import Value

__all__ = [
    "ChoiceModel",
    "EffortRange",
    "FormatModel",
    "NumberRange",
    "PartsModel",
    "PositiveModel",
    "Presence",
    "ShareModel",
    "SwitchModel",
    "TemperatureModel",
    "TokensModel",
    "check_range",
    "lies_between",
]

V = TypeVar("V", bound="Value")

_WORDS: Final = {"present": True, "absent": False}


def lies_between(gte: Value | None, lte: Value | None) -> bool:
    """Whether any value lies between two bounds; what is None bounds nothing."""
    return gte is None or lte is None or _place(gte) <= _place(lte)


def check_range(gte: Value | None, lte: Value | None) -> None:
    """Sees to it that something lies between two bounds.

    Raises:
        ValueError: Nothing does.
    """
    if not lies_between(gte, lte):
        raise ValueError(f"gte {gte} is more than lte {lte}: no value lies between them")


def _place(value: Value) -> float:
    return EFFORTS.index(value) if isinstance(value, str) else value


class ConditionModel(Section):
    """What holds of one parameter; all that is given must hold."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if not isinstance(value, (str, int, float)):
            return value
        if isinstance(value, str) and value in _WORDS and "present" in cls.model_fields:
            return {"present": _WORDS[value]}
        if "eq" in cls.model_fields:
            return {"eq": value}
        raise ValueError(f"must be present, absent or a mapping of {', '.join(_keys(cls))}")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"must say something: {', '.join(_keys(type(self)))}")
        if getattr(self, "present", None) is False and len(self.model_fields_set) > 1:
            raise ValueError("what is absent has no other properties: take them out")
        return self

    def condition(self, word: str) -> Condition:
        """The condition that this is for a parameter."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        forms = [schema]
        if "present" in cls.model_fields:
            forms.append({"enum": [*_WORDS], "type": "string"})
        if "eq" in cls.model_fields:
            properties = handler.resolve_ref_schema(schema)["properties"]
            forms += [one for one in properties["eq"]["anyOf"] if one.get("type") != "null"]
        return {"anyOf": forms, "description": cls.__doc__ or ""}


def _keys(model: type[Section]) -> Iterator[str]:
    return (field.alias or name for name, field in model.model_fields.items())


class Presence(ConditionModel):
    """Whether a request says something at all."""

    present: StrictBool | None = Field(None, description="Whether the request says it at all.")


class _Values(ConditionModel, Generic[V]):
    eq: V | None = Field(None, description="It is this.")
    in_: Some[V] | None = Field(None, alias="in", description="It is one of these.")

    @model_validator(mode="after")
    def _values_stand_alone(self) -> Self:
        given = self.model_fields_set - {"present"}
        if len(given) > 1 and given & {"eq", "in_"}:
            raise ValueError("eq and in stand alone: take the other bounds out")
        return self

    def bounds(self) -> Bounds | None:
        """Where the value lies, if anything is said of it."""
        one_of: tuple[Value, ...] | None = self.in_ if self.eq is None else (self.eq,)
        return None if one_of is None else Bounds(one_of=one_of)

    def condition(self, word: str) -> Condition:
        return Condition(word, present=getattr(self, "present", None), bounds=self.bounds())


class _Range(_Values[V], Generic[V]):
    lte: V | None = Field(None, description="It is at most this.")
    gte: V | None = Field(None, description="It is at least this.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        check_range(self.gte, self.lte)
        return self

    def bounds(self) -> Bounds | None:
        if self.lte is None and self.gte is None:
            return super().bounds()
        return Bounds(lte=self.lte, gte=self.gte)


class NumberRange(_Range[Count]):
    """A number that every request has: a count, or a size in characters."""


class PartsModel(NumberRange, Presence):
    """How many parts of a kind the request has; ``present`` means at least one."""


class PositiveModel(_Range[Positive], Presence):
    """A whole number of at least 1; ``present`` means that the request names it."""


class TokensModel(_Range[Count], Presence):
    """A number of tokens; ``present`` means that the request names it."""


class TemperatureModel(_Range[Temperature], Presence):
    """A number from 0 to 2; ``present`` means that the request names it."""


class ShareModel(_Range[Share], Presence):
    """A number from 0 to 1; ``present`` means that the request names it."""


class EffortRange(_Range[Effort], Presence):
    """An effort; ``present`` means that the request names it."""


class ChoiceModel(_Values[ToolChoice], Presence):
    """How tools are chosen; ``present`` means that the request says so."""


class FormatModel(_Values[ResponseFormat], Presence):
    """What the answer looks like; ``present`` means that the request says so."""


class SwitchModel(Presence):
    """True or false; ``present`` means that the request names it."""

    eq: StrictBool | None = Field(None, description="It is this.")

    def condition(self, word: str) -> Condition:
        """The condition that this is for a parameter."""
        bounds = None if self.eq is None else Bounds(one_of=(self.eq,))
        return Condition(word, present=self.present, bounds=bounds)
