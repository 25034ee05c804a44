"""Where texts stand in OpenAI's chat completions, after its API reference and Python SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

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
from gateway.wire.respellings import log_probabilities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = ["ANSWER", "REQUEST", "TOOL_CALL", "spelling", "spoken_by"]

_ROLES: Final[dict[str, Provenance]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}

_CACHE: Final = {"type": settings, "prompt_cache_breakpoint": settings, "cache_control": settings}
_IMAGE: Final = record(
    {**_CACHE, "image_url": either(string=url, members=record({"url": url, "detail": settings}))}
)
_SOUND: Final = record({**_CACHE, "input_audio": record({"data": media, "format": settings})})
_FILE: Final = record(
    {
        **_CACHE,
        "file": said_by(
            "document", record({"file_data": file_data, "file_id": settings, "filename": text})
        ),
    }
)
_PART: Final = blocks(
    {
        "text": record({**_CACHE, "text": text}),
        "refusal": record({**_CACHE, "refusal": text}),
        "image_url": counted("images", _IMAGE),
        "input_audio": counted("audio", _SOUND),
        "file": counted("files", _FILE),
    }
)
_CONTENT: Final = either(string=text, items=listing(_PART))
_ARGUMENTS: Final = either(string=json_text, members=everything)
_CALLED: Final = in_answers("call", name)
_FUNCTION_CALL: Final = record({"name": _CALLED, "arguments": in_answers("argument", _ARGUMENTS)})
TOOL_CALL: Final = record(
    {
        "id": settings,
        "type": settings,
        "index": settings,
        "function": _FUNCTION_CALL,
        "custom": record({"name": _CALLED, "input": in_answers("argument", text)}),
    }
)
_ANNOTATION: Final = blocks(
    {
        "url_citation": record(
            {
                "type": settings,
                "url_citation": record(
                    {"start_index": settings, "end_index": settings, "title": text, "url": text}
                ),
            }
        )
    }
)
_MESSAGE: Final[dict[str, Shape]] = {
    "role": settings,
    "content": _CONTENT,
    "name": name,
    "refusal": text,
    "reasoning": text,
    "reasoning_content": text,
    "tool_calls": listing(TOOL_CALL),
    "function_call": _FUNCTION_CALL,
    "tool_call_id": settings,
    "annotations": listing(_ANNOTATION),
    "audio": counted(
        "audio",
        record({"id": settings, "data": media, "transcript": text, "expires_at": settings}),
    ),
}
_REQUEST_MESSAGE: Final = record(_MESSAGE)


def _message(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    if not isinstance(value, dict):
        raise found.wrong(path, "an object")
    role = value.get("role")
    _REQUEST_MESSAGE(found, value, path, speaker(found, role, path, _ROLES))


_FUNCTION: Final = record(
    {"name": name, "description": text, "parameters": schema, "strict": settings}
)
_CUSTOM: Final = record(
    {
        "name": name,
        "description": text,
        "format": record(
            {"type": settings, "grammar": record({"definition": text, "syntax": settings})}
        ),
    }
)
_TOOL: Final = record(
    {
        "type": settings,
        "function": _FUNCTION,
        "custom": _CUSTOM,
    }
)
_CHOICE: Final = record(
    {
        "type": settings,
        "function": _FUNCTION,
        "custom": _CUSTOM,
        "allowed_tools": record({"mode": settings, "tools": listing(_TOOL)}),
    }
)
_PLACE: Final = record({**fields("type country timezone", settings), **fields("city region", text)})
_WEB_SEARCH: Final = record(
    {
        "search_context_size": settings,
        "user_location": record({"type": settings, "approximate": _PLACE}),
    }
)
_RESPONSE_FORMAT: Final = record(
    {
        "type": settings,
        "json_schema": record(
            {"name": name, "description": text, "schema": schema, "strict": settings}
        ),
    }
)
_SETTINGS: Final = (
    "model stream audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens"
    " modalities moderation n parallel_tool_calls presence_penalty prompt_cache_options"
    " prompt_cache_retention reasoning_effort seed service_tier store stream_options temperature"
    " top_logprobs top_p verbosity"
)

REQUEST: Final = record(
    {
        **fields(_SETTINGS, settings),
        "messages": listing(_message),
        "tools": said_by("tool_definition", listing(_TOOL)),
        "functions": said_by("tool_definition", listing(_FUNCTION)),
        "response_format": said_by("tool_definition", _RESPONSE_FORMAT),
        "prediction": said_by("assistant", record({"type": settings, "content": _CONTENT})),
        "metadata": said_by("user", everything),
        **fields("user prompt_cache_key safety_identifier", said_by("user", text)),
        "tool_choice": said_by("tool_definition", either(string=settings, members=_CHOICE)),
        "function_call": said_by("tool_definition", either(string=settings, members=_FUNCTION)),
        "web_search_options": said_by("tool_definition", _WEB_SEARCH),
        "stop": said_by("user", either(string=text, items=listing(text))),
    }
)
"""The body of a request."""


def spoken_by(choice: Mapping[str, Any], said: str) -> dict[str, Any]:
    """The texts of a choice that its log probabilities spell again, by the lists they do it in."""
    words = choice.get(said)
    words = words if isinstance(words, dict) else {}
    return {**{key: words.get(key) for key in _SPELT}, "tokens": choice.get("text")}


def spelling(known: Shape) -> Shape:
    """The shape of a choice, with what its log probabilities spell beyond its text."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        known(found, value, path, provenance)
        spoken = spoken_by(value, "message")
        log_probabilities(found, value.get("logprobs"), (*path, "logprobs"), spoken)

    return read


_SPELT: Final = ("content", "refusal")
ANSWER: Final = record(
    {
        **fields(
            "id object created model system_fingerprint service_tier usage moderation"
            " prompt_filter_results",
            settings,
        ),
        "metadata": everything,
        "choices": listing(
            spelling(
                record(
                    {
                        **fields("index finish_reason content_filter_results", settings),
                        "logprobs": ignored,
                        "message": record(_MESSAGE),
                    }
                )
            )
        ),
        "error": everything,
    }
)
"""The body of a whole answer, and of an error."""
