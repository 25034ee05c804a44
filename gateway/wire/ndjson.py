"""Lines of JSON, read from bytes in whatever pieces they come.

A line ends with LF; a CR before it is white space of JSON, and so is what stands in a blank line,
which no event is made of. What is read does not depend on where the bytes were cut.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from gateway.errors import UpstreamError
from gateway.wire.sse import ServerEvent, one_line

__all__ = ["MEDIA_TYPE", "LineParser", "encode"]

MEDIA_TYPE: Final = "application/x-ndjson"

_MAX_LINE: Final = 2**20


class LineParser:
    """Cuts a stream of bytes into lines. A ``Framing``; holds at most one unfinished line.

    Args:
        limit: Bytes that a line may have, without its end.
    """

    __slots__ = ("_limit", "_pending")

    def __init__(self, limit: int = _MAX_LINE) -> None:
        self._limit = limit
        self._pending = bytearray()

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The lines that are complete with this chunk, each an event without a name.

        Raises:
            UpstreamError: A line is too long.
        """
        first, *rest = chunk.split(b"\n")
        self._pending += first
        self._check(len(self._pending))
        if not rest:
            return []
        lines = [bytes(self._pending), *rest]
        self._pending = bytearray(lines.pop())
        return self._events(lines)

    def close(self) -> list[ServerEvent]:
        """Says that no more bytes come: the last line may have been left without its end.

        Whether it is whole is for its reader to see, for half an object is no JSON.

        Raises:
            UpstreamError: It is too long.
        """
        last = bytes(self._pending)
        self._pending.clear()
        return self._events([last])

    def _events(self, lines: list[bytes]) -> list[ServerEvent]:
        self._check(max(map(len, lines)))
        return [ServerEvent(line + b"\n", "", line) for line in lines if line.strip()]

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise UpstreamError("a line of the stream is too long")


def encode(value: Any) -> bytes:
    """One line, which no reader takes for two."""
    return one_line(orjson.dumps(value)) + b"\n"
