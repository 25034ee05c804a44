"""Where texts stand in the items of OpenAI's responses: messages, calls, results, thoughts.

After its API reference and Python SDK. The same items are sent and answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.exchange import RESPELT
from gateway.wire.leaves import (
    Finder,
    Shape,
    everything,
    file_data,
    ignored,
    json_text,
    media,
    name,
    schema,
    settings,
    text,
    url,
)
from gateway.wire.reading import (
    blocks,
    counted,
    either,
    fields,
    in_answers,
    listing,
    record,
    said_by,
    speaker,
)
from gateway.wire.respellings import unspoken
from gateway.wire.responses_names import CALLED
from gateway.wire.responses_tools import ENVIRONMENT, TEXT_FORMAT, TOOLS
from gateway.wire.spellings import HELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = [
    "ANNOTATION",
    "ERROR",
    "PART",
    "SHELL_OUTPUT",
    "SYSTEM_ROLES",
    "item",
    "reference",
    "spelling",
]

SYSTEM_ROLES: Final = frozenset({"system", "developer"})
"""Roles whose messages instruct the model."""

_ROLES: Final[dict[str, Provenance]] = {
    **dict.fromkeys(SYSTEM_ROLES, "system"),
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


def spelling(known: Shape) -> Shape:
    """The shape of an object with a ``text``, and what log probabilities spell beyond that."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        known(found, value, path, provenance)
        for steps, line in unspoken(value.get("logprobs"), {"": value.get("text")}):
            found.repeat(line, (*path, "logprobs", RESPELT, *steps), provenance)

    return read


ANNOTATION: Final = record(
    {
        **fields("type index start_index end_index file_id container_id", settings),
        **fields("title url filename", text),
    }
)
"""What an answer cites."""


def _part(**known: Shape) -> Shape:
    return record({**fields("type prompt_cache_breakpoint", settings), **known})


_OUTPUT_TEXT: Final = spelling(_part(text=text, annotations=listing(ANNOTATION), logprobs=ignored))
_IMAGE: Final = counted("images", _part(**fields("detail file_id", settings), image_url=url))
_FILE: Final = said_by(
    "document",
    _part(
        **fields("detail file_id", settings),
        file_data=file_data,
        **fields("file_url filename", text),
    ),
)

PART: Final = blocks(
    {
        **fields("input_text text summary_text reasoning_text", _part(text=text)),
        "output_text": _OUTPUT_TEXT,
        "refusal": _part(refusal=text),
        **fields("input_image computer_screenshot", _IMAGE),
        "input_file": counted("files", _FILE),
        "input_audio": counted(
            "audio", _part(input_audio=record({"data": media, "format": settings}))
        ),
    }
)
"""A part of a message, of a result, of a thought."""

ERROR: Final = record({**fields("code type param", settings), "message": text})
"""Why something failed."""

_CONTENT: Final = either(string=text, items=listing(PART))
_RESULT: Final = said_by("tool", _CONTENT)
_SAID_BY_TOOL: Final = said_by("tool", text)
_OUTCOME: Final = record(
    {**fields("outcome created_by", settings), **fields("stdout stderr", text)}
)
SHELL_OUTPUT: Final = said_by("tool", listing(_OUTCOME))
"""What lines of a shell printed."""


def _item(**known: Shape) -> Shape:
    """An item of a kind; the model's unless it says otherwise."""
    base = fields("id type status call_id caller created_by async role phase", settings)
    return said_by("assistant", record({**base, "namespace": name, **known}))


