"""The parameters of OpenAI's chat completions, after its API reference and Python SDK.

A tool is called by its function's or custom tool's name; one of another type (``web_search``,
``mcp``), as compatible endpoints have them, by that type. ``web_search_options`` is the tool
``web_search``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.parameters import Asked, Vocabulary, listed, number, whole, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Value
    from gateway.wire.exchange import Path
    from gateway.wire.parameters import Reader

__all__ = ["VOCABULARY", "WEB_SEARCH", "choice_name", "tool_name"]

WEB_SEARCH: Final = "web_search"
"""The name of the tool that ``web_search_options`` turns on."""

_NAMED: Final = ("function", "custom")
_FORMATS: Final = frozenset({"text", "json_object", "json_schema"})
_MODALITIES: Final = {"audio": "audio", "image": "images"}


def tool_name(tool: Mapping[str, Any]) -> Any:
    """What a definition calls its tool; the value is not checked."""
    kind = _kind(tool)
    if kind not in _NAMED:
        return kind
    inner = tool.get(kind)
    return inner.get("name") if isinstance(inner, dict) else None


def _kind(tool: Mapping[str, Any]) -> Any:
    kind = tool.get("type")
    return "function" if kind is None else kind


def choice_name(choice: Any) -> Any:
    """The tool that a choice forces; None if it forces no certain one."""
    if not isinstance(choice, dict) or choice.get("type") == "allowed_tools":
        return None
    return tool_name(choice)


def _read_tools(asked: Asked, key: str, value: Any) -> None:
    for index, tool in enumerate(listed(asked, value, (key,))):
        name = _checked_name(asked, tool, (key, index))
        kind = _kind(tool)
        if any(tool.get(other) is not None for other in (*_NAMED, "name") if other != kind):
            # Who ignores the type takes this for another tool.
            asked.foreign.add("tools")
        asked.say("tools", name)
    asked.say("tools")


def _checked_name(asked: Asked, tool: Mapping[str, Any], path: Path) -> str:
    kind = _kind(tool)
    if kind not in _NAMED:
        asked.fetches = True
        return asked.name(kind, (*path, "type"))
    asked.member(tool.get(kind), (*path, kind))
    return asked.name(tool_name(tool), (*path, kind, "name"))


def _read_functions(asked: Asked, key: str, value: Any) -> None:
    for index, function in enumerate(listed(asked, value, (key,))):
        asked.say("tools", asked.name(function.get("name"), (key, index, "name")))
    asked.say("tools")


def _read_web_search(asked: Asked, key: str, value: Any) -> None:
    asked.member(value, (key,))
    asked.fetches = True
    asked.say("tools", WEB_SEARCH)


def _read_choice(asked: Asked, key: str, value: Any) -> None:
    if isinstance(value, str):
        _say_choice(asked, value)
    elif asked.member(value, (key,)).get("type") == "allowed_tools":
        _read_allowed(asked, asked.member(value.get("allowed_tools"), (key, "allowed_tools")), key)
    elif _kind(value) in _NAMED:
        asked.chosen.append(_checked_name(asked, value, (key,)))
        asked.say("tool_choice", "named")
    else:
        asked.say_unknown("tool_choice")


def _read_allowed(asked: Asked, allowed: Mapping[str, Any], key: str) -> None:
    path: Path = (key, "allowed_tools")
    _say_choice(asked, asked.name(allowed.get("mode"), (*path, "mode")))
    for index, tool in enumerate(listed(asked, allowed.get("tools"), (*path, "tools"))):
        asked.chosen.append(_checked_name(asked, tool, (*path, "tools", index)))


def _say_choice(asked: Asked, choice: str) -> None:
    if choice in {"none", "auto", "required"}:
        asked.say("tool_choice", choice)
    else:
        asked.say_unknown("tool_choice")


def _read_function_call(asked: Asked, key: str, value: Any) -> None:
    if isinstance(value, str):
        _say_choice(asked, value)
    else:
        name = asked.member(value, (key,)).get("name")
        asked.chosen.append(asked.name(name, (key, "name")))
        asked.say("tool_choice", "named")


def _read_modalities(asked: Asked, key: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(kind, str) for kind in value):
        raise asked.wrong((key,), "a list of strings")
    for kind in value:
        if kind in _MODALITIES:
            _ask_once(asked, _MODALITIES[kind])
        elif kind != "text":
            asked.foreign |= {"images", "audio", "files"}


def _read_audio(asked: Asked, key: str, value: Any) -> None:
    asked.member(value, (key,))
    _ask_once(asked, "audio")


def _ask_once(asked: Asked, what: str) -> None:
    if what not in asked.stated:
        asked.say(what, 1)


def _read_response_format(asked: Asked, key: str, value: Any) -> None:
    kind = asked.name(asked.member(value, (key,)).get("type"), (key, "type"))
    if kind in _FORMATS:
        asked.say("response_format", kind)
    else:
        asked.say_unknown("response_format")


_READERS: Final[dict[str, Reader]] = {
    "max_tokens": whole("max_tokens"),
    "max_completion_tokens": whole("max_tokens"),
    "temperature": number("temperature"),
    "top_p": number("top_p"),
    "n": whole("n"),
    "tools": _read_tools,
    "functions": _read_functions,
    "web_search_options": _read_web_search,
    "tool_choice": _read_choice,
    "function_call": _read_function_call,
    "modalities": _read_modalities,
    "audio": _read_audio,
    "response_format": _read_response_format,
    "reasoning_effort": word("reasoning_effort"),
}
_DEFAULTS: Final[dict[str, tuple[Value, ...]]] = {
    "max_tokens": (),
    "temperature": (1,),
    "top_p": (1,),
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
    system_roles=frozenset({"system", "developer"}),
    inexpressible=frozenset({"reasoning_tokens"}),
)
"""How chat completions say what they ask for."""
