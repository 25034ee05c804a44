"""The schema of one policy file.

Every file of a folder has this shape; what is right only for all of them together (unique ids,
references) is checked in ``gateway.policy.references``. Keys that later versions read are named
here to be refused: a policy must never hold a promise that this version does not keep.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    model_validator,
)

from gateway.document import suggestion
from gateway.policy.controls import CONTROLS, Control
from gateway.policy.names import check_claim, check_entity, check_glob, check_name, check_role_name
from gateway.terms import Action, Provenance, ScannerKind

__all__ = ["PolicyFile"]

_ACTIONS: Final = tuple(action.word for action in Action if action is not Action.TOKENISE)


def _later(_value: object) -> None:
    raise ValueError("is not supported by this version")


def _action(value: object) -> Action:
    if value == "tokenise":
        raise ValueError("the action tokenise is not supported by this version")
    if isinstance(value, str) and value in _ACTIONS:
        return Action[value.upper()]
    raise ValueError(f"{value!r} is no action; {suggestion(str(value), _ACTIONS)}")


def _control(value: object) -> object:
    if value not in CONTROLS:
        raise ValueError(f"{value!r} is nothing to grant; {suggestion(str(value), CONTROLS)}")
    return value


def _empty_mapping(value: object) -> object:
    return {} if value is None else value


def _not_empty(value: tuple[T, ...]) -> tuple[T, ...]:
    # Not by a least length: pydantic counts the members that are right, and complains twice.
    if not value:
        raise ValueError("must not be empty")
    return value


T = TypeVar("T")
Some = Annotated[tuple[T, ...], AfterValidator(_not_empty)]
Later = Annotated[None, BeforeValidator(_later), Field(exclude=True)]
Name = Annotated[str, AfterValidator(check_name)]
RoleName = Annotated[str, AfterValidator(check_role_name)]
Glob = Annotated[str, AfterValidator(check_glob)]
Entity = Annotated[str, AfterValidator(check_entity)]
Claim = Annotated[str, AfterValidator(check_claim)]
ActionWord = Annotated[Action, BeforeValidator(_action)]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MetadataModel(_Model):
    """Which policy this is."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    revision: StrictInt = Field(default=0, ge=0)
    owner: str | None = None


class DefaultsModel(_Model):
    """What holds where no rule says otherwise."""

    decision: Literal["deny"] = "deny"
    mode: Literal["enforce"] = "enforce"
    on_scanner_error: ActionWord = Action.BLOCK
    capture: Literal["sealed", "none"] = "sealed"

    @model_validator(mode="after")
    def _no_rewrite_of_the_unread(self) -> Self:
        if self.on_scanner_error is Action.REDACT:
            raise ValueError("on_scanner_error is block, flag or allow: there is nothing to redact")
        return self


class MatchModel(_Model):
    """The claim that gives a role."""

    claim: Claim
    any_of: Some[Annotated[str, Field(min_length=1)]]


class RoleModel(_Model):
    """Who has a role, and what it grants beside the rules."""

    match: MatchModel | None = None
    inherits: tuple[RoleName, ...] = ()
    control: tuple[Annotated[Control, BeforeValidator(_control)], ...] = ()


class EntityModel(_Model):
    """What a scanner does with one entity; a bare action stands for ``{action: …}``."""

    action: ActionWord
    min_score: Score = 0.5

    @model_validator(mode="before")
    @classmethod
    def _bare_action(cls, value: Any) -> Any:
        return {"action": value} if isinstance(value, str) else value


class ScannerModel(_Model):
    """The settings of one scanner; which keys it takes depends on its kind."""

    kind: ScannerKind
    on: Some[Provenance]
    entities: dict[Entity, EntityModel] = {}
    action: ActionWord | None = None
    flag_at: Score = 0.6
    block_at: Score = 0.9
    patterns: dict[Entity, Annotated[str, Field(min_length=1)]] = {}


class MatcherModel(_Model):
    """Which requests a rule is about; a part that is not given means any, an empty one is wrong."""

    roles: Some[RoleName] = ()
    routes: Some[str] = ()
    models: Some[Glob] = ()
    when: Later = None

    @model_validator(mode="after")
    def _not_everything(self) -> Self:
        if not (self.roles or self.routes or self.models):
            raise ValueError("name at least one of roles, routes and models")
        return self


class RuleModel(_Model):
    """One rule: what it allows or denies, and how allowed requests are scanned."""

    id: Name
    allow: MatcherModel | None = None
    deny: MatcherModel | None = None
    reason: Reason | None = None
    scan: tuple[Name, ...] | None = None
    mode: Later = None
    until: Later = None
    limits: Later = None
    require: Later = None
    clamp: Later = None
    override: Later = None

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if (self.allow is None) == (self.deny is None):
            raise ValueError("a rule has exactly one of allow and deny")
        if self.deny is not None and self.scan is not None:
            raise ValueError("a deny rule has no scan: what is denied is never scanned")
        return self

    @property
    def matcher(self) -> MatcherModel:
        """What the rule is about; the validator has seen to it that one of the two is there."""
        return self.allow or cast("MatcherModel", self.deny)


class GivenModel(_Model):
    """The request of a test, and the answer to it."""

    role: RoleName | None = None
    roles: tuple[RoleName, ...] | None = None
    claims: dict[str, Any] | None = None
    route: str
    model: Annotated[str, Field(min_length=1)]
    prompt: str | None = None
    system: str | None = None
    tool: str | None = None
    document: str | None = None
    answer: str | None = None

    @model_validator(mode="after")
    def _one_caller(self) -> Self:
        if [self.role, self.roles, self.claims].count(None) != 2:
            raise ValueError("say who asks with exactly one of role, roles and claims")
        return self


class ExpectModel(_Model):
    """What must come of a test's request."""

    decision: Literal["allow", "flag", "redact", "block", "deny"]
    scanner: Name | None = None
    entity: Entity | None = None
    rule: Name | None = None

    @model_validator(mode="after")
    def _denied_unread(self) -> Self:
        if self.decision == "deny" and (self.scanner or self.entity):
            raise ValueError("a denied request is not scanned: take scanner and entity out")
        return self


class CaseModel(_Model):
    """One embedded test."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    given: GivenModel
    expect: ExpectModel


class PolicyFile(_Model):
    """One file of a policy."""

    version: Literal[1] | None = None
    metadata: MetadataModel | None = None
    defaults: DefaultsModel | None = None
    roles: dict[RoleName, Annotated[RoleModel, BeforeValidator(_empty_mapping)]] = {}
    models: dict[Name, Some[Glob]] = {}
    scanners: dict[Name, ScannerModel] = {}
    rules: tuple[RuleModel, ...] = ()
    tests: tuple[CaseModel, ...] = ()
    limits: Later = None
    exceptions: Later = None
