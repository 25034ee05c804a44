"""Server-sent events as the standard words them (WHATWG HTML §9.2.6), line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["dispatched", "lines_of"]


def dispatched(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The type and the data of each event that a client hears; what is unfinished is none.

    Events whose data is the empty string are left out: they say nothing.
    """
    name, data = b"", b""
    for line in lines_of(stream.removeprefix(b"\xef\xbb\xbf")):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data.removesuffix(b"\n"):
                yield name, data.removesuffix(b"\n")
            name, data = b"", b""
        elif field == b"event":
            name = value
        elif field == b"data":
            data += value + b"\n"


def lines_of(stream: bytes) -> list[bytes]:
    """The lines that have an end: CRLF, LF or CR."""
    return stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:-1]
