"""The schema of one policy file.

Every file of a folder has this shape; what is right only for all of them together (unique ids,
references) is checked in ``gateway.policy.references``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from gateway.policy.case_schema import CaseModel
from gateway.policy.fields import (
    ActionWord,
    Claim,
    ControlWord,
    Entity,
    Glob,
    Name,
    Positive,
    RateText,
    RoleName,
    Score,
    Section,
    Some,
    Text,
)
from gateway.policy.rule_schema import EntityModel, ExceptionModel, RuleModel
from gateway.terms import Action, LimitScope, Provenance, ScannerKind

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = [
    "DefaultsModel",
    "LimitModel",
    "MetadataModel",
    "PolicyFile",
    "RoleModel",
    "ScannerModel",
]


def _empty_mapping(value: object) -> object:
    return {} if value is None else value


class _OrNothing:
    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(core_schema), {"const": None}]}


class MetadataModel(Section):
    """Which policy this is."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    revision: StrictInt = Field(default=0, ge=0)
    owner: str | None = None


class DefaultsModel(Section):
    """What holds where no rule says otherwise."""

    decision: Literal["deny"] = "deny"
    mode: Literal["enforce"] = "enforce"
    on_scanner_error: ActionWord = Action.BLOCK
    on_state_error: Literal["refuse", "allow"] = "refuse"
    capture: Literal["sealed", "none"] = "sealed"

    @model_validator(mode="after")
    def _no_rewrite_of_the_unread(self) -> Self:
        if self.on_scanner_error is Action.REDACT:
            raise ValueError("on_scanner_error is block, flag or allow: there is nothing to redact")
        return self


class MatchModel(Section):
    """The claim that gives a role."""

    claim: Claim
    any_of: Some[Text]


class RoleModel(Section):
    """Who has a role, and what it grants beside the rules."""

    match: MatchModel | None = None
    inherits: tuple[RoleName, ...] = ()
    control: tuple[ControlWord, ...] = ()


RoleOrNothing = Annotated[RoleModel, BeforeValidator(_empty_mapping), _OrNothing()]


class LimitModel(Section):
    """How much of the models may be used, and whose requests are counted together."""

    requests: RateText | None = Field(None, description="How many requests, as 60/min.")
    tokens: RateText | None = Field(None, description="How many tokens, as 200k/hour.")
    concurrent: Positive | None = Field(None, description="How many requests at the same time.")
    per: LimitScope = "subject"
    reserve: Positive = Field(4096, description="Tokens set aside for an answer of no stated size.")

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.requests is None and self.tokens is None and self.concurrent is None:
            raise ValueError("name at least one of requests, tokens and concurrent")
        if "reserve" in self.model_fields_set and self.tokens is None:
            raise ValueError("reserve is for a limit of tokens: name tokens, or take it out")
        return self


class ScannerModel(Section):
    """The settings of one scanner; which keys it takes depends on its kind."""

    kind: ScannerKind
    on: Some[Provenance]
    entities: dict[Entity, EntityModel] = Field({})
    action: ActionWord | None = None
    flag_at: Score = 0.6
    block_at: Score = 0.9
    patterns: dict[Entity, Text] = Field({})


class PolicyFile(Section):
    """One file of a policy."""

    version: Literal[1] | None = None
    metadata: MetadataModel | None = None
    defaults: DefaultsModel | None = None
    roles: dict[RoleName, RoleOrNothing] = Field({})
    models: dict[Name, Some[Glob]] = Field({})
    limits: dict[Name, LimitModel] = Field({})
    scanners: dict[Name, ScannerModel] = Field({})
    rules: tuple[RuleModel, ...] = ()
    exceptions: tuple[ExceptionModel, ...] = ()
    tests: tuple[CaseModel, ...] = ()
