"""The table of paths, and the format that each speaks.

A path is compared byte for byte. ``{model}`` in it stands for the name of a model, spelt without
a slash and without percent-encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from gateway.errors import BadRequest
from gateway.wire.anthropic_count import AnthropicCount
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.exchange import Target
from gateway.wire.gemini_embeddings import GeminiEmbeddings
from gateway.wire.gemini_generate import GeminiGenerate
from gateway.wire.model_name import is_model
from gateway.wire.ollama_chat import OllamaChat
from gateway.wire.ollama_embed import OllamaEmbed
from gateway.wire.ollama_generate import OllamaGenerate
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.openai_completions import OpenAICompletions
from gateway.wire.openai_embeddings import OpenAIEmbeddings
from gateway.wire.openai_responses import OpenAIResponses
from gateway.wire.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.wire.exchange import Format

__all__ = ["ANTHROPIC", "GEMINI", "OLLAMA", "OPENAI", "ROUTES", "Route", "Router", "nearest_format"]

OPENAI: Final[Format] = OpenAIChat()
ANTHROPIC: Final[Format] = AnthropicMessages()
OLLAMA: Final[Format] = OllamaChat()
GEMINI: Final[Format] = GeminiGenerate()
_AZURE: Final[Format] = OpenAIChat("azure")
_MODEL: Final = b"{model}"


@dataclass(frozen=True, slots=True)
class Route:
    """One path that the gateway answers on the data plane.

    Attributes:
        path: The raw path, byte for byte, without a query.
        name: What policies and records call it.
        format: The API it speaks.
        methods: The HTTP methods it takes.
        kind: ``generate``: a body with texts, an answer with texts, plain or streamed;
            ``models``: no body, a list of models.
        stream: Whether the answer is a stream; None where the body says it.
        query: The query parameters it takes, and passes on.
        alt: The only form of an answer that its query may ask for (Google's ``alt``).
        model: The model, where the route has only one.
        upstream: The upstream, where the route is its own.
    """

    path: bytes
    name: str
    format: Format
    methods: frozenset[str] = frozenset({"POST"})
    kind: Literal["generate", "models"] = "generate"
    stream: bool | None = None
    query: frozenset[str] = frozenset()
    alt: str | None = None
    model: str | None = None
    upstream: str | None = None

    def target(self, query: bytes, model: str | None = None) -> Target:
        """What a request for this route says in its path and its query.

        Raises:
            BadRequest: The query has a parameter that this route does not know, or asks for
                another form of answer.
        """
        found = read_query(query, self.query)
        if self.alt is not None and found.get("alt", _ALT_UNASKED) != self.alt:
            raise BadRequest(
                "the query asks for a form of answer that the route does not give",
                message=f"The query of this URL must say alt={self.alt}.",
            )
        return Target(self.model or model, self.stream, found)


_BETA: Final = frozenset({"beta"})
_VERSION: Final = frozenset({"api-version"})
_ALT: Final = frozenset({"alt"})
_ALT_UNASKED: Final = "json"
_GET: Final = frozenset({"GET"})


def _gemini(version: bytes) -> tuple[Route, ...]:
    at, name = version + b"/models/{model}:", "generate_content"
    vectors = GeminiEmbeddings()
    return (
        Route(at + b"generateContent", name, GEMINI, stream=False, query=_ALT, alt="json"),
        # Without alt=sse the API answers with one array of JSON, which no SDK asks for.
        Route(at + b"streamGenerateContent", name, GEMINI, stream=True, query=_ALT, alt="sse"),
        Route(at + b"embedContent", "embeddings", vectors, stream=False, query=_ALT, alt="json"),
        Route(
            at + b"batchEmbedContents", "embeddings", vectors, stream=False, query=_ALT, alt="json"
        ),
    )


ROUTES: Final = (
    Route(b"/v1/chat/completions", "chat.completions", OPENAI, query=_VERSION),
    Route(b"/v1/completions", "completions", OpenAICompletions(), query=_VERSION),
    Route(b"/v1/embeddings", "embeddings", OpenAIEmbeddings(), stream=False, query=_VERSION),
    Route(b"/v1/responses", "responses", OpenAIResponses(), query=_VERSION),
    Route(b"/v1/messages", "messages", ANTHROPIC, query=_BETA),
    Route(b"/v1/messages/count_tokens", "messages", AnthropicCount(), stream=False, query=_BETA),
    Route(
        b"/openai/deployments/{model}/chat/completions", "chat.completions", _AZURE, query=_VERSION
    ),
    Route(
        b"/openai/deployments/{model}/embeddings",
        "embeddings",
        OpenAIEmbeddings("azure"),
        stream=False,
        query=_VERSION,
    ),
    Route(b"/api/chat", "ollama.chat", OLLAMA),
    Route(b"/api/generate", "ollama.generate", OllamaGenerate()),
    Route(b"/api/embed", "embeddings", OllamaEmbed(), stream=False),
    *_gemini(b"/v1beta"),
    *_gemini(b"/v1"),
    Route(b"/v1/models", "models", OPENAI, _GET, "models", query=frozenset({"limit"})),
)
"""The routes of every gateway."""

_NEAREST: Final[Mapping[bytes, Format]] = MappingProxyType(
    {
        b"/v1/messages": ANTHROPIC,
        b"/v1/skills": ANTHROPIC,
        b"/v1beta/": GEMINI,
        b"/api/": OLLAMA,
    }
)
"""By the beginning of a path, whose errors its client understands; of any other path OpenAI's."""

_MODELS: Final = b"/v1/models/"
"""OpenAI's models, and Gemini's with a colon and what to do with them."""


class Router:
    """Finds the route of a path.

    Args:
        own: Routes of upstreams, beside ``ROUTES``.
    """

    def __init__(self, own: Iterable[Route] = ()) -> None:
        self.routes = (*ROUTES, *own)
        self._exact = {route.path: route for route in self.routes if _MODEL not in route.path}
        self._named = [
            (before, after, route)
            for route in self.routes
            for before, found, after in [route.path.partition(_MODEL)]
            if found
        ]

    def find(self, raw_path: bytes) -> tuple[Route, str | None] | None:
        """The route of a raw path and the model that the path names; None if there is no route."""
        route = self._exact.get(raw_path)
        if route is not None:
            return route, None
        for before, after, named in self._named:
            if raw_path.startswith(before) and raw_path.endswith(after):
                model = raw_path[len(before) : len(raw_path) - len(after)].decode("latin-1")
                if "/" not in model and is_model(model):
                    return named, model
        return None


def nearest_format(raw_path: bytes) -> Format:
    """The format whose errors a client of this path will understand best."""
    for start, wire in _NEAREST.items():
        if raw_path.startswith(start):
            return wire
    return GEMINI if raw_path.startswith(_MODELS) and b":" in raw_path else OPENAI
