"""Where expressions match in a text, by characters, found in its bytes and in linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["places"]


def places(expression: Any, text: str, data: bytes | memoryview) -> Iterator[tuple[int, int]]:
    """The matches of an expression over bytes.

    Args:
        expression: One of RE2.
        text: The text.
        data: The same in UTF-8, what has no such form replaced.
    """
    if len(data) == len(text):
        yield from (match.span() for match in expression.finditer(data))
        return
    char = byte = 0
    for match in expression.finditer(data):
        start, end = match.span()
        char += len(bytes(data[byte:start]).decode())
        length = len(bytes(data[start:end]).decode())
        yield char, char + length
        char, byte = char + length, end
