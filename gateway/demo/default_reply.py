"""The demo model's own answers: short, friendly, and the same for the same question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.demo.reply import DemoReply, ToolCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.demo.reply import DemoRequest, DemoTool

__all__ = ["default_reply"]

_ASKED: Final = 200
_STORY_PIECES: Final = 60
# Numbers that no one has: RFC 2606's domain, and the networks' own test number.
_PERSONAL: Final = (
    "Here is a made-up customer: Ada Example, e-mail ada@example.com, card 4111 1111 1111 1111."
)
_SAMPLES: Final[dict[str, Any]] = {
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


def default_reply(request: DemoRequest) -> DemoReply:
    """Answers the last message.

    "call <tool>" calls that tool if it is offered; "sample personal data" makes up a customer;
    "long story" is told in 60 pieces; a tool's result is repeated; anything else is restated.
    """
    last = request.last
    asked = last.text.casefold()
    if last.role in {"tool", "function"}:
        return DemoReply(f"The tool said: {last.text[:_ASKED]}")
    for tool in request.tools:
        if f"call {tool.name.casefold()}" in asked:
            return DemoReply(tool_calls=(ToolCall(tool.name, _arguments(tool)),))
    if "sample personal data" in asked:
        return DemoReply(_PERSONAL)
    if "long story" in asked:
        return DemoReply(tuple(_story(number) for number in range(1, _STORY_PIECES + 1)))
    return DemoReply(f"Hello! You said: {last.text[:_ASKED]}")


def _story(number: int) -> str:
    return f"Part {number} of the story was quiet. "


def _arguments(tool: DemoTool) -> dict[str, Any]:
    properties = tool.parameters.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {key: _sample(rule) for key, rule in properties.items()}


def _sample(rule: Mapping[str, Any] | Any) -> Any:
    if not isinstance(rule, dict):
        return "demo"
    choices = rule.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    kind = rule.get("type")
    return _SAMPLES.get(kind.lower(), "demo") if isinstance(kind, str) else "demo"
