"""What the model behind a gateway answers in tests of SDKs, by what it is asked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.default_reply import default_reply
from gateway.demo.reply import DemoReply, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from house import House

    from gateway.demo.reply import DemoRequest

__all__ = ["EVENTS", "JSON", "TOOL", "answering", "by_word"]

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"

_REPLIES: Final = {
    "mail": DemoReply(("Write to a", "da@exam", "ple.com", " soon.")),
    "card": DemoReply(("It is", " 4111 11", "11 1111 ", "1111", ", I think.")),
    "tool": DemoReply(tool_calls=(ToolCall("send", {"to": "ada@example.com"}),)),
    "json": DemoReply('{"name": "Ada", "mail": "ada@example.com"}'),
}

TOOL: Final[dict[str, Any]] = {
    "type": "function",
    "function": {
        "name": "send",
        "description": "Sends a message.",
        "parameters": {"type": "object", "properties": {"to": {"type": "string"}}},
    },
}
"""The tool that the answer to ``tool`` calls."""


def by_word(request: DemoRequest) -> DemoReply:
    """An address for "mail", a card for "card", a call for "tool", an object for "json"."""
    return _REPLIES.get(request.last.text) or default_reply(request)


@contextmanager
def answering(house: House, kind: str, *pieces: bytes) -> Iterator[bytes]:
    """Lets the model answer with these bytes, whatever it is asked; gives them joined."""
    before = house.demo.reply
    house.demo.reply = lambda _: DemoReply(raw=pieces, content_type=kind)
    try:
        yield b"".join(pieces)
    finally:
        house.demo.reply = before
