"""Where texts stand in Anthropic's messages, after its API reference and Python SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.exchange import pointer
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
from gateway.wire.reading import (
    blocks,
    counted,
    either,
    fields,
    in_answers,
    listing,
    naming,
    record,
    said_by,
    speaker,
)

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
    **fields("type id cache_control caller tool_use_id is_error", settings),
    "toolset_name": name,
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
        "advisor_result": _block(text=text, stop_reason=settings),
        "advisor_redacted_result": _block(encrypted_content=media, stop_reason=settings),
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
            " tool_search_tool_result_error advisor_tool_result_error",
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
        name=in_answers("call", name),
        server_name=name,
        input=in_answers("argument", either(string=text, items=everything, members=everything)),
    ),
)


_PLACE: Final = record({**fields("type country timezone", settings), "city": text, "region": text})


def _other_model(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    # An adviser is a second model, about which no policy has been asked.
    if not found.in_answer:
        raise found.fault(f"{pointer(path[:-1])} names another model")
    settings(found, value, path, provenance)


_TOOL: Final = record(
    {
        **fields(
            "type cache_control caching allowed_callers defer_loading eager_input_streaming strict"
            " max_uses display_width_px display_height_px display_number enable_zoom max_characters"
            " max_content_tokens citations default_config response_inclusion use_cache",
            settings,
        ),
        **fields("name mcp_server_name", name),
        **fields("allowed_domains blocked_domains", listing(text)),
        "description": text,
        "input_schema": schema,
        "user_location": _PLACE,
        "model": _other_model,
        "max_tokens": naming("max_tokens", settings),
        **fields("input_examples configs tools url_sources", everything),
    }
)
_TOOL_REFERENCE: Final = record(
    {"type": settings, **fields("name server_name", name), "definition": _TOOL}
)
# A tool that comes or goes in the midst of messages is one that no rule has been asked about.
_TOOL_CHANGE: Final = naming("tools", said_by("tool_definition", _block(tool=_TOOL_REFERENCE)))
_TOOL_CHANGES: Final = blocks({"tool_addition": _TOOL_CHANGE, "tool_removal": _TOOL_CHANGE})
_TOOL_LISTING: Final = naming(
    "tools", said_by("tool_definition", _block(mcp_server_name=name, tools=listing(_TOOL)))
)


def _signed(member: str, **own: Shape) -> Shape:
    """A block with a text that is refused upstream when it is signed and a word of it differs."""
    bare = _block(**{member: text}, signature=media, **own)
    sealed = _block(**{member: name}, signature=media, **own)

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        signed = isinstance(value, dict) and bool(value.get("signature"))
        (sealed if signed and not found.in_answer else bare)(found, value, path, provenance)

    return read


BLOCK: Final = blocks(
    {
        "text": _TEXT,
        "image": _IMAGE,
        "document": _DOCUMENT,
        "search_result": _SEARCH_RESULT,
        "thinking": _signed("thinking"),
        "compaction": _signed(
            "content", encrypted_content=media, tool_changes=listing(_TOOL_CHANGES)
        ),
        "fallback": _block(**{"from": settings, "to": settings, "trigger": everything}),
        "tool_addition": _TOOL_CHANGE,
        "tool_removal": _TOOL_CHANGE,
        "mcp_tool_listing": _TOOL_LISTING,
        "redacted_thinking": _block(data=media),
        "tool_use": _TOOL_USE,
        "server_tool_use": _TOOL_USE,
        "mcp_tool_use": _TOOL_USE,
        "tool_result": said_by("tool", _block(content=_TOOL_CONTENT)),
        **fields(
            "web_search_tool_result web_fetch_tool_result code_execution_tool_result"
            " bash_code_execution_tool_result text_editor_code_execution_tool_result"
            " tool_search_tool_result mcp_tool_result advisor_tool_result",
            _SERVER_RESULT,
        ),
        "tool_reference": _REFERENCE,
        "container_upload": counted("files", _block(file_id=settings)),
    }
)
"""One block of a message's content."""

_CONTENT: Final = either(string=text, items=listing(BLOCK))
_MESSAGE: Final = record(
    {
        "role": settings,
        "content": _CONTENT,
        "clear_at": settings,
        "output_config": naming("reasoning_effort", record({"effort": settings})),
    }
)


def _message(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    if not isinstance(value, dict):
        raise found.wrong(path, "an object")
    role = value.get("role")
    _MESSAGE(found, value, path, speaker(found, role, path, _ROLES))


_FORMAT: Final = said_by("tool_definition", record({"type": settings, "schema": schema}))
_OUTPUT: Final = record({"effort": settings, "task_budget": settings, "format": _FORMAT})
_CHOICE: Final = record({"type": settings, "name": name, "disable_parallel_tool_use": settings})
_INSTRUCTIONS: Final = said_by("system", naming("system", text))
_COMPACTION: Final = record({"type": settings, "instructions": _INSTRUCTIONS})
_EDIT: Final = record(
    {
        **fields("type trigger keep clear_at_least pause_after_compaction", settings),
        "clear_tool_inputs": everything,
        "exclude_tools": listing(name),
        "instructions": _INSTRUCTIONS,
    }
)
_CREDIT: Final = either(string=media, members=record({"token": media, "mode": settings}))
_MCP_SERVER: Final = record(
    {
        "type": settings,
        "tool_configuration": record({"enabled": settings, "allowed_tools": listing(name)}),
        **fields("name url authorization_token", name),
    }
)
_SETTINGS: Final = (
    "model stream max_tokens cache_control container diagnostics inference_geo"
    " billing_policy service_tier speed temperature thinking top_k top_p user_profile_id"
    " workspace_id"
)

REQUEST: Final = record(
    {
        **fields(_SETTINGS, settings),
        "messages": listing(_message),
        "system": said_by("system", either(string=text, items=listing(blocks({"text": _TEXT})))),
        "tools": said_by("tool_definition", listing(_TOOL)),
        "tool_choice": said_by("tool_definition", _CHOICE),
        "compaction": _COMPACTION,
        "context_management": said_by("tool_definition", record({"edits": listing(_EDIT)})),
        "fallback_credit_token": _CREDIT,
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
        **fields(
            "id type role model usage stop_reason container context_management diagnostics"
            " input_transformations request_id",
            settings,
        ),
        "content": listing(BLOCK),
        "stop_sequence": text,
        "stop_details": record(
            {
                **fields("type category recommended_model fallback_has_prefill_claim", settings),
                "fallback_credit_token": media,
                "explanation": text,
            }
        ),
        "error": everything,
    }
)
"""The body of a whole answer, and of an error."""
