"""Writing what the policy demands into OpenAI's responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import as_number, as_whole, change, fixed, put
from gateway.wire.responses_items import SYSTEM_ROLES
from gateway.wire.responses_names import choice_names, definitions, kept, labels_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateway.terms import Changes
    from gateway.wire.changing import Writer

__all__ = ["change_request"]


def change_request(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``."""
    return change(body, changes, _WRITERS)


def _write_effort(body: dict[str, Any], value: Any) -> None:
    """Also where the conversation changes the effort on its way."""
    body["reasoning"] = {**(body.get("reasoning") or {}), "effort": value}
    _replace_items(
        body,
        {
            index: {**item, "reasoning": {**item["reasoning"], "effort": value}}
            for index, item in enumerate(_items(body))
            if item.get("type") == "configuration_update"
            and (item.get("reasoning") or {}).get("effort") is not None
        },
    )


def _write_tools(body: dict[str, Any], staying: Collection[str]) -> None:
    labels = labels_of(body)
    defined = list(definitions(body))
    filtered = {path: _filtered(tools, staying) for path, tools in defined}
    _replace_items(
        body,
        {
            path[1]: {**body["input"][path[1]], "tools": tools}
            for path, tools in filtered.items()
            if path[0] == "input"
        },
    )
    # Providers refuse an empty list, and what stands beside none.
    if filtered.get(("tools",)):
        body["tools"] = filtered["tools",]
    else:
        body.pop("tools", None)
    # A template that the upstream holds may have tools, and a choice that stands where none does.
    gone = body.get("prompt") is None and bool(defined) and not any(filtered.values())
    _choose_among(body, staying, labels, gone=gone)


def _filtered(tools: Iterable[Any], staying: Collection[str]) -> list[Any]:
    return [left for tool in tools if (left := kept(tool, staying)) is not None]


def _choose_among(
    body: dict[str, Any],
    staying: Collection[str],
    labels: Mapping[Any, tuple[Any, ...]],
    *,
    gone: bool,
) -> None:
    choice = body.get("tool_choice")
    names = choice_names(choice, labels)
    stays = all(name in staying for name in names)
    if gone and not (names and stays):
        for key in ("tool_choice", "parallel_tool_calls"):
            body.pop(key, None)
    elif not stays:
        body["tool_choice"] = "auto"
    elif isinstance(choice, dict) and choice["type"] == "allowed_tools":
        allowed = [
            tool
            for tool in choice["tools"]
            if all(name in staying for name in choice_names(tool, labels))
        ]
        none_left = choice["tools"] and not allowed
        body["tool_choice"] = "none" if none_left else {**choice, "tools": allowed}


def _write_system(body: dict[str, Any], value: Any) -> None:
    body["instructions"] = value
    if isinstance(body.get("input"), list):
        body["input"] = [one for one in body["input"] if one.get("role") not in SYSTEM_ROLES]


def _write_prefix(body: dict[str, Any], value: Any) -> None:
    instructions = body.get("instructions")
    body["instructions"] = f"{value}\n\n{instructions}" if instructions else value


def _items(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = body.get("input")
    return items if isinstance(items, list) else []


def _replace_items(body: dict[str, Any], items: Mapping[Any, dict[str, Any]]) -> None:
    if items:
        body["input"] = [items.get(index, item) for index, item in enumerate(_items(body))]


_WRITERS: Final[dict[str, Writer]] = {
    "max_tokens": put("max_tokens", as_whole, "max_output_tokens"),
    "temperature": put("temperature", as_number, "temperature"),
    "top_p": put("top_p", as_number, "top_p"),
    "n": fixed("n", 1),
    "reasoning_effort": _write_effort,
    "tools": _write_tools,
    "system": _write_system,
    "system_prefix": _write_prefix,
}
