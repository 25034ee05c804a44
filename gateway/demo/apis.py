"""The table of the APIs that the demo model speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.demo import (
    anthropic_api,
    gemini_api,
    gemini_embeddings_api,
    ollama_api,
    openai_api,
    openai_completions_api,
    openai_embeddings_api,
    responses_api,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateway.demo.reply import DemoReply, DemoRequest

__all__ = ["APIS", "DemoApi", "api_of"]

_EVENTS: Final = "text/event-stream; charset=utf-8"
_LINES: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class DemoApi:
    """One API.

    Attributes:
        read: Body, path with query, and headers to a request; ValueError, TypeError, KeyError or
            AttributeError where they are none of this API.
        answer: The body of a whole answer; the number is the call's.
        events: The pieces of a streamed one.
        error: Status, type, message and the call's number to the body of an error.
        stream_type: The content type of its streams.
    """

    read: Callable[[Mapping[str, Any], str, Mapping[str, str]], DemoRequest]
    answer: Callable[[DemoRequest, DemoReply, int], bytes]
    events: Callable[[DemoRequest, DemoReply, int], Iterator[bytes]]
    error: Callable[[int, str, str, int], bytes]
    stream_type: str = _EVENTS


_CHAT: Final = DemoApi(openai_api.read, openai_api.answer, openai_api.events, openai_api.error)
_COMPLETIONS: Final = DemoApi(
    openai_completions_api.read,
    openai_completions_api.answer,
    openai_completions_api.events,
    openai_api.error,
)
_EMBEDDINGS: Final = DemoApi(
    openai_embeddings_api.read, openai_embeddings_api.answer, openai_api.events, openai_api.error
)
_MESSAGES: Final = DemoApi(
    anthropic_api.read, anthropic_api.answer, anthropic_api.events, anthropic_api.error
)
_COUNT: Final = DemoApi(
    anthropic_api.read_count, anthropic_api.count, anthropic_api.events, anthropic_api.error
)
_OLLAMA_CHAT: Final = DemoApi(
    ollama_api.read_chat, ollama_api.answer, ollama_api.events, ollama_api.error, _LINES
)
_OLLAMA_GENERATE: Final = DemoApi(
    ollama_api.read_generate, ollama_api.answer, ollama_api.events, ollama_api.error, _LINES
)
_OLLAMA_EMBED: Final = DemoApi(
    ollama_api.read_embed, ollama_api.vectors, ollama_api.events, ollama_api.error, _LINES
)
_GENERATE: Final = DemoApi(
    gemini_api.read, gemini_api.answer, gemini_api.events, gemini_api.error, "text/event-stream"
)
_VECTORS: Final = DemoApi(
    gemini_embeddings_api.read, gemini_embeddings_api.answer, gemini_api.events, gemini_api.error
)
_RESPONSES: Final = DemoApi(
    responses_api.read, responses_api.answer, responses_api.events, openai_api.error
)

APIS: Final[tuple[tuple[str, str, DemoApi], ...]] = (
    ("/v1/chat/completions", "", _CHAT),
    ("/v1/completions", "", _COMPLETIONS),
    ("/v1/embeddings", "", _EMBEDDINGS),
    ("/openai/deployments/", "/chat/completions", _CHAT),
    ("/openai/deployments/", "/embeddings", _EMBEDDINGS),
    ("/v1/responses", "", _RESPONSES),
    ("/v1/messages", "", _MESSAGES),
    ("/v1/messages/count_tokens", "", _COUNT),
    *(
        (f"/{version}/models/", f":{verb}", api)
        for version in ("v1beta", "v1")
        for verb, api in (
            ("generateContent", _GENERATE),
            ("streamGenerateContent", _GENERATE),
            ("embedContent", _VECTORS),
            ("batchEmbedContents", _VECTORS),
        )
    ),
    ("/api/chat", "", _OLLAMA_CHAT),
    ("/api/generate", "", _OLLAMA_GENERATE),
    ("/api/embed", "", _OLLAMA_EMBED),
)
"""How a path begins and, where something stands between, how it ends; and its API."""


def api_of(path: str) -> DemoApi | None:
    """The API of a path without a query; None where it has none."""
    for start, end, api in APIS:
        if path == start or (end and path.startswith(start) and path.endswith(end)):
            return api
    return None
