"""What ``clamp`` may say: the parameters that the gateway can set within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Generic, NoReturn, Self, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gateway.policy.bounds import check_range, lies_between
from gateway.policy.fields import (
    Count,
    Effort,
    Glob,
    Positive,
    Section,
    Share,
    Some,
    Temperature,
    Text,
)
from gateway.policy.matrix import Bounds, Condition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.terms import Value

__all__ = ["ClampsModel"]

V = TypeVar("V", bound="Value")


def _never(_value: object) -> NoReturn:
    raise ValueError("cannot be clamped, because no other value could be written for it: require")


Never = Annotated[None, BeforeValidator(_never), Field(exclude=True), WithJsonSchema({"not": {}})]


class _Clamp(Section, Generic[V]):
    """Bounds that a value is moved to."""

    lte: V | None = Field(None, description="What is more is lowered to this.")
    gte: V | None = Field(None, description="What is less is raised to this.")

    @model_validator(mode="after")
    def _some_range(self) -> Self:
        if self.lte is None and self.gte is None:
            raise ValueError("say lte, gte or both")
        check_range(self.gte, self.lte)
        return self

    def condition(self, word: str) -> Condition:
        """The condition that holds afterwards."""
        return Condition(word, bounds=Bounds(lte=self.lte, gte=self.gte))


class PositiveClamp(_Clamp[Positive]):
    """Bounds of a whole number of at least 1."""


class TokensClamp(_Clamp[Count]):
    """Bounds of a number of tokens."""


class TemperatureClamp(_Clamp[Temperature]):
    """Bounds from 0 to 2."""


class ShareClamp(_Clamp[Share]):
    """Bounds from 0 to 1."""


class EffortClamp(_Clamp[Effort]):
    """Bounds of the effort."""


class ToolsClamp(Section):
    """The tools that stay; the others are taken out."""

    names: Annotated[Some[Glob], Field(description="Tools stay whose names match one of these.")]

    def condition(self, word: str) -> Condition:
        """The condition that holds afterwards."""
        return Condition(word, names=self.names)


class SystemClamp(Section):
    """The system text that is written."""

    pinned: Text | None = Field(None, description="Replaces every system text.")
    prefix: Text | None = Field(None, description="Is put before the first system text.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.pinned is None) == (self.prefix is None):
            raise ValueError("say one of pinned and prefix")
        return self

    def condition(self, word: str) -> Condition:
        """The condition that holds afterwards."""
        return Condition(word, pinned=self.pinned, prefix=self.prefix)


class ClampsModel(Section):
    """What the gateway makes so of requests that the rule allows."""

    max_tokens: PositiveClamp | None = None
    temperature: TemperatureClamp | None = None
    top_p: ShareClamp | None = None
    n: PositiveClamp | None = None
    reasoning_effort: EffortClamp | None = None
    reasoning_tokens: TokensClamp | None = None
    tools: ToolsClamp | None = None
    system: SystemClamp | None = None
    stream: Never = None
    tool_choice: Never = None
    images: Never = None
    audio: Never = None
    files: Never = None
    response_format: Never = None
    messages: Never = None
    message_chars: Never = None
    prompt_chars: Never = None
    tainted: Never = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must not be empty")
        return self

    def contradicted(self, required: Iterable[Condition]) -> str | None:
        """A parameter of which something is required that no clamped value can be."""
        for one in self.conditions():
            for other in required:
                if one.word == other.word and not _meet(one.bounds, other.bounds):
                    return one.word
        return None

    def conditions(self) -> tuple[Condition, ...]:
        """What holds afterwards, in the order above."""
        given = ((word, getattr(self, word)) for word in type(self).model_fields)
        return tuple(model.condition(word) for word, model in given if model is not None)


def _meet(clamp: Bounds | None, required: Bounds | None) -> bool:
    if clamp is None or required is None:
        return True
    if required.one_of is None:
        return _overlap(clamp, required.gte, required.lte)
    return any(_overlap(clamp, value, value) for value in required.one_of)


def _overlap(bounds: Bounds, gte: Value | None, lte: Value | None) -> bool:
    return lies_between(gte, bounds.lte) and lies_between(bounds.gte, lte)
