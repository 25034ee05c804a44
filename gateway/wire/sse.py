"""Server-sent events, read from bytes in whatever pieces they come.

The grammar is WHATWG's (HTML, §9.2.5 and §9.2.6): lines end with LF, CR or CRLF, an empty line
ends an event, ``data`` lines are joined by LF. What is read does not depend on where the bytes
were cut.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from gateway.errors import UpstreamError
from gateway.wire.leaves import is_identifier

__all__ = ["KEEP_ALIVE", "MEDIA_TYPE", "EventParser", "ServerEvent", "encode", "one_line"]

MEDIA_TYPE: Final = "text/event-stream"

KEEP_ALIVE: Final = b":\n\n"
"""A comment: what a client gets where the upstream sent no data."""

_MIB: Final = 2**20
_BOM: Final = b"\xef\xbb\xbf"
# Atomic groups: a CRLF is one line end and is never taken apart into two.
_LINE_END: Final = re.compile(rb"(?>\r\n|\n|\r)")
_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")

# They stand in strings only, where JSON may escape them.
_OTHER_ENDS: Final = (
    (b"\xc2\x85", b"\\u0085"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)
_LAST_BLANK_LINE: Final = re.compile(_BLANK_LINE.pattern + rb"\Z")


class ServerEvent(NamedTuple):
    """One event.

    Attributes:
        raw: What to pass on: the exact bytes with the empty line where the event has nothing but
            ``event`` and ``data``; otherwise an event without what was not read (comments, ids,
            unknown fields, a name that is no word), or a bare comment where there was no data.
        name: The last ``event`` field, empty if there is none.
        data: The ``data`` lines joined by LF; None if there are none or only one that is empty.
            The standard dispatches the latter, but no API has a meaning for it.
    """

    raw: bytes
    name: str
    data: bytes | None


class EventParser:
    """Cuts a stream of bytes into events; holds at most one unfinished event.

    Args:
        limit: Bytes that an event may have; 1 MiB if not given.
    """

    __slots__ = ("_first", "_limit", "_pending")

    def __init__(self, limit: int = _MIB) -> None:
        self._pending = bytearray()
        self._first = True
        self._limit = limit

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that are complete with this chunk.

        Raises:
            UpstreamError: An event is larger than the limit, or its name is not UTF-8.
        """
        pending = self._pending
        if pending:
            # Only the seam and what is new can hold the empty line that was missing so far.
            seam = max(0, len(pending) - 3)
            pending += chunk
            if _BLANK_LINE.search(pending, seam) is None:
                self._bound(len(pending))
                return []
            chunk = bytes(pending)
            pending.clear()
        first = chunk.find(b"\n")
        if chunk.endswith(b"\n\n") and b"\r" not in chunk:
            # As models' servers write them, one at a time.
            if first == len(chunk) - 2 <= self._limit - 2 and chunk.startswith(b"data: {"):
                self._first = False
                return [ServerEvent(chunk, "", chunk[6:-2])]
            if chunk.find(b"\n\n") == len(chunk) - 2:
                return [self._event(chunk)]
        if (
            first == len(chunk) - 3
            and chunk.endswith(b"\r\n\r\n")
            and chunk.find(b"\r") == first - 1
        ):
            if chunk.startswith(b"data: {") and len(chunk) <= self._limit:
                self._first = False
                return [ServerEvent(chunk, "", chunk[6:-4])]
            return [self._event(chunk)]
        parts = _cut_crlf(chunk) or _cut(chunk) if b"\r" in chunk else _cut_lf(chunk)
        rest = parts.pop()
        self._bound(len(rest))
        pending += rest
        return [self._event(part) for part in parts]

    def close(self) -> list[ServerEvent]:
        """Says that no more bytes come: an event without its empty line is none.

        A CR at the very end is a line end of its own, whose LF is not under way any more.

        Raises:
            UpstreamError: They ended in the middle of an event.
        """
        rest = bytes(self._pending)
        self._pending.clear()
        if not rest.strip(b"\r\n"):
            return []
        if _LAST_BLANK_LINE.search(rest) is None:
            raise UpstreamError("the stream of events ended in the middle of an event")
        return [self._event(rest)]

    def _bound(self, size: int) -> None:
        if size > self._limit:
            raise UpstreamError(f"an event of the stream is larger than {self._limit // _MIB} MiB")

    def _event(self, part: bytes) -> ServerEvent:
        self._bound(len(part))
        if self._first:
            self._first = False
            part = part.removeprefix(_BOM)
        at = part.find(b"\n") + 1 if part.startswith(b"event: ") else 0
        if part.startswith(b"data: {", at):
            end = part.find(b"\r")
            if end < 0 and part.find(b"\n", at) == len(part) - 2:
                name = _name(part[7 : at - 1]) if at else ""
                if not name or is_identifier(name):
                    return ServerEvent(part, name, part[at + 6 : -2])
            if end == len(part) - 4 == part.find(b"\n") - 1 and part.endswith(b"\r\n\r\n"):
                return ServerEvent(part, "", part[6:end])
        return _read_lines(part)


def encode(json: bytes, name: str = "") -> bytes:
    """One event of one line of data, which is JSON as it is dumped."""
    head = b"event: " + name.encode() + b"\n" if name else b""
    return head + b"data: " + one_line(json) + b"\n\n"


def one_line(json: bytes) -> bytes:
    """JSON on one line, which no reader takes for two.

    The standard knows no other line ends than CR and LF, but readers that split decoded text do,
    as ``str.splitlines`` does.
    """
    if not json.isascii():
        for end, escaped in _OTHER_ENDS:
            json = json.replace(end, escaped)
    return json


def _name(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise UpstreamError("the name of an event is not UTF-8") from None


def _cut_lf(chunk: bytes) -> list[bytes]:
    parts = chunk.split(b"\n\n")
    rest = parts.pop()
    parts = [part + b"\n\n" for part in parts]
    parts.append(rest)
    return parts


def _cut_crlf(chunk: bytes) -> list[bytes] | None:
    """The same where events of one line end with CRLF, as Google's do; None for all else."""
    parts = chunk.split(b"\r\n\r\n")
    rest = parts.pop()
    if not chunk.count(b"\r") == chunk.count(b"\n") == 2 * len(parts):
        return None
    parts = [part + b"\r\n\r\n" for part in parts]
    parts.append(rest)
    return parts


def _cut(chunk: bytes) -> list[bytes]:
    parts, start = [], 0
    for found in _BLANK_LINE.finditer(chunk):
        if found.end() == len(chunk) and chunk.endswith(b"\r"):
            break  # the LF of this CRLF may still be under way
        parts.append(chunk[start : found.end()])
        start = found.end()
    parts.append(chunk[start:])
    return parts


def _read_lines(part: bytes) -> ServerEvent:
    name, lines, exact = None, [], True
    for line in _LINE_END.split(part):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            lines.append(value)
        elif field == b"event":
            # Of several the last one counts, and nobody reads what the others say.
            exact = exact and name is None
            name = _name(value)
        elif line:
            exact = False
    data, name = b"\n".join(lines), name or ""
    if not data:
        return ServerEvent(KEEP_ALIVE, name, None)
    passed = name if is_identifier(name) else ""
    exact = exact and passed == name
    return ServerEvent(part if exact else _encode_lines(passed, lines), name, data)


def _encode_lines(name: str, lines: list[bytes]) -> bytes:
    head = [b"event: " + name.encode()] if name else []
    return b"\n".join([*head, *(b"data: " + line for line in lines), b"", b""])
