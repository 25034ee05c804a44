"""The parameters of OpenAI's responses, after its API reference and Python SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.parameters import Asked, Vocabulary, listed, number, whole, within, word
from gateway.wire.responses_items import SYSTEM_ROLES, reference
from gateway.wire.responses_names import (
    NAMED,
    PLACES,
    choice_names,
    definitions,
    labels_of,
    skills_of,
    tool_names,
)
from gateway.wire.spellings import HELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Value
    from gateway.wire.exchange import Path
    from gateway.wire.parameters import Reader

__all__ = ["VOCABULARY", "held_by"]

_FORMATS: Final = frozenset({"text", "json_object", "json_schema"})
_TEMPLATE: Final = frozenset(
    {"max_tokens", "temperature", "top_p", "tool_choice", "response_format", "reasoning_effort"}
)
"""What a template may say as well, where the request does not."""


def held_by(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of all that the upstream holds and a request goes on with."""
    conversation = body.get("conversation")
    if isinstance(conversation, dict):
        conversation = conversation.get("id")
    items = body.get("input")
    named = map(reference, items if isinstance(items, list) else ())
    found = (body.get("previous_response_id"), conversation, *named)
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str)))


def _read_tools(asked: Asked, key: str, value: Any) -> None:
    _read_definitions(asked, (key,), value)
    asked.say("tools")


def _read_definitions(asked: Asked, path: Path, value: Any) -> None:
    for index, tool in enumerate(listed(asked, value, path)):
        _check_tool(asked, tool, (*path, index))
        asked.say("tools", *tool_names(tool))


def _check_tool(asked: Asked, tool: Mapping[str, Any], path: Path) -> None:
    kind = asked.name(tool.get("type"), (*path, "type"))
    asked.fetches = asked.fetches or kind not in {"namespace", *NAMED}
    if kind == "namespace":
        for index, inner in enumerate(listed(asked, tool.get("tools"), (*path, "tools"))):
            _check_tool(asked, inner, (*path, "tools", index))
    elif kind in NAMED:
        asked.name(tool.get("name"), (*path, "name"))
    elif kind == "mcp":
        for key in ("server_label", *(key for key in PLACES if tool.get(key) is not None)):
            asked.name(tool.get(key), (*path, key))
    elif tool.get("name") is not None:
        # Who ignores the type takes this for another tool.
        asked.foreign.add("tools")
    listed(asked, skills_of(tool), (*path, "environment", "skills"))


def _read_input(asked: Asked, key: str, value: Any) -> None:
    for path, tools in definitions(asked.body):
        if path[0] == "input":
            _read_definitions(asked, path, tools)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict) and item.get("type") == "configuration_update":
            _read_update(asked, (key, index), item)


def _read_update(asked: Asked, path: Path, item: Mapping[str, Any]) -> None:
    asked.inside = path
    for key in ("reasoning", "text"):
        if item.get(key) is not None:
            _READERS[key](asked, key, item[key])
    asked.inside = ()


def _read_format(asked: Asked, key: str, value: Any) -> None:
    kind = asked.name(asked.member(value, (key,)).get("type"), (key, "type"))
    if kind in _FORMATS:
        asked.say("response_format", kind)
    else:
        asked.say_unknown("response_format")


def _read_choice(asked: Asked, key: str, value: Any) -> None:
    if isinstance(value, str):
        _say_choice(asked, value)
        return
    kind = asked.name(asked.member(value, (key,)).get("type"), (key, "type"))
    if kind == "allowed_tools":
        _say_choice(asked, asked.name(value.get("mode"), (key, "mode")))
        for index, tool in enumerate(listed(asked, value.get("tools"), (key, "tools"))):
            _choose(asked, tool, (key, "tools", index))
    else:
        _choose(asked, value, (key,))
        asked.say("tool_choice", "named")


def _choose(asked: Asked, choice: Mapping[str, Any], path: Path) -> None:
    _check_tool(asked, choice, path)
    asked.chosen += choice_names(choice, labels_of(asked.body))


def _say_choice(asked: Asked, choice: str) -> None:
    if choice in {"none", "auto", "required"}:
        asked.say("tool_choice", choice)
    else:
        asked.say_unknown("tool_choice")


def _read_previous(asked: Asked, key: str, value: Any) -> None:
    asked.name(value, (key,))
    if asked.body.get("conversation") is not None:
        raise asked.wrong((key,), "left out where /conversation is given")
    asked.foreign |= HELD


def _read_conversation(asked: Asked, key: str, value: Any) -> None:
    if isinstance(value, str):
        asked.name(value, (key,))
    else:
        asked.name(asked.member(value, (key,)).get("id"), (key, "id"))
    asked.foreign |= HELD


def _read_prompt(asked: Asked, key: str, value: Any) -> None:
    asked.name(asked.member(value, (key,)).get("id"), (key, "id"))
    asked.foreign |= HELD


def _read_background(asked: Asked, key: str, value: Any) -> None:
    if value is not False:
        wanted = "false: an answer in the background is fetched elsewhere"
        raise asked.wrong((key,), wanted)


def _close(asked: Asked) -> None:
    """A template that the upstream holds says what the request leaves out."""
    if asked.body.get("prompt") is not None:
        asked.foreign |= _TEMPLATE - asked.stated


_READERS: Final[dict[str, Reader]] = {
    "max_output_tokens": whole("max_tokens"),
    "temperature": number("temperature"),
    "top_p": number("top_p"),
    "tools": _read_tools,
    "input": _read_input,
    "tool_choice": _read_choice,
    "text": within({"format": _read_format}),
    "reasoning": within({"effort": word("reasoning_effort")}),
    "previous_response_id": _read_previous,
    "conversation": _read_conversation,
    "prompt": _read_prompt,
    "background": _read_background,
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
    system_roles=SYSTEM_ROLES,
    system_keys=frozenset({"instructions"}),
    messages_key="input",
    messages_type=None,
    inexpressible=frozenset({"reasoning_tokens"}),
    close=_close,
)
"""How responses say what they ask for."""
