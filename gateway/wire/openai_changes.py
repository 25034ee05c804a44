"""Writing what the policy demands into OpenAI's chat completions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import as_number, as_whole, change, put
from gateway.wire.openai_parameters import VOCABULARY, WEB_SEARCH, choice_name, tool_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.terms import Changes
    from gateway.wire.changing import Writer

__all__ = ["change_request"]

_OPENAI_MODEL: Final = re.compile(r"(openai/)?(ft:)?(gpt-(?!oss)|chatgpt-|codex-|o\d)")


def change_request(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``."""
    return change(body, changes, _WRITERS)


def _write_max_tokens(body: dict[str, Any], value: Any) -> None:
    # OpenAI's newer models refuse max_tokens. Of the servers that speak its API some have never
    # heard of max_completion_tokens, and of these some take no notice of what they do not know.
    newer, older = "max_completion_tokens", "max_tokens"
    # On Azure the path names a deployment, and the body often no model.
    keys = (newer, older) if _OPENAI_MODEL.match(body.get("model", "")) else (older, newer)
    put("max_tokens", as_whole, *keys)(body, value)


def _write_effort(body: dict[str, Any], value: Any) -> None:
    body["reasoning_effort"] = value


def _write_tools(body: dict[str, Any], staying: Collection[str]) -> None:
    _filter(body, "tools", staying)
    _filter(body, "functions", staying)
    if WEB_SEARCH not in staying:
        body.pop("web_search_options", None)
    _choose_among(body, staying)


def _filter(body: dict[str, Any], key: str, staying: Collection[str]) -> None:
    if not body.get(key):
        return
    name = tool_name if key == "tools" else _function_name
    body[key] = [tool for tool in body[key] if name(tool) in staying]
    if not body[key]:
        # Providers refuse an empty list, and what stands beside none.
        beside = "tool_choice" if key == "tools" else "function_call"
        named = _chosen(beside, body.get(beside))
        del body[key]
        body.pop("parallel_tool_calls", None)
        if named not in staying:
            body.pop(beside, None)


def _choose_among(body: dict[str, Any], staying: Collection[str]) -> None:
    for key in ("tool_choice", "function_call"):
        named = _chosen(key, body.get(key))
        if named is not None and named not in staying:
            body[key] = "auto"
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice["allowed_tools"]
        tools = [tool for tool in allowed["tools"] if tool_name(tool) in staying]
        none_left = allowed["tools"] and not tools
        narrowed = {**choice, "allowed_tools": {**allowed, "tools": tools}}
        body["tool_choice"] = "none" if none_left else narrowed


def _chosen(key: str, choice: Any) -> Any:
    if key == "function_call":
        return _function_name(choice) if isinstance(choice, dict) else None
    return choice_name(choice)


def _function_name(function: Mapping[str, Any]) -> Any:
    return function.get("name")


def _write_system(body: dict[str, Any], value: Any) -> None:
    others = [one for one in body["messages"] if one.get("role") not in VOCABULARY.system_roles]
    body["messages"] = [_message(value), *others]


def _write_prefix(body: dict[str, Any], value: Any) -> None:
    """Before the first message where that is nothing but a system text, else as one of its own.

    Templates of many models take one system message only, and the first.
    """
    first, *others = body["messages"] or [{}]
    if set(first) == {"role", "content"} and first["role"] in VOCABULARY.system_roles:
        content = first["content"]
        if isinstance(content, str):
            joined = f"{value}\n\n{content}" if content else value
            body["messages"] = [{**first, "content": joined}, *others]
            return
        if isinstance(content, list):
            content = [{"type": "text", "text": value}, *content]
            body["messages"] = [{**first, "content": content}, *others]
            return
    body["messages"] = [_message(value), *body["messages"]]


def _message(text: Any) -> dict[str, Any]:
    return {"role": "system", "content": text}


_WRITERS: Final[dict[str, Writer]] = {
    "max_tokens": _write_max_tokens,
    "temperature": put("temperature", as_number, "temperature"),
    "top_p": put("top_p", as_number, "top_p"),
    "n": put("n", as_whole, "n"),
    "reasoning_effort": _write_effort,
    "tools": _write_tools,
    "system": _write_system,
    "system_prefix": _write_prefix,
}
