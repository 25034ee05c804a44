"""The stream of Anthropic's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.errors import UpstreamError
from gateway.wire import sse
from gateway.wire.anthropic_event import EventReader
from gateway.wire.exchange import StreamEvent, Usage
from gateway.wire.leaves import is_identifier
from gateway.wire.model_name import readable_word
from gateway.wire.rewrite import rewrite
from gateway.wire.streaming import JsonStream, parse_event

if TYPE_CHECKING:
    from gateway.wire.exchange import Path

__all__ = ["AnthropicStream", "error_object", "read_usage"]

_MEMBERS: Final = 3
"""Of a delta: its type, index and delta, and nothing that counts or names anything."""
_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error_object(status: int, code: str, message: str, request: str) -> dict[str, Any]:
    """An error as Anthropic words it.

    Our code stands twice: as ``error.code``, where OpenAI's clients look for it, and as
    ``error.details.error_code``, which Anthropic's SDKs offer as ``error_code``.
    """
    kind = _TYPES.get(status) or ("invalid_request_error" if status < 500 else "api_error")
    error = {"type": kind, "message": message, "code": code, "details": {"error_code": code}}
    return {"type": "error", "error": error, "request_id": request or None}


def read_usage(value: Any) -> Usage | None:
    """``usage`` of an answer or an event; tokens read from and written to the cache are input."""
    if not isinstance(value, dict):
        return None
    parts = [
        value.get(key)
        for key in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    ]
    counted = [part for part in parts if type(part) is int]
    output = value.get("output_tokens")
    return Usage(sum(counted) if counted else None, output if type(output) is int else None)


_SEALED: Final = frozenset(("thinking", "thinking_delta", "compaction", "compaction_delta"))


class AnthropicStream(JsonStream):
    """Reads one streamed answer. A ``StreamReader``."""

    ending = "message_stop"

    __slots__ = ("_changed", "_closed", "_open", "_reader", "_sent_final", "_sent_start")

    def __init__(self) -> None:
        super().__init__()
        self._reader = EventReader()
        self._sent_start = False
        self._sent_final = False
        self._closed = False
        self._open: dict[int, None] = {}
        self._changed: set[int] = set()

    def stop(self) -> bytes:
        """See ``StreamReader.stop``; open blocks are closed, the message ends ``refusal``."""
        if self._sent_final or self._closed:
            return b""
        ending = {"stop_reason": "refusal", "stop_sequence": None}
        usage = {"output_tokens": self._reader.output_tokens}
        events: list[dict[str, Any]] = [
            {"type": "content_block_stop", "index": index} for index in self._open
        ]
        if not self._sent_start:
            events.insert(0, self._reader.start())
        events.append({"type": "message_delta", "delta": ending, "usage": usage})
        events.append({"type": "message_stop"})
        self._closed = True
        return b"".join(map(_dump, events))

    def error(self, code: str, message: str) -> bytes:
        """See ``StreamReader.error``; the SDKs raise on an event of the name ``error``."""
        if self._closed:
            return b""
        self._closed = True
        return _dump(error_object(500, code, message, ""))

    def _event(self, event: sse.ServerEvent) -> StreamEvent:
        if event.data is None:
            return StreamEvent(event.raw)
        data = _parse(event)
        pieces = self._reader.read(data)
        kind = data["type"]
        if kind == "content_block_delta" and len(data) == _MEMBERS:
            return StreamEvent(event.raw, tuple(pieces.deltas), data, tuple(pieces.closes))
        failed = kind == "error"
        self._done = self._ended = final = failed or kind == "message_stop"
        message = data.get("message") if kind == "message_start" else data
        delta = data.get("delta") if kind == "message_delta" else None
        return StreamEvent(
            event.raw,
            tuple(pieces.deltas),
            data,
            tuple(pieces.closes),
            read_usage(message.get("usage")) if isinstance(message, dict) else None,
            readable_word(message.get("model")) if isinstance(message, dict) else None,
            readable_word(delta.get("stop_reason")) if isinstance(delta, dict) else None,
            final,
            failed,
        )

    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        """Thinking and summaries that were changed lose their signature."""
        data = event.data
        if changed and _is_sealed(data):
            self._changed.add(data["index"])
            if "signature" in (data.get("content_block") or ()):
                changed[("content_block", "signature")] = ""
        elif self._changed and _is_signature(data) and data["index"] in self._changed:
            changed[("delta", "signature")] = ""
        return _dump(rewrite(data, changed)) if changed else event.raw

    def _note_sent(self, event: StreamEvent) -> None:
        data = event.data
        if data is None:
            return
        kind = data["type"]
        if kind == "content_block_delta":
            return
        if kind == "content_block_start":
            self._open[data["index"]] = None
        elif kind == "content_block_stop":
            self._open.pop(data["index"], None)
        elif kind == "message_start":
            self._sent_start = True
        elif event.final:
            self._sent_final = True


def _parse(event: sse.ServerEvent) -> dict[str, Any]:
    data = parse_event(event.data or b"")
    kind = data.get("type")
    if not isinstance(kind, str):
        raise UpstreamError("an event of the stream is not an object with a type")
    if event.name and event.name != kind:
        raise UpstreamError("an event of the stream has two names")
    # It may be written as the event's name, which a line end in it would end.
    if not event.name and not is_identifier(kind):
        raise UpstreamError("the type of an event of the stream is no name")
    return data


def _dump(data: dict[str, Any]) -> bytes:
    return sse.encode(orjson.dumps(data), data["type"])


def _is_sealed(data: dict[str, Any]) -> bool:
    part = data.get("delta") or data.get("content_block")
    kind = part.get("type") if isinstance(part, dict) else None
    return isinstance(kind, str) and kind in _SEALED


def _is_signature(data: Any) -> bool:
    delta = data.get("delta") if data else None
    return isinstance(delta, dict) and delta.get("type") == "signature_delta"
