"""The parameters of Anthropic's messages, after its API reference and Python SDK.

A tool is called by its name. One that the provider defines is called by the name that its type is
documented with (``web_search_20250305``: ``web_search``), or by its type without the date. An MCP
server is called ``mcp:`` and its URL, for its name is the client's own word, and a skill ``skill:``
and its id.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.parameters import Asked, Vocabulary, listed, number, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Value
    from gateway.wire.exchange import Path
    from gateway.wire.parameters import Reader

__all__ = ["VOCABULARY", "server_name", "servers_of", "skill_name", "tool_name"]

_TOOLSET: Final = "mcp_toolset"
_DATE: Final = re.compile(r"_\d{8}$")
_EDITOR: Final = ("str_replace_editor", "str_replace_based_edit_tool")
_CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}
_NO_THINKING: Final = frozenset({"disabled", "between_tools"})


def servers_of(body: Mapping[str, Any]) -> dict[Any, str]:
    """What the tools of each MCP server of a body are called, by the server's name in it."""
    return {server.get("name"): server_name(server) for server in body.get("mcp_servers") or ()}


def server_name(server: Mapping[str, Any]) -> str:
    """What the tools of an MCP server are called."""
    return f"mcp:{server.get('url')}"


def tool_name(tool: Mapping[str, Any], servers: Mapping[Any, str]) -> Any:
    """What a definition calls its tool; the value is not checked."""
    kind, name = tool.get("type"), tool.get("name")
    if kind is None or kind == "custom":
        return name
    if kind == _TOOLSET:
        return servers.get(tool.get("mcp_server_name"), kind)
    return (name or _family(kind)) if _fits(kind, name) else kind


def skill_name(skill: Mapping[str, Any]) -> str:
    """What a skill of the container is called."""
    return f"skill:{skill.get('skill_id')}"


def _family(kind: Any) -> str:
    return _DATE.sub("", str(kind))


def _fits(kind: Any, name: Any) -> bool:
    """Whether a tool has the name that the provider gives to its type."""
    family = _family(kind)
    return name is None or name == family or (family == "text_editor" and name in _EDITOR)


def _read_tools(asked: Asked, key: str, value: Any) -> None:
    servers = servers_of(asked.body)
    for index, tool in enumerate(listed(asked, value, (key,))):
        _check_tool(asked, tool, (key, index), servers)
        asked.say("tools", tool_name(tool, servers))
    asked.say("tools")


def _check_tool(
    asked: Asked, tool: Mapping[str, Any], path: Path, servers: Mapping[Any, str]
) -> None:
    kind, name = tool.get("type"), tool.get("name")
    if kind is None or kind == "custom":
        asked.name(name, (*path, "name"))
        return
    asked.fetches = True
    asked.name(kind, (*path, "type"))
    if name is not None:
        asked.name(name, (*path, "name"))
    if kind == _TOOLSET:
        server = asked.name(tool.get("mcp_server_name"), (*path, "mcp_server_name"))
        known = server in servers
    else:
        known = _fits(kind, name)
    if not known:
        # Who goes by the name alone takes this for another tool.
        asked.foreign.add("tools")


def _read_servers(asked: Asked, key: str, value: Any) -> None:
    for index, server in enumerate(listed(asked, value, (key,))):
        asked.fetches = True
        asked.name(server.get("name"), (key, index, "name"))
        asked.name(server.get("url"), (key, index, "url"))
        asked.say("tools", server_name(server))


def _read_container(asked: Asked, key: str, value: Any) -> None:
    if isinstance(value, str):
        return
    skills = asked.member(value, (key,)).get("skills")
    for index, skill in enumerate(listed(asked, skills, (key, "skills")) if skills else ()):
        asked.fetches = True
        asked.name(skill.get("skill_id"), (key, "skills", index, "skill_id"))
        asked.say("tools", skill_name(skill))


def _read_choice(asked: Asked, key: str, value: Any) -> None:
    kind = asked.name(asked.member(value, (key,)).get("type"), (key, "type"))
    if kind == "tool":
        asked.chosen.append(asked.name(value.get("name"), (key, "name")))
        asked.say("tool_choice", "named")
    elif kind in _CHOICES:
        asked.say("tool_choice", _CHOICES[kind])
    else:
        asked.say_unknown("tool_choice")


def _read_thinking(asked: Asked, key: str, value: Any) -> None:
    kind = asked.name(asked.member(value, (key,)).get("type"), (key, "type"))
    if kind == "enabled":
        budget = asked.whole(value.get("budget_tokens"), (key, "budget_tokens"))
        asked.say("reasoning_tokens", budget)
    elif kind in _NO_THINKING:
        asked.say("reasoning_tokens", 0)
    elif kind == "adaptive":
        most = asked.body.get("max_tokens")
        asked.say("reasoning_tokens", *(() if most is None else (most,)))
    else:
        asked.say_unknown("reasoning_tokens")


def _close(asked: Asked) -> None:
    """Whether a model thinks unasked depends on the model; its thoughts count as answer."""
    most = asked.values["max_tokens"]
    if most and "reasoning_tokens" not in asked.stated:
        asked.values["reasoning_tokens"] = (0, *most)


def _read_output(asked: Asked, key: str, value: Any) -> None:
    effort = asked.member(value, (key,)).get("effort")
    if effort is not None:
        asked.say("reasoning_effort", asked.name(effort, (key, "effort")))
    if value.get("format") is not None:
        _read_format(asked, (key, "format"), value["format"])


def _read_old_format(asked: Asked, key: str, value: Any) -> None:
    _read_format(asked, (key,), value)


def _read_format(asked: Asked, path: Path, value: Any) -> None:
    kind = asked.name(asked.member(value, path).get("type"), (*path, "type"))
    if kind == "json_schema":
        asked.say("response_format", kind)
    else:
        asked.say_unknown("response_format")


_READERS: Final[dict[str, Reader]] = {
    "max_tokens": whole("max_tokens"),
    "temperature": number("temperature"),
    "top_p": number("top_p"),
    "tools": _read_tools,
    "mcp_servers": _read_servers,
    "container": _read_container,
    "tool_choice": _read_choice,
    "thinking": _read_thinking,
    "output_config": _read_output,
    "output_format": _read_old_format,
}
_DEFAULTS: Final[dict[str, tuple[Value, ...]]] = {
    "max_tokens": (),
    "temperature": (1,),
    "top_p": (),
    "n": (1,),
    "stream": (False,),
    "tools": (),
    "tool_choice": ("none",),
    "images": (0,),
    "audio": (0,),
    "files": (0,),
    "response_format": ("text",),
    "reasoning_effort": (),
    "reasoning_tokens": (),
    "system": (),
}

VOCABULARY: Final = Vocabulary(
    readers=_READERS,
    defaults=_DEFAULTS,
    system_roles=frozenset({"system"}),
    system_keys=frozenset({"system"}),
    close=_close,
)
"""How messages say what they ask for."""