def _calling(tool: str, shape: Shape) -> Shape:
    """An item that calls a tool by its own kind: in an answer, what it calls is read as a name."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        if found.in_answer:
            found.add(tool, (*path, "type"), "call", rewritable=False)
        shape(found, value, path, provenance)

    return read


_MESSAGE: Final = record({**fields("id type role status phase", settings), "content": _CONTENT})
_REFERENCE: Final = _item()
_SAFETY_CHECKS: Final = listing(record({**fields("id code", settings), "message": text}))
_ACTION: Final = in_answers(
    "argument",
    record(
        {
            **fields("type x y button path scroll_x scroll_y", settings),
            "keys": listing(text),
            "text": text,
        }
    ),
)
_FOUND: Final = record(
    {**fields("file_id score", settings), **fields("filename text", text), "attributes": everything}
)
_SEARCH: Final = in_answers(
    "argument",
    record(
        {
            "type": settings,
            **fields("query url pattern", text),
            "queries": listing(text),
            "sources": said_by(
                "tool", listing(record({"type": settings, **fields("url name title", text)}))
            ),
        }
    ),
)
_PRINTED: Final = record({"type": settings, "logs": text, "url": counted("images", url)})
_COMMAND: Final = in_answers(
    "argument",
    record(
        {
            **fields("type timeout_ms max_output_length", settings),
            **fields("command commands", listing(text)),
            "env": everything,
            **fields("user working_directory", text),
        }
    ),
)
_PATCH: Final = in_answers("argument", record({"type": settings, **fields("path diff", text)}))
_LISTED_TOOL: Final = record(
    {"name": name, "description": text, "input_schema": schema, "annotations": everything}
)
_CALLED: Final = in_answers("call", name)
_INPUT: Final = in_answers("argument", text)
_ARGUMENTS: Final = in_answers("argument", either(string=json_text, members=everything))
_MCP_ERROR: Final = said_by(
    "tool",
    either(
        string=text,
        members=record({**fields("type code", settings), "message": text, "content": everything}),
    ),
)
_MCP_CALL: Final[dict[str, Shape]] = {
    "name": _CALLED,
    "server_label": name,
    "arguments": _ARGUMENTS,
    "approval_request_id": settings,
}
_THOUGHT: Final = either(string=text, items=listing(PART))

_KINDS: Final[dict[str, Shape]] = {
    "function_call": _item(name=_CALLED, arguments=_ARGUMENTS),
    "function_call_output": _item(name=name, output=_RESULT),
    "custom_tool_call": _item(name=_CALLED, input=_INPUT),
    "custom_tool_call_output": _item(output=_RESULT),
    "reasoning": _item(summary=_THOUGHT, content=_THOUGHT, encrypted_content=media),
    "compaction": _item(encrypted_content=media),
    "file_search_call": _item(
        queries=listing(_INPUT), results=said_by("document", listing(_FOUND))
    ),
    "web_search_call": _item(action=_SEARCH),
    "computer_call": _item(
        action=_ACTION, actions=listing(_ACTION), pending_safety_checks=_SAFETY_CHECKS
    ),
    "computer_call_output": _item(
        output=said_by("tool", PART), acknowledged_safety_checks=_SAFETY_CHECKS
    ),
    "code_interpreter_call": _item(
        container_id=settings, code=_INPUT, outputs=said_by("tool", listing(_PRINTED))
    ),
    "image_generation_call": _item(
        **fields("action background output_format quality size svg_usage", settings),
        result=counted("images", media),
        revised_prompt=_INPUT,
        error=record({**fields("code type param moderation_details", settings), "message": text}),
    ),
    "local_shell_call": _item(action=_COMMAND),
    "local_shell_call_output": _item(output=_SAID_BY_TOOL),
    "shell_call": _item(action=_COMMAND, environment=ENVIRONMENT),
    "shell_call_output": _item(output=SHELL_OUTPUT, max_output_length=settings),
    "apply_patch_call": _item(operation=_PATCH),
    "apply_patch_call_output": _item(output=_SAID_BY_TOOL),
    "mcp_call": _item(
        **_MCP_CALL,
        output=_SAID_BY_TOOL,
        error=_MCP_ERROR,
    ),
    "mcp_approval_request": _item(**_MCP_CALL),
    "mcp_approval_response": _item(
        **fields("approval_request_id approve", settings), reason=said_by("user", text)
    ),
    "mcp_list_tools": _item(
        server_label=name,
        tools=said_by("tool_definition", listing(_LISTED_TOOL)),
        error=_MCP_ERROR,
    ),
    "tool_search_call": _item(execution=settings, arguments=_ARGUMENTS),
    "tool_search_output": _item(execution=settings, tools=TOOLS),
    "additional_tools": _item(tools=TOOLS),
    "configuration_update": _item(reasoning=settings, text=TEXT_FORMAT),
    "program": _item(code=text, fingerprint=settings),
    "program_output": _item(result=_SAID_BY_TOOL),
    "compaction_trigger": _REFERENCE,
}
_CALLS: Final = {kind: _calling(tool, _KINDS[kind]) for kind, tool in CALLED.items()}
_OTHERS: Final = blocks(
    {**_KINDS, **_CALLS}, otherwise=said_by("unknown", record({"type": settings}))
)


_RECALLED: Final[Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "reasoning": (("content", "encrypted_content"), frozenset({"message_chars", "prompt_chars"})),
    "image_generation_call": (("result",), frozenset({"images"})),
}
"""What an item may leave out, so that the upstream recalls it by its id, and what nobody can count
then."""


def kind_of(value: Mapping[str, Any]) -> Any:
    """What an item is; without a type it is a message, or refers to one by its id."""
    kind = value.get("type")
    return ("message" if "role" in value else "item_reference") if kind is None else kind


def reference(value: Any) -> Any:
    """The id by which an item has the upstream recall what it does not say; None if it says all."""
    if not isinstance(value, dict):
        return None
    kind = kind_of(value)
    said = () if kind == "item_reference" else _RECALLED[kind][0] if _is_recalled(kind) else None
    return None if said is None or any(map(value.get, said)) else value.get("id")


def _is_recalled(kind: Any) -> bool:
    return isinstance(kind, str) and kind in _RECALLED


def item(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    """One item of a conversation."""
    if not isinstance(value, dict):
        raise found.wrong(path, "an object")
    kind = kind_of(value)
    if kind == "message":
        _message(found, value, path)
    elif kind == "item_reference":
        found.foreign |= HELD
        _REFERENCE(found, value, path, "assistant")
    else:
        if _is_recalled(kind) and reference(value) is not None:
            found.foreign |= _RECALLED[kind][1]
        _OTHERS(found, value, path, "assistant")


def _message(found: Finder, value: dict[str, Any], path: Path) -> None:
    role = value.get("role")
    _MESSAGE(found, value, path, speaker(found, role, path, _ROLES))
