"""What ``when`` and ``require`` may say of a request's parameters, each by its word."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gateway.policy.bounds import (
    ChoiceModel,
    EffortRange,
    FormatModel,
    NumberRange,
    PartsModel,
    PositiveModel,
    Presence,
    ShareModel,
    SwitchModel,
    TemperatureModel,
    TokensModel,
)
from gateway.policy.fields import Glob, Section, Some, Text
from gateway.policy.matrix import Condition

__all__ = ["ConditionsModel"]


class ToolsModel(Presence):
    """Which tools the request offers to the model; ``present`` means at least one."""

    names: Some[Glob] | None = Field(None, description="Every tool's name matches one of these.")
    any: Some[Glob] | None = Field(None, description="Some tool's name matches one of these.")
    count: NumberRange | None = Field(None, description="How many tools there are.")

    def condition(self, word: str) -> Condition:
        return Condition(
            word,
            present=self.present,
            names=self.names,
            any_name=self.any,
            count=None if self.count is None else self.count.bounds(),
        )


class SystemModel(Presence):
    """The system text; ``present`` means that there is one."""

    pinned: Text | None = Field(None, description="The only system text there is.")
    prefix: Text | None = Field(None, description="What the first system text begins with.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if len(self.model_fields_set) > 1:
            raise ValueError("say one of present, pinned and prefix")
        return self

    def condition(self, word: str) -> Condition:
        return Condition(word, present=self.present, pinned=self.pinned, prefix=self.prefix)


class ConditionsModel(Section):
    """What must hold of the request's parameters: all of it."""

    max_tokens: PositiveModel | None = Field(
        None, description="How many tokens the answer may have."
    )
    temperature: TemperatureModel | None = Field(None, description="The sampling temperature.")
    top_p: ShareModel | None = Field(
        None, description="The share of likely words that is sampled from."
    )
    n: PositiveModel | None = Field(None, description="How many answers are asked for.")
    stream: SwitchModel | None = Field(None, description="Whether the answer is streamed.")
    tools: ToolsModel | None = Field(None, description="The tools that the model is offered.")
    tool_choice: ChoiceModel | None = Field(
        None, description="Whether the model may or must call a tool."
    )
    images: PartsModel | None = Field(
        None, description="How many images the request holds or asks for."
    )
    audio: PartsModel | None = Field(
        None, description="How many sounds the request holds or asks for."
    )
    files: PartsModel | None = Field(None, description="How many files the request holds.")
    response_format: FormatModel | None = Field(None, description="The form of the answer.")
    reasoning_effort: EffortRange | None = Field(
        None, description="How hard the model is told to think."
    )
    reasoning_tokens: TokensModel | None = Field(
        None, description="How many tokens the model may think for."
    )
    system: SystemModel | None = Field(None, description="The system text.")
    messages: NumberRange | None = Field(None, description="How many messages the request has.")
    message_chars: NumberRange | None = Field(
        None, description="Characters of the longest message."
    )
    prompt_chars: NumberRange | None = Field(None, description="Characters of all texts together.")
    tainted: SwitchModel | None = Field(
        None,
        description="Whether tools, documents or files have a say in what the model reads.",
    )

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must not be empty")
        return self

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions, in the order of the vocabulary."""
        given = ((word, getattr(self, word)) for word in type(self).model_fields)
        return tuple(model.condition(word) for word, model in given if model is not None)
