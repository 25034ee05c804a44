"""The exact table of paths, and the format that each speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from gateway.wire.exchange import Format

__all__ = ["ANTHROPIC", "OPENAI", "ROUTES", "Route", "nearest_format", "route_for"]

OPENAI: Final[Format] = OpenAIChat()
ANTHROPIC: Final[Format] = AnthropicMessages()


@dataclass(frozen=True, slots=True)
class Route:
    """One path that the gateway answers on the data plane.

    Attributes:
        path: The raw path, byte for byte, without a query.
        methods: The HTTP methods it takes.
        name: What policies and records call it.
        format: The API it speaks.
        kind: ``generate``: a body with texts, an answer with texts, plain or streamed;
            ``models``: no body, a list of models.
    """

    path: bytes
    methods: frozenset[str]
    name: str
    format: Format
    kind: Literal["generate", "models"]


_POST: Final = frozenset({"POST"})

ROUTES: Final[dict[bytes, Route]] = {
    route.path: route
    for route in (
        Route(b"/v1/chat/completions", _POST, "chat.completions", OPENAI, "generate"),
        Route(b"/v1/messages", _POST, "messages", ANTHROPIC, "generate"),
        Route(b"/v1/models", frozenset({"GET"}), "models", OPENAI, "models"),
    )
}


def route_for(raw_path: bytes) -> Route | None:
    """The route of a raw path, compared byte for byte; None if there is none."""
    return ROUTES.get(raw_path)


def nearest_format(raw_path: bytes) -> Format:
    """The format whose errors a client of this path will understand best."""
    if raw_path.startswith((b"/v1/messages", b"/v1/skills")):
        return ANTHROPIC
    return OPENAI
