"""Writing what the policy demands into Ollama's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import as_number, as_whole, change, fixed, unwritable
from gateway.wire.ollama_parameters import CHAT, tool_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateway.terms import Changes
    from gateway.wire.changing import Writer

__all__ = ["change_chat", "change_generate"]

_EFFORTS: Final = {"none": False, "low": "low", "medium": "medium", "high": "high"}


def change_chat(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``; for a chat."""
    return change(body, changes, _CHAT)


def change_generate(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``; for a text to go on with."""
    return change(body, changes, _GENERATE)


def _option(word: str, check: Callable[[str, Any], Any], key: str) -> Writer:
    def write(body: dict[str, Any], value: Any) -> None:
        body["options"] = {**(body.get("options") or {}), key: check(word, value)}

    return write


def _write_effort(body: dict[str, Any], value: Any) -> None:
    if value not in _EFFORTS:
        raise unwritable("reasoning_effort")
    body["think"] = _EFFORTS[value]


def _write_budget(body: dict[str, Any], value: Any) -> None:
    if value != 0:
        raise unwritable("reasoning_tokens")
    body["think"] = False


def _write_tools(body: dict[str, Any], staying: Collection[str]) -> None:
    kept = [tool for tool in body.get("tools") or () if tool_name(tool) in staying]
    body["tools"] = kept
    if not kept:
        del body["tools"]


def _write_messages(body: dict[str, Any], value: Any) -> None:
    others = [one for one in _messages(body) if one.get("role") not in CHAT.system_roles]
    body["messages"] = [_message(value), *others]


def _prefix_messages(body: dict[str, Any], value: Any) -> None:
    """Before the first message where that is nothing but a system text, else as one of its own.

    Templates of many models take one system message only, and the first.
    """
    messages = _messages(body)
    first = messages[0] if messages else {}
    if set(first) == {"role", "content"} and first["role"] in CHAT.system_roles:
        messages = messages[1:]
        value = f"{value}\n\n{first['content']}" if first["content"] else value
    body["messages"] = [_message(value), *messages]


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    return body.get("messages") or []


def _message(text: Any) -> dict[str, Any]:
    return {"role": "system", "content": text}


def _write_system(body: dict[str, Any], value: Any) -> None:
    body["system"] = value
    body.pop("template", None)


def _prefix_system(body: dict[str, Any], value: Any) -> None:
    if body.get("template"):
        # Nobody knows where in the prompt such a template puts the system text, if it does.
        raise unwritable("system")
    system = body.get("system")
    body["system"] = f"{value}\n\n{system}" if system else value


_BOTH: Final[dict[str, Writer]] = {
    "max_tokens": _option("max_tokens", as_whole, "num_predict"),
    "temperature": _option("temperature", as_number, "temperature"),
    "top_p": _option("top_p", as_number, "top_p"),
    "n": fixed("n", 1),
    "reasoning_effort": _write_effort,
    "reasoning_tokens": _write_budget,
}
_CHAT: Final[dict[str, Writer]] = {
    **_BOTH,
    "tools": _write_tools,
    "system": _write_messages,
    "system_prefix": _prefix_messages,
}
_GENERATE: Final[dict[str, Writer]] = {
    **_BOTH,
    "system": _write_system,
    "system_prefix": _prefix_system,
}
