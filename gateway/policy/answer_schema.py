"""The schema of what rules say of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from gateway.policy.fields import Glob, Section, Some
from gateway.policy.names import check_host_glob
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AnswerCopiesModel", "AnswerLinksModel", "AnswerToolsModel"]


def _action_of(*words: str) -> tuple[Callable[[Any], Action], WithJsonSchema]:
    def read(value: Any) -> Action:
        if value not in words:
            raise ValueError(f"{value!r} is none of {', '.join(words)}")
        return Action[value.upper()]

    return read, WithJsonSchema({"type": "string", "enum": [*words]})


_READ_CALL, _CALL_SCHEMA = _action_of("flag", "block")
_READ_TEXT, _TEXT_SCHEMA = _action_of("flag", "redact", "block")
CallAction = Annotated[Action, BeforeValidator(_READ_CALL), _CALL_SCHEMA]
TextAction = Annotated[Action, BeforeValidator(_READ_TEXT), _TEXT_SCHEMA]
HostGlob = Annotated[str, AfterValidator(check_host_glob)]


class AnswerToolsModel(Section):
    """Which tools an answer may call."""

    allow: Some[Glob] | None = Field(
        None, description="Only tools whose name matches one of these."
    )
    deny: Some[Glob] = Field((), description="No tool whose name matches one of these.")
    action: CallAction = Field(
        Action.BLOCK, description="What happens to an answer that calls another."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.allow is None and not self.deny:
            raise ValueError("name the tools: allow, deny or both")
        return self


class AnswerLinksModel(Section):
    """Where links and images of an answer may lead."""

    hosts: Annotated[
        tuple[HostGlob, ...],
        Field(description="The hosts; '*.example.com' means all below it. Empty means none."),
    ]
    action: TextAction = Field(
        Action.BLOCK, description="What happens to an answer with a link to another."
    )


class AnswerCopiesModel(Section):
    """What arguments of called tools may not copy from texts of tools and documents."""

    chars: int = Field(
        24, ge=8, le=1024, description="So many characters in a row are a copy.", strict=True
    )
    tools: Some[Glob] | None = Field(None, description="The tools it is about; all if not given.")
    action: CallAction = Field(Action.BLOCK, description="What happens to an answer that copies.")
