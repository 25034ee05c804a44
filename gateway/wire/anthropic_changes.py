"""Writing what the policy demands into Anthropic's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.anthropic_parameters import (
    VOCABULARY,
    server_name,
    servers_of,
    skill_name,
    tool_name,
)
from gateway.wire.changing import as_number, as_whole, change, fixed, put, unwritable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.terms import Changes
    from gateway.wire.changing import Writer

__all__ = ["change_request"]

_EFFORTS: Final = frozenset({"low", "medium", "high", "xhigh", "max"})
_LEAST_BUDGET: Final = 1024


def change_request(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``."""
    written = change(body, changes, _WRITERS)
    if "max_tokens" in changes or "reasoning_tokens" in changes:
        _fit_thinking(written)
    return written


def _write_effort(body: dict[str, Any], value: Any) -> None:
    if value not in _EFFORTS:
        raise unwritable("reasoning_effort")
    body["output_config"] = {**(body.get("output_config") or {}), "effort": value}


def _write_budget(body: dict[str, Any], value: Any) -> None:
    budget = as_whole("reasoning_tokens", value)
    thinking = body.get("thinking") or {}
    shown = {key: thinking[key] for key in ("display", "block_binding") if key in thinking}
    body["thinking"] = {**shown, "type": "enabled", "budget_tokens": budget}


def _fit_thinking(body: dict[str, Any]) -> None:
    """A budget is less than ``max_tokens`` and at least 1 024; where there is none, no thinking."""
    thinking = body.get("thinking") or {}
    if thinking.get("type") != "enabled":
        return
    budget, most = thinking["budget_tokens"], body.get("max_tokens")
    if most is not None:
        budget = min(budget, most - 1)
    fits = budget >= _LEAST_BUDGET
    body["thinking"] = {**thinking, "budget_tokens": budget} if fits else {"type": "disabled"}


def _write_tools(body: dict[str, Any], staying: Collection[str]) -> None:
    servers = servers_of(body)
    _filter(
        body, "tools", [one for one in _items(body, "tools") if tool_name(one, servers) in staying]
    )
    _filter(
        body,
        "mcp_servers",
        [one for one in _items(body, "mcp_servers") if server_name(one) in staying],
    )
    _filter_skills(body, staying)
    _choose_among(body, staying)


def _items(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return body.get(key) or []


def _filter(body: dict[str, Any], key: str, kept: list[dict[str, Any]]) -> None:
    if kept:
        body[key] = kept
    else:
        body.pop(key, None)


def _filter_skills(body: dict[str, Any], staying: Collection[str]) -> None:
    container = body.get("container")
    if isinstance(container, dict) and container.get("skills"):
        kept = [skill for skill in container["skills"] if skill_name(skill) in staying]
        body["container"] = {**container, "skills": kept}


def _choose_among(body: dict[str, Any], staying: Collection[str]) -> None:
    choice = body.get("tool_choice")
    if not isinstance(choice, dict):
        return
    if choice["type"] == "tool":
        if choice["name"] in staying:
            return
        body["tool_choice"] = {key: value for key, value in choice.items() if key != "name"}
        body["tool_choice"]["type"] = "auto"
    if not body.get("tools") and not body.get("mcp_servers"):
        del body["tool_choice"]


def _write_system(body: dict[str, Any], value: Any) -> None:
    body["system"] = value
    body["messages"] = [
        one for one in body["messages"] if one.get("role") not in VOCABULARY.system_roles
    ]


def _write_prefix(body: dict[str, Any], value: Any) -> None:
    system = body.get("system")
    if isinstance(system, list):
        body["system"] = [{"type": "text", "text": value}, *system]
    else:
        body["system"] = f"{value}\n\n{system}" if system else value


_WRITERS: Final[dict[str, Writer]] = {
    "max_tokens": put("max_tokens", as_whole, "max_tokens"),
    "temperature": put("temperature", as_number, "temperature"),
    "top_p": put("top_p", as_number, "top_p"),
    "n": fixed("n", 1),
    "reasoning_effort": _write_effort,
    "reasoning_tokens": _write_budget,
    "tools": _write_tools,
    "system": _write_system,
    "system_prefix": _write_prefix,
}
