"""The schema of rules and of exceptions from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, cast

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gateway.policy.clamping import ClampsModel
from gateway.policy.conditions import ConditionsModel
from gateway.policy.fields import (
    ActionWord,
    Claim,
    Day,
    Entity,
    Glob,
    Name,
    Reason,
    RoleName,
    Score,
    Section,
    Some,
    Text,
)

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["EntityModel", "ExceptionModel", "MatcherModel", "OverrideModel", "RuleModel"]

_FOR_ALLOW: Final = {
    "require": "what is denied is asked for nothing",
    "clamp": "what is denied is not changed",
    "limits": "what is denied is not counted",
    "scan": "what is denied is never scanned",
}


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[
    Some[Name],
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]


class EntityModel(Section):
    """What a scanner does with one entity; a bare action stands for ``{action: …}``."""

    action: ActionWord
    min_score: Score = 0.5

    @model_validator(mode="before")
    @classmethod
    def _bare_action(cls, value: Any) -> Any:
        return {"action": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        bare = handler.resolve_ref_schema(schema)["properties"]["action"]
        return {"anyOf": [bare, schema], "description": cls.__doc__ or ""}


class MatcherModel(Section):
    """Which requests a rule is about; a part that is not given means any, an empty one is wrong."""

    roles: Some[RoleName] = ()
    routes: Some[str] = ()
    models: Some[Glob] = ()
    when: ConditionsModel | None = None


class AllowModel(MatcherModel):
    """Which requests a rule allows."""

    @model_validator(mode="after")
    def _not_everything(self) -> Self:
        if not (self.roles or self.routes or self.models):
            raise ValueError("name at least one of roles, routes and models")
        return self


class DenyModel(MatcherModel):
    """Which requests a rule denies."""

    @model_validator(mode="after")
    def _not_everything(self) -> Self:
        if not (self.roles or self.routes or self.models or self.when):
            raise ValueError("name at least one of roles, routes, models and when")
        return self


class OverrideModel(MatcherModel):
    """Other settings of a scanner, for some requests."""

    scanner: Name
    flag_at: Score | None = None
    block_at: Score | None = None
    action: ActionWord | None = None
    entities: dict[Entity, EntityModel] = Field({})

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changed:
            raise ValueError("name at least one of flag_at, block_at, action and entities")
        return self

    @property
    def changed(self) -> frozenset[str]:
        """The settings of the scanner that it changes."""
        given = self.model_fields_set.difference(MatcherModel.model_fields, {"scanner"})
        return frozenset(key for key in given if getattr(self, key) != {})


class RuleModel(Section):
    """One rule: what it allows or denies, or how it scans what others allow."""

    id: Name
    allow: AllowModel | None = None
    deny: DenyModel | None = None
    override: OverrideModel | None = None
    mode: Literal["enforce", "shadow"] = "enforce"
    until: Day | None = None
    reason: Reason | None = None
    require: ConditionsModel | None = None
    clamp: ClampsModel | None = None
    limits: Names = ()
    scan: tuple[Name, ...] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if [self.allow, self.deny, self.override].count(None) != 2:
            raise ValueError("a rule has exactly one of allow, deny and override")
        for key in self.model_fields_set.intersection(_FOR_ALLOW):
            if self.deny is not None:
                raise ValueError(f"a deny rule has no {key}: {_FOR_ALLOW[key]}")
            if self.override is not None:
                raise ValueError(f"an override rule has no {key}: it belongs to an allow rule")
        if self.reason is not None and self.override is not None:
            raise ValueError("an override rule has no reason: nobody is denied by it")
        if self.until is not None and self.mode != "shadow":
            raise ValueError(
                "until is for rules in shadow mode: add 'mode: shadow', or take it out"
            )
        return self

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        if self.require is not None and self.clamp is not None:
            word = self.clamp.contradicted(self.require.conditions())
            if word is not None:
                raise ValueError(f"nothing that {word} is clamped to is what is required of it")
        return self

    @property
    def kind(self) -> Literal["allow", "deny", "override"]:
        """What the rule does; the validator has seen to it that it does one thing."""
        return "allow" if self.allow else "deny" if self.deny else "override"

    @property
    def matcher(self) -> MatcherModel:
        """What the rule is about."""
        return cast("MatcherModel", getattr(self, self.kind))


class SuppressModel(Section):
    """What an exception lets pass."""

    scanner: Name
    entities: Some[Entity]


class ExceptionMatchModel(Section):
    """Whom an exception is for: every part that is given must fit."""

    roles: Some[RoleName] = ()
    claim: Claim | None = None
    any_of: Some[Text] = ()

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.roles and self.claim is None:
            raise ValueError("name roles, or claim and any_of, or all three")
        if (self.claim is None) != (not self.any_of):
            raise ValueError("claim and any_of go together")
        return self


class ExceptionModel(Section):
    """Who is spared which findings of a scanner of a rule, and until when."""

    id: Name
    rule: Name
    suppress: SuppressModel
    match: ExceptionMatchModel
    reason: Reason
    approved_by: Reason
    expires: Day
