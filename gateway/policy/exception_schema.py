"""The schema of exceptions from rules."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.policy.fields import Claim, Day, Entity, Name, Reason, RoleName, Section, Some, Text

__all__ = ["ExceptionModel"]


class SuppressModel(Section):
    """What an exception lets pass."""

    scanner: Annotated[Name, Field(description="The scanner that is weakened.")]
    entities: Annotated[Some[Entity], Field(description="What it lets pass.")]


class ExceptionMatchModel(Section):
    """Whom an exception is for: every part that is given must fit."""

    roles: Some[RoleName] = Field((), description="The caller has at least one of these.")
    claim: Claim | None = Field(None, description="The claim of the token that is looked at.")
    any_of: Some[Text] = Field((), description="The claim holds at least one of these.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.roles and self.claim is None:
            raise ValueError("name roles, or claim and any_of, or all three")
        if (self.claim is None) != (not self.any_of):
            raise ValueError("claim and any_of go together")
        return self


class ExceptionModel(Section):
    """Who is spared which findings of a scanner of a rule, and until when."""

    id: Annotated[Name, Field(description="The exception's name; audit records show it.")]
    rule: Annotated[Name, Field(description="The allow rule whose scanner is weakened.")]
    suppress: SuppressModel
    match: ExceptionMatchModel
    reason: Annotated[Reason, Field(description="Why there is an exception.")]
    approved_by: Annotated[Reason, Field(description="Who answers for it.")]
    expires: Annotated[Day, Field(description="The last day on which it holds.")]
