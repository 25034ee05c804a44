"""Where texts stand in Anthropic's messages, after its API reference and Python SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.leaves import (
    Finder,
    Shape,
    encoded,
    everything,
    ignored,
    media,
    name,
    schema,
    settings,
    text,
    url,
)
from gateway.wire.reading import blocks, counted, either, fields, listing, record, said_by

if TYPE_CHECKING:
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = ["ANSWER", "BLOCK", "CITATION", "REQUEST"]

_ROLES: Final[dict[str, Provenance]] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
}
_COMMON: Final[dict[str, Shape]] = {
    **fields("type id cache_control caller toolset_name tool_use_id is_error", settings)
}


def _block(**own: Shape) -> Shape:
    return record({**_COMMON, **own})


CITATION: Final = said_by(
    "document",
    record(
        {
            **fields(
                "type document_index start_char_index end_char_index start_page_number"
                " end_page_number start_block_index end_block_index search_result_index"
                " file_id",
                settings,
            ),
            "cited_text": text,
            "document_title": text,
            "title": text,
            "source": text,
            "url": text,
            "encrypted_index": media,
        }
    ),
)
_TEXT: Final = _block(text=text, citations=listing(CITATION))
_SOURCE: Final = encoded(
    record(
        {"type": settings, "media_type": settings, "data": ignored, "url": url, "file_id": settings}
    ),
    "data",
    "media_type",
)
_IMAGE: Final = counted("images", _block(source=_SOURCE, transformations=settings))
_TEXT_SOURCE: Final = record({"type": settings, "media_type": settings, "data": text})
_CONTENT_SOURCE: Final = record(
    {
        "type": settings,
        "content": either(string=text, items=listing(blocks({"text": _TEXT, "image": _IMAGE}))),
    }
)
_DOCUMENT_BLOCK: Final = said_by(
    "document",
    _block(
        source=blocks(
            {
                "base64": _SOURCE,
                "url": _SOURCE,
                "file": _SOURCE,
                "text": _TEXT_SOURCE,
                "content": _CONTENT_SOURCE,
            }
        ),
        title=text,
        context=text,
        citations=settings,
    ),
)
_DOCUMENT: Final = counted("files", _DOCUMENT_BLOCK)
_SEARCH_RESULT: Final = said_by(
    "document",
    _block(source=text, title=text, content=listing(blocks({"text": _TEXT})), citations=settings),
)
_REFERENCE: Final = _block(tool_name=name)
_TOOL_CONTENT: Final = either(
    string=text,
    items=listing(
        blocks(
            {
                "text": _TEXT,
                "image": _IMAGE,
                "document": _DOCUMENT,
                "search_result": _SEARCH_RESULT,
                "tool_reference": _REFERENCE,
                "browser_state": everything,
            }
        )
    ),
)
_RESULT: Final = blocks(
    {
        "text": _TEXT,
        "web_search_result": _block(title=text, url=text, page_age=text, encrypted_content=media),
        "web_fetch_result": _block(url=text, retrieved_at=text, content=_DOCUMENT),
        "encrypted_code_execution_result": _block(
            stderr=text, encrypted_stdout=media, return_code=settings, content=everything
        ),
        **fields(
            "code_execution_result bash_code_execution_result tool_search_tool_search_result"
            " text_editor_code_execution_view_result text_editor_code_execution_create_result"
            " text_editor_code_execution_str_replace_result web_search_tool_result_error"
            " web_fetch_tool_result_error code_execution_tool_result_error"
            " bash_code_execution_tool_result_error text_editor_code_execution_tool_result_error"
            " tool_search_tool_result_error",
            everything,
        ),
    },
    otherwise=everything,
)
_SERVER_RESULT: Final = said_by(
    "tool", _block(content=either(string=text, items=listing(_RESULT), members=_RESULT))
)
_TOOL_USE: Final = said_by(
    "assistant",
    _block(
        name=name, server_name=name, input=either(string=text, items=everything, members=everything)
    ),
)


def _thinking(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    # Signed thinking is refused upstream when a word of it differs.
    signed = isinstance(value, dict) and bool(value.get("signature"))
    (_SIGNED_THINKING if signed and not found.in_answer else _UNSIGNED_THINKING)(
        found, value, path, provenance
    )


_SIGNED_THINKING: Final = _block(thinking=name, signature=media)
_UNSIGNED_THINKING: Final = _block(thinking=text, signature=media)

BLOCK: Final = blocks(
    {
        "text": _TEXT,
        "image": _IMAGE,
        "document": _DOCUMENT,
        "search_result": _SEARCH_RESULT,
        "thinking": _thinking,
        "redacted_thinking": _block(data=media),
        "tool_use": _TOOL_USE,
        "server_tool_use": _TOOL_USE,
        "mcp_tool_use": _TOOL_USE,
        "tool_result": said_by("tool", _block(content=_TOOL_CONTENT)),
        **fields(
            "web_search_tool_result web_fetch_tool_result code_execution_tool_result"
            " bash_code_execution_tool_result text_editor_code_execution_tool_result"
            " tool_search_tool_result mcp_tool_result",
            _SERVER_RESULT,
        ),
        "tool_reference": _REFERENCE,
        "container_upload": counted("files", _block(file_id=settings)),
    }
)
"""One block of a message's content."""

_CONTENT: Final = either(string=text, items=listing(BLOCK))
_MESSAGE: Final = record({"role": settings, "content": _CONTENT})


def _message(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    role = value.get("role") if isinstance(value, dict) else ""
    if not isinstance(role, str):
        raise found.wrong((*path, "role"), "a string")
    if role not in _ROLES:
        found.foreign.add("system")
    _MESSAGE(found, value, path, _ROLES.get(role, "unknown"))


_TOOL: Final = record(
    {
        **fields(
            "type cache_control allowed_callers defer_loading eager_input_streaming strict max_uses"
            " display_width_px display_height_px display_number max_characters max_content_tokens"
            " citations allowed_domains blocked_domains user_location default_config",
            settings,
        ),
        **fields("name mcp_server_name", name),
        "description": text,
        "input_schema": schema,
        **fields("input_examples configs tools", everything),
    }
)
_FORMAT: Final = said_by("tool_definition", record({"type": settings, "schema": schema}))
_OUTPUT: Final = record({"effort": settings, "format": _FORMAT})
_MCP_SERVER: Final = record(
    {
        **fields("type tool_configuration", settings),
        **fields("name url authorization_token", name),
    }
)
_SETTINGS: Final = (
    "model stream max_tokens cache_control container context_management diagnostics inference_geo"
    " service_tier speed temperature thinking tool_choice top_k top_p user_profile_id workspace_id"
)

REQUEST: Final = record(
    {
        **fields(_SETTINGS, settings),
        "messages": listing(_message),
        "system": said_by("system", either(string=text, items=listing(blocks({"text": _TEXT})))),
        "tools": said_by("tool_definition", listing(_TOOL)),
        "metadata": said_by("user", record({"user_id": text})),
        "stop_sequences": said_by("user", listing(text)),
        "output_config": _OUTPUT,
        "output_format": _FORMAT,
        "mcp_servers": said_by("tool_definition", listing(_MCP_SERVER)),
    }
)
"""The body of a request."""

ANSWER: Final = record(
    {
        **fields("id type role model usage stop_reason container diagnostics request_id", settings),
        "content": listing(BLOCK),
        "stop_sequence": text,
        "stop_details": record({"type": settings, "category": settings, "explanation": text}),
        "error": everything,
    }
)
"""The body of a whole answer, and of an error."""
