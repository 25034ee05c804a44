"""The schema of one policy file.

Every file of a folder has this shape; what is right only for all of them together (unique ids,
references) is checked in ``gateway.policy.references``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from gateway.policy.case_schema import CaseModel
from gateway.policy.exception_schema import ExceptionModel
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
    Seconds,
    Section,
    Some,
    Text,
)
from gateway.policy.rule_schema import Entities, RuleModel
from gateway.policy.word_lists import TermsOrFile
from gateway.terms import REGIONS, Action, LimitScope, Readable, ScannerKind

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

    name: Annotated[str, Field(min_length=1, max_length=200, description="The policy's name.")]
    revision: StrictInt = Field(
        default=0, ge=0, description="A number that is counted up; audit records show it."
    )
    owner: str | None = Field(None, description="Whom to ask.")


class HoldBackModel(Section):
    """How much of a streamed answer may wait for a scanner to decide; with more it is blocked."""

    chars: Positive = Field(
        20_000, description="Characters of one running text; all together have sixteen times that."
    )
    time: Seconds = Field(30.0, description="How long any of them may wait, as 30s.")


class DefaultsModel(Section):
    """What holds where no rule says otherwise."""

    decision: Literal["deny"] = Field("deny", description="What no rule allows is denied.")
    mode: Literal["enforce"] = Field(
        "enforce", description="Rules are enforced unless they say otherwise."
    )
    on_scanner_error: ActionWord = Field(
        Action.BLOCK, description="What a text counts as that a scanner could not read."
    )
    on_state_error: Literal["refuse", "allow"] = Field(
        "refuse", description="What becomes of a request whose limits cannot be asked."
    )
    unknown_fields: Literal["scan", "refuse"] = Field(
        "scan", description="What becomes of texts in places that the format does not know."
    )
    unknown_conversations: Literal["refuse", "allow"] = Field(
        "refuse", description="What becomes of requests that go on with what nobody was given."
    )
    capture: Literal["sealed", "none"] = Field(
        "sealed", description="Whether prompts and answers are kept, sealed to the auditors."
    )
    hold_back: HoldBackModel = Field(
        HoldBackModel(), description="When a streamed answer that nobody can decide on is blocked."
    )

    @model_validator(mode="after")
    def _no_rewrite_of_the_unread(self) -> Self:
        if self.on_scanner_error in {Action.REDACT, Action.TOKENISE}:
            raise ValueError("on_scanner_error is block, flag or allow: there is nothing to redact")
        return self


class MatchModel(Section):
    """The claim that gives a role."""

    claim: Annotated[
        Claim, Field(description="The claim of the token: its name, or its path with dots.")
    ]
    any_of: Annotated[Some[Text], Field(description="The claim holds at least one of these.")]


class RoleModel(Section):
    """Who has a role, and what it grants beside the rules."""

    match: MatchModel | None = None
    inherits: tuple[RoleName, ...] = Field((), description="Whoever has this role has these, too.")
    control: tuple[ControlWord, ...] = Field(
        (), description="What the role may do on the gateway's own pages."
    )


RoleOrNothing = Annotated[RoleModel, BeforeValidator(_empty_mapping), _OrNothing()]


class LimitModel(Section):
    """How much of the models may be used, and whose requests are counted together."""

    requests: RateText | None = Field(None, description="How many requests, as 60/min.")
    tokens: RateText | None = Field(None, description="How many tokens, as 200k/hour.")
    concurrent: Positive | None = Field(None, description="How many requests at the same time.")
    per: LimitScope = Field("subject", description="Whose requests are counted together.")
    reserve: Positive = Field(4096, description="Tokens set aside for an answer of no stated size.")

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.requests is None and self.tokens is None and self.concurrent is None:
            raise ValueError("name at least one of requests, tokens and concurrent")
        if "reserve" in self.model_fields_set and self.tokens is None:
            raise ValueError("reserve is for a limit of tokens: name tokens, or take it out")
        return self


class GreyModel(Section):
    """Scores between which the embedded model is in doubt."""

    from_: Score = Field(0.0, alias="from", description="The least of them.")
    to: Score = Field(1.0, description="The greatest of them.")

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.from_ > self.to:
            raise ValueError(f"from {self.from_} is more than to {self.to}: no score lies between")
        return self


class ScannerModel(Section):
    """The settings of one scanner; which keys it takes depends on its kind."""

    kind: Annotated[ScannerKind, Field(description="Which detectors it runs.")]
    on: Annotated[Some[Readable], Field(description="The texts that it reads, by who wrote them.")]
    entities: Entities = Field({}, description="What to do about each kind of finding.")
    action: ActionWord | None = Field(
        None, description="What to do about findings that have no entry of their own."
    )
    flag_at: Score = Field(0.6, description="Score from which an injection is flagged.")
    block_at: Score = Field(0.9, description="Score from which an injection is blocked.")
    ask: Name | None = Field(
        None, description="The model of gateway.yaml that is asked about the texts, too."
    )
    grey: GreyModel | None = Field(
        None, description="The embedded model's scores between which another model is asked."
    )
    patterns: dict[Entity, Text] = Field({}, description="Regular expressions, each with a name.")
    words: dict[Entity, TermsOrFile] = Field(
        {}, description="Lists of terms, each with a name: written here, or the name of a file."
    )
    regions: Some[Text] = Field(
        REGIONS, description="Whose telephone numbers are known without a country code."
    )


class PolicyFile(Section):
    """One file of a policy."""

    version: Literal[1] | None = Field(
        None, description="The version of this format; stands in one file of the policy."
    )
    metadata: MetadataModel | None = None
    defaults: DefaultsModel | None = None
    roles: dict[RoleName, RoleOrNothing] = Field({}, description="Who callers are.")
    models: dict[Name, Some[Glob]] = Field({}, description="Names for sets of models.")
    limits: dict[Name, LimitModel] = Field({}, description="How much callers may use.")
    scanners: dict[Name, ScannerModel] = Field({}, description="Named settings of scanners.")
    rules: tuple[RuleModel, ...] = Field(
        (),
        description="Who may do what; any deny wins, then any allow, else the request is denied.",
    )
    exceptions: tuple[ExceptionModel, ...] = Field(
        (), description="Who is spared which findings, and until when."
    )
    tests: tuple[CaseModel, ...] = Field(
        (), description="Examples that must hold before the policy comes into force."
    )
