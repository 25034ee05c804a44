"""Writing what the policy demands into Gemini's requests, in the spelling that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import as_number, as_whole, change, unwritable
from gateway.wire.gemini_parameters import BUILT_IN, server_name
from gateway.wire.proto_json import each, member, spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateway.terms import Changes
    from gateway.wire.changing import Writer

__all__ = ["change_request"]

_LEVELS: Final = frozenset({"minimal", "low", "medium", "high", "xhigh"})


def change_request(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``."""
    return change(body, changes, _WRITERS)


def _inside(outer: dict[str, Any], key: str) -> dict[str, Any]:
    """A copy of a member of an object, put in its place."""
    at = spelling(outer, key)
    outer[at] = inner = dict(outer.get(at) or {})
    return inner


def _put(outer: dict[str, Any], key: str, value: Any) -> None:
    outer[spelling(outer, key)] = value


def _setting(word: str, key: str, check: Callable[[str, Any], Any]) -> Writer:
    def write(body: dict[str, Any], value: Any) -> None:
        _put(_inside(body, "generationConfig"), key, check(word, value))

    return write


def _write_effort(body: dict[str, Any], value: Any) -> None:
    if value not in _LEVELS:
        raise unwritable("reasoning_effort")
    thinking = _inside(_inside(body, "generationConfig"), "thinkingConfig")
    _put(thinking, "thinkingLevel", value.upper())


def _write_budget(body: dict[str, Any], value: Any) -> None:
    thinking = _inside(_inside(body, "generationConfig"), "thinkingConfig")
    _put(thinking, "thinkingBudget", as_whole("reasoning_tokens", value))


def _write_tools(body: dict[str, Any], staying: Collection[str]) -> None:
    if body.get("tools") is not None:
        kept = [kept for tool, _ in each(body["tools"], ()) if (kept := _kept(tool, staying))]
        body["tools"] = kept
        if not kept:
            del body["tools"]
    _choose_among(body, staying)


def _kept(tool: Mapping[str, Any], staying: Collection[str]) -> dict[str, Any]:
    """A tool without those of its members that go; empty where none stays."""
    kept = {key: value for key, value in tool.items() if BUILT_IN.get(key) in staying}
    for key, name in (("functionDeclarations", _function_name), ("mcpServers", server_name)):
        at = spelling(tool, key)
        items = [] if tool.get(at) is None else [item for item, _ in each(tool[at], ())]
        if stays := [item for item in items if name(item) in staying]:
            kept[at] = stays
    return kept


def _function_name(function: Mapping[str, Any]) -> Any:
    return function.get("name")


def _choose_among(body: dict[str, Any], staying: Collection[str]) -> None:
    config = member(body, "toolConfig") or {}
    calling = member(config, "functionCallingConfig")
    if not calling:
        return
    config = _inside(body, "toolConfig")
    at = spelling(calling, "allowedFunctionNames")
    named = [] if calling.get(at) is None else [name for name, _ in each(calling[at], ())]
    left = [name for name in named if name in staying]
    calling = {key: value for key, value in calling.items() if key != at}
    if left:
        calling[at] = left
    elif named:
        calling["mode"] = "NONE" if len(named) > 1 else "AUTO"
    if "tools" in body or left or member(body, "cachedContent") is not None:
        _put(config, "functionCallingConfig", calling)
    else:
        _drop_choice(body, config)


def _drop_choice(body: dict[str, Any], config: dict[str, Any]) -> None:
    del config[spelling(config, "functionCallingConfig")]
    if not config:
        del body[spelling(body, "toolConfig")]


def _write_system(body: dict[str, Any], value: Any) -> None:
    _put(body, "systemInstruction", {"parts": [{"text": value}]})


def _write_prefix(body: dict[str, Any], value: Any) -> None:
    system = _inside(body, "systemInstruction")
    parts = [] if system.get("parts") is None else [part for part, _ in each(system["parts"], ())]
    system["parts"] = [{"text": value}, *parts]


_WRITERS: Final[dict[str, Writer]] = {
    "max_tokens": _setting("max_tokens", "maxOutputTokens", as_whole),
    "temperature": _setting("temperature", "temperature", as_number),
    "top_p": _setting("top_p", "topP", as_number),
    "n": _setting("n", "candidateCount", as_whole),
    "reasoning_effort": _write_effort,
    "reasoning_tokens": _write_budget,
    "tools": _write_tools,
    "system": _write_system,
    "system_prefix": _write_prefix,
}
