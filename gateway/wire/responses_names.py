"""What the tools of OpenAI's responses are called, and where in a request they are defined.

A function or custom tool is called by its name, also inside a namespace. A tool that the provider
runs is called by its type, without the date in it. An MCP server is called ``mcp:`` and where it
is (its URL, connector or tunnel), for its label is the client's own word; one of which nothing
but a label is known is called ``mcp:`` and that. A skill is called ``skill:`` and its id; one that
the request brings along is ``inline_skill``. An item of an answer that is
itself the call of a tool has the tool's name: ``shell``, ``computer``, ``web_search``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = [
    "CALLED",
    "INLINE_SKILL",
    "NAMED",
    "PLACES",
    "choice_names",
    "definitions",
    "kept",
    "labels_of",
    "skills_of",
    "tool_names",
]

INLINE_SKILL: Final = "inline_skill"
"""The name of every skill that a request brings along."""

NAMED: Final = frozenset({"function", "custom"})
"""Types of tools that have a name of their own."""

PLACES: Final = ("server_url", "connector_id", "tunnel_id")
"""Where an MCP server is."""

CALLED: Final = {
    f"{tool}_call": tool
    for tool in (
        "apply_patch",
        "code_interpreter",
        "computer",
        "file_search",
        "image_generation",
        "local_shell",
        "shell",
        "tool_search",
        "web_search",
    )
}
"""Kinds of items that call a tool without naming it, and what it is called."""

_DATE: Final = re.compile(r"_\d{4}_\d{2}_\d{2}$")
_BRINGING: Final = frozenset({"additional_tools", "tool_search_output"})


def definitions(body: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every list of tools of a request and where it stands: its own, and those of its items."""
    if body.get("tools") is not None:
        yield ("tools",), body["tools"]
    items = body.get("input")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and item.get("type") in _BRINGING:
            yield ("input", index, "tools"), item.get("tools") or []


def tool_names(tool: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a definition calls its tool, or its tools; the values are not checked."""
    kind = tool.get("type")
    if kind in NAMED:
        return (tool.get("name"),)
    if kind == "namespace":
        return tuple(name for inner in tool.get("tools") or () for name in tool_names(inner))
    if kind == "mcp":
        return _server_names(tool)
    skills = tuple(map(_skill_name, skills_of(tool)))
    return (_DATE.sub("", kind) if isinstance(kind, str) else kind, *skills)


def kept(tool: Mapping[str, Any], staying: Collection[str]) -> Mapping[str, Any] | None:
    """What is left of a definition when only some tools stay; None where nothing is."""
    if tool.get("type") == "namespace":
        tools = [inner for inner in tool.get("tools") or () if kept(inner, staying) is not None]
        return {**tool, "tools": tools} if tools else None
    skills = skills_of(tool)
    names = tool_names(tool)
    if not all(name in staying for name in names[: len(names) - len(skills)]):
        return None
    staying_skills = [skill for skill in skills if _skill_name(skill) in staying]
    if len(staying_skills) == len(skills):
        return tool
    return {**tool, "environment": {**tool["environment"], "skills": staying_skills}}


def skills_of(tool: Mapping[str, Any]) -> list[Any]:
    """The skills that the provider gives to a shell of its own."""
    environment = tool.get("environment") if tool.get("type") == "shell" else None
    if not isinstance(environment, dict) or environment.get("type") == "local":
        return []
    return environment.get("skills") or []


def labels_of(body: Mapping[str, Any]) -> dict[Any, tuple[Any, ...]]:
    """The names of each MCP server of a request, by its label in it."""
    found: dict[Any, tuple[Any, ...]] = {}
    for _, tools in definitions(body):
        for tool in tools:
            if tool.get("type") == "mcp":
                label = tool.get("server_label")
                found[label] = (*found.get(label, ()), *_server_names(tool))
    return found


def choice_names(choice: Any, labels: Mapping[Any, tuple[Any, ...]]) -> tuple[Any, ...]:
    """The tools that a choice forces; none if it forces no certain one."""
    if not isinstance(choice, dict) or choice.get("type") == "allowed_tools":
        return ()
    if choice.get("type") == "mcp":
        return labels.get(choice.get("server_label")) or _server_names(choice)
    return tool_names(choice)


def _server_names(server: Mapping[str, Any]) -> tuple[str, ...]:
    places = [server[key] for key in PLACES if server.get(key) is not None]
    return tuple(f"mcp:{place}" for place in places or [server.get("server_label")])


def _skill_name(skill: Any) -> str:
    if isinstance(skill, dict) and skill.get("type") == "skill_reference":
        return f"skill:{skill.get('skill_id')}"
    return INLINE_SKILL
