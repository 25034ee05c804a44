"""What the demo model is asked, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DemoMessage",
    "DemoReply",
    "DemoRequest",
    "DemoTool",
    "Reply",
    "ToolCall",
    "slices",
    "token_count",
    "words",
]


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """One message of the conversation; the texts of its parts are joined by newlines."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoTool:
    """A tool that the model may call, with its parameters as JSON Schema."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """A call, whichever API it came by.

    Attributes:
        api: The API it came by: ``openai``, ``anthropic``, or whose it is.
        model: The model asked for.
        messages: The conversation; Anthropic's ``system`` stands first, with the role ``system``.
        tools: What may be called.
        stream: Whether events are asked for.
        choices: How many answers are asked for (OpenAI's ``n``).
        stream_usage: Whether OpenAI's ``stream_options.include_usage`` is on.
        headers: Request headers, names in lower case.
        body: The parsed body.
    """

    api: str
    model: str
    messages: tuple[DemoMessage, ...]
    tools: tuple[DemoTool, ...] = ()
    stream: bool = False
    choices: int = 1
    stream_usage: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def last(self) -> DemoMessage:
        """The last message; an empty one of the user where there is none."""
        return self.messages[-1] if self.messages else DemoMessage("user", "")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool; ``arguments`` is an object, or the JSON text to send as it stands."""

    name: str
    arguments: Mapping[str, Any] | str

    @property
    def json(self) -> str:
        """The arguments as JSON."""
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


_PIECE: Final = 12


@dataclass(frozen=True, slots=True)
class DemoReply:
    """An answer.

    Attributes:
        text: The text, or its pieces as a stream sends them; a plain string is cut at words.
        thinking: Pieces of thinking before it (OpenAI: ``reasoning_content``).
        tool_calls: Calls after it.
        finish: Why it ended, in the API's words; chosen by what is in it if not given.
        delay: Seconds before each streamed piece, or before a whole answer.
        status: From 400 on, the answer is an error with ``text`` as its message.
        error_type: ``error.type`` of an error.
        headers: More response headers.
        cut: Ends the connection after this many events of the stream.
        raw: Bytes to send as the body instead, piece by piece.
        content_type: The content type of ``raw``.
    """

    text: str | tuple[str, ...] = ""
    thinking: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str | None = None
    delay: float = 0.0
    status: int = 200
    error_type: str = "invalid_request_error"
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    raw: tuple[bytes, ...] | None = None
    content_type: str = "application/json"

    @property
    def whole(self) -> str:
        """The text in one piece."""
        return self.text if isinstance(self.text, str) else "".join(self.text)

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text as a stream sends it."""
        return words(self.text) if isinstance(self.text, str) else self.text


Reply = Callable[[DemoRequest], DemoReply]


def words(text: str) -> tuple[str, ...]:
    """A text cut before each space, as models' tokens are."""
    head, *rest = text.split(" ")
    return tuple(piece for piece in (head, *(" " + word for word in rest)) if piece)


def slices(text: str) -> tuple[str, ...]:
    """A text cut every few characters, as the JSON of a tool call is streamed."""
    return tuple(text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def token_count(text: str) -> int:
    """About what a tokenizer would count; never less than 1."""
    return max(1, (len(text) + 3) // 4)
