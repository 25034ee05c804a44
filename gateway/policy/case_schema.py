"""The schema of the tests that are embedded in a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn, Self, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from gateway.policy.fields import (
    Count,
    Day,
    Effort,
    Entity,
    Name,
    Positive,
    ResponseFormat,
    RoleName,
    Section,
    Share,
    Temperature,
    Text,
    ToolChoice,
)

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["ABSENT", "CaseModel", "ChangesModel", "ExpectModel", "GivenModel", "ParametersModel"]

T = TypeVar("T")

ABSENT: Final = "absent"
"""Stands for what a request does not say."""
_UNREAD: Final = ("scanner", "entity", "changes", "limits", "exceptions")


def _or_absent(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    return ABSENT if value == ABSENT else handler(value)


class _AlsoAbsent:
    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(core_schema), {"const": ABSENT}]}


def _is_a_text(_value: object) -> NoReturn:
    raise ValueError("is a text of the test: write it as 'system' beside 'parameters'")


SystemText = Annotated[
    None, BeforeValidator(_is_a_text), Field(exclude=True), WithJsonSchema({"not": {}})
]
Maybe = Annotated[T, WrapValidator(_or_absent), _AlsoAbsent()]


class ParametersModel(Section):
    """What a test's request asks of the model; ``absent`` is what it does not say."""

    max_tokens: Maybe[Positive] | None = None
    temperature: Maybe[Temperature] | None = None
    top_p: Maybe[Share] | None = None
    n: Maybe[Positive] | None = None
    stream: Maybe[StrictBool] | None = None
    tools: tuple[Text, ...] | None = Field(None, description="The names of the tools.")
    tool_choice: Maybe[ToolChoice] | None = None
    images: Count | None = None
    audio: Count | None = None
    files: Count | None = None
    response_format: Maybe[ResponseFormat] | None = None
    reasoning_effort: Maybe[Effort] | None = None
    reasoning_tokens: Maybe[Count] | None = None
    system: SystemText = None
    messages: Count | None = None
    message_chars: Count | None = None
    prompt_chars: Count | None = None
    tainted: StrictBool | None = None


class ChangesModel(Section):
    """What a test's request is made to say."""

    max_tokens: Positive | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    n: Positive | None = None
    reasoning_effort: Effort | None = None
    reasoning_tokens: Count | None = None
    tools: tuple[Text, ...] | None = Field(None, description="The tools that stay.")
    system: Text | None = Field(None, description="Replaces every system text.")
    system_prefix: Text | None = Field(None, description="Comes before the system texts.")


class GivenModel(Section):
    """The request of a test, and the answer to it."""

    role: RoleName | None = Field(None, description="The caller has this role.")
    roles: tuple[RoleName, ...] | None = Field(None, description="The caller has these roles.")
    claims: dict[str, Any] | None = Field(None, description="The claims of the caller's token.")
    route: Annotated[str, Field(description="The route that is asked for.")]
    model: Annotated[Text, Field(description="The model that is asked for.")]
    parameters: ParametersModel | None = Field(
        None, description="What the request asks for; all else is modest."
    )
    prompt: str | None = Field(None, description="What the user says.")
    system: str | None = Field(None, description="The system text.")
    tool: str | None = Field(None, description="A tool's result.")
    document: str | None = Field(None, description="An attached document.")
    answer: str | None = Field(None, description="What the model answers.")
    call: Text | None = Field(None, description="The name of a tool that the answer calls.")
    argument: str | None = Field(None, description="A text in the arguments of that call.")
    day: Day | None = Field(
        None, description="The day on which it is asked; if not given, nothing has expired."
    )

    @model_validator(mode="after")
    def _one_caller(self) -> Self:
        given = [self.role, self.roles, self.claims].count(None)
        if given == 3 or (self.role is not None and self.roles is not None):
            raise ValueError("say who asks with role or roles, with claims, or with both")
        return self


class ExpectModel(Section):
    """What must come of a test's request; what is not given is not looked at."""

    decision: Annotated[
        Literal["allow", "flag", "tokenise", "redact", "block", "deny"],
        Field(description="What comes of the request."),
    ]
    scanner: Name | None = Field(None, description="The scanner that led to it.")
    entity: Entity | None = Field(None, description="What was found.")
    rule: Name | None = Field(None, description="One of the rules that allowed or denied.")
    changes: ChangesModel | None = Field(None, description="All that the request is made to say.")
    limits: tuple[Name, ...] | None = Field(None, description="All limits that it counts in.")
    exceptions: tuple[Name, ...] | None = Field(
        None, description="All exceptions that are made for it."
    )
    shadow: tuple[Name, ...] | None = Field(
        None, description="All rules in shadow mode that would have done otherwise."
    )

    @model_validator(mode="after")
    def _denied_unread(self) -> Self:
        given = [key for key in _UNREAD if key in self.model_fields_set]
        if self.decision == "deny" and given:
            message = "a denied request is not scanned, changed or counted: take {} out"
            raise ValueError(message.format(" and ".join(given)))
        return self


class CaseModel(Section):
    """One embedded test."""

    name: Annotated[
        str, Field(min_length=1, max_length=200, description="What the test shows, in words.")
    ]
    given: GivenModel
    expect: ExpectModel
