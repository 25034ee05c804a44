"""The stream of Ollama's API: lines of JSON, the last of which is ``done``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire import ndjson
from gateway.wire.exchange import StreamEvent, Usage
from gateway.wire.model_name import readable_word
from gateway.wire.ollama_line import LineReader
from gateway.wire.rewrite import rewrite
from gateway.wire.streaming import JsonStream, parse_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.wire.exchange import Path
    from gateway.wire.sse import ServerEvent

__all__ = ["COUNTS", "OllamaStream", "error_object", "read_usage"]

COUNTS: Final = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)
"""What an answer says of its cost: tokens, and nanoseconds."""


def error_object(code: str, message: str) -> dict[str, Any]:
    """An error as Ollama words it, with our code beside it; its SDKs raise by the status."""
    return {"error": message, "code": code}


def read_usage(data: Mapping[str, Any]) -> Usage | None:
    """The token counts of an answer or a line; None where it has none."""
    counts = [data.get("prompt_eval_count"), data.get("eval_count")]
    known = [count if type(count) is int else None for count in counts]
    return None if known == [None, None] else Usage(*known)


class OllamaStream(JsonStream):
    """Reads one streamed answer. A ``StreamReader``.

    Args:
        empty: The members of a line that says nothing, by which a reader knows whose it is.
    """

    ending = "the line that is done"

    __slots__ = ("_changed", "_closed", "_empty", "_head", "_lines", "_sent_final")

    def __init__(self, empty: Mapping[str, Any]) -> None:
        super().__init__(ndjson.LineParser())
        self._empty = empty
        self._lines = LineReader()
        self._head: dict[str, Any] = {}
        self._changed = False
        self._sent_final = False
        self._closed = False

    def stop(self) -> bytes:
        """See ``StreamReader.stop``; the last line is done, with a reason of its own."""
        if self._sent_final or self._closed:
            return b""
        self._closed = True
        ending = {"done": True, "done_reason": "content_filter"}
        return ndjson.encode({**self._head, **self._empty, **ending})

    def error(self, code: str, message: str) -> bytes:
        """See ``StreamReader.error``; the SDKs raise ``ResponseError`` on a line with ``error``."""
        if self._closed:
            return b""
        self._closed = True
        return ndjson.encode(error_object(code, message))

    def _event(self, event: ServerEvent) -> StreamEvent:
        data = parse_event(event.data or b"")
        pieces = self._lines.read(data)
        failed = data.get("error") is not None
        self._done = self._ended = final = failed or data.get("done") is True
        if not self._head or final:
            self._head = _head(data)
        return StreamEvent(
            event.raw,
            tuple(pieces.deltas),
            data,
            tuple(pieces.closes),
            read_usage(data),
            readable_word(data.get("model")),
            readable_word(data.get("done_reason")) if final else None,
            final,
            failed,
        )

    def _note_sent(self, event: StreamEvent) -> None:
        self._sent_final = self._sent_final or event.final

    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        """Drops what spells a changed text again, of this line or of an earlier one."""
        data = event.data
        self._changed = self._changed or bool(changed)
        dropped = {"logprobs"} if changed else set()
        if self._changed or not event.final:
            dropped.add("context")
        if not changed and dropped.isdisjoint(data):
            return event.raw
        written = rewrite(data, changed)
        return ndjson.encode({key: written[key] for key in written if key not in dropped})


def _head(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a line says of its answer, without a text."""
    words = {key: readable_word(data.get(key)) for key in ("model", "created_at")}
    counts = {key: data[key] for key in COUNTS if type(data.get(key)) is int}
    return {key: word for key, word in words.items() if word is not None} | counts
