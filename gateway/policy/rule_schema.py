"""The schema of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    WithJsonSchema,
    model_validator,
)

from gateway.policy.answer_schema import AnswerCopiesModel, AnswerLinksModel, AnswerToolsModel
from gateway.policy.clamping import ClampsModel
from gateway.policy.conditions import ConditionsModel
from gateway.policy.fields import (
    ActionWord,
    Day,
    Entity,
    Glob,
    Name,
    Reason,
    RoleName,
    Score,
    Section,
    Some,
)
from gateway.terms import FORMATTED, Action

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_ANSWERS: Final = ("answer_tools", "answer_links", "answer_copies")

__all__ = ["Entities", "EntityModel", "MatcherModel", "OverrideModel", "RuleModel"]

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

    action: Annotated[ActionWord, Field(description="What happens to a text in which it is found.")]
    min_score: Score = Field(0.5, description="The least score that counts.")
    keep_format: StrictBool = Field(
        False, description="Whether what stands for a tokenised value looks like such a value."
    )

    @model_validator(mode="after")
    def _has_a_format(self) -> Self:
        if self.keep_format and self.action is not Action.TOKENISE:
            raise ValueError("keep_format is for the action tokenise")
        return self

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


def _with_formats(entities: dict[str, EntityModel]) -> dict[str, EntityModel]:
    for name, rule in entities.items():
        if rule.keep_format and name not in FORMATTED:
            words = ", ".join(sorted(FORMATTED))
            raise ValueError(f"{name} has no format to keep; keep_format is for {words}")
    return entities


Entities = Annotated[dict[Entity, EntityModel], AfterValidator(_with_formats)]
"""What to do about each kind of finding."""


class MatcherModel(Section):
    """Which requests a rule is about; a part that is not given means any, an empty one is wrong."""

    roles: Some[RoleName] = Field((), description="The caller has at least one of these.")
    routes: Some[str] = Field((), description="The request came in on one of these.")
    models: Some[Glob] = Field(
        (), description="The model is in one of these sets, or is one of these names or globs."
    )
    when: ConditionsModel | None = Field(
        None, description="What must be so of the request's parameters for the rule to be about it."
    )


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


class RestrictModel(MatcherModel):
    """Which requests have answers that a rule restricts; none of its parts means all."""


class OverrideModel(MatcherModel):
    """Other settings of a scanner, for some requests."""

    scanner: Annotated[Name, Field(description="The scanner whose settings change.")]
    flag_at: Score | None = Field(
        None, description="Score from which an injection is flagged instead."
    )
    block_at: Score | None = Field(
        None, description="Score from which an injection is blocked instead."
    )
    action: ActionWord | None = Field(
        None, description="What to do instead about findings that have no entry of their own."
    )
    entities: Entities = Field({}, description="What to do instead about these kinds of findings.")

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

    id: Annotated[Name, Field(description="The rule's name; audit records and tests show it.")]
    allow: AllowModel | None = None
    deny: DenyModel | None = None
    override: OverrideModel | None = None
    restrict: RestrictModel | None = None
    mode: Literal["enforce", "shadow"] = Field(
        "enforce", description="shadow: the rule is measured and decides nothing."
    )
    until: Day | None = Field(
        None, description="The last day on which a rule in shadow mode is measured."
    )
    reason: Reason | None = Field(None, description="What the client reads when this rule denies.")
    require: ConditionsModel | None = Field(
        None, description="What must be so of the parameters, or the rule does not allow."
    )
    clamp: ClampsModel | None = Field(
        None, description="What is made so of the parameters before the request leaves."
    )
    limits: Names = Field((), description="The limits in which the rule counts what it allows.")
    scan: tuple[Name, ...] | None = Field(
        None, description="The scanners that read what the rule allows."
    )

    answer_tools: AnswerToolsModel | None = Field(
        None, description="Which tools the answer may call."
    )
    answer_links: AnswerLinksModel | None = Field(
        None, description="Where links and images of the answer may lead."
    )
    answer_copies: AnswerCopiesModel | None = Field(
        None, description="What arguments of called tools may not copy from tools and documents."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if [self.allow, self.deny, self.override, self.restrict].count(None) != 3:
            raise ValueError("a rule has exactly one of allow, deny, override and restrict")
        for key in self.model_fields_set.intersection(_FOR_ALLOW):
            if self.deny is not None:
                raise ValueError(f"a deny rule has no {key}: {_FOR_ALLOW[key]}")
            if self.override is not None:
                raise ValueError(f"an override rule has no {key}: it belongs to an allow rule")
            if self.restrict is not None:
                raise ValueError(f"a restrict rule has no {key}: it belongs to an allow rule")
        if self.reason is not None and self.kind in {"override", "restrict"}:
            raise ValueError(f"an {self.kind} rule has no reason: nobody is denied by it")
        if self.until is not None and self.mode != "shadow":
            raise ValueError(
                "until is for rules in shadow mode: add 'mode: shadow', or take it out"
            )
        return self

    @model_validator(mode="after")
    def _about_answers(self) -> Self:
        given = self.model_fields_set.intersection(_ANSWERS)
        if self.restrict is not None and not given:
            raise ValueError(f"a restrict rule says at least one of {', '.join(_ANSWERS)}")
        for key in sorted(given) if self.kind in {"deny", "override"} else ():
            raise ValueError(f"a rule of kind {self.kind} has no {key}: it has no answer")
        return self

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        if self.require is not None and self.clamp is not None:
            word = self.clamp.contradicted(self.require.conditions())
            if word is not None:
                raise ValueError(f"nothing that {word} is clamped to is what is required of it")
        return self

    @property
    def kind(self) -> Literal["allow", "deny", "override", "restrict"]:
        """What the rule does; the validator has seen to it that it does one thing."""
        if self.restrict is not None:
            return "restrict"
        return "allow" if self.allow else "deny" if self.deny else "override"

    @property
    def restricts(self) -> bool:
        """Whether it says what answers may do."""
        return any(getattr(self, key) is not None for key in _ANSWERS)

    @property
    def matcher(self) -> MatcherModel:
        """What the rule is about."""
        return cast("MatcherModel", getattr(self, self.kind))
