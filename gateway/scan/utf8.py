"""The bytes of a text in UTF-8, which of a long text of ASCII are not a copy."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.parted import Said

__all__ = ["has_bytes", "utf8", "utf8_pieces"]

_LONG: Final = 2**20
"""Characters of a text of which there should not be a second one in memory."""
_PIECE: Final = 2**16
_stored = ctypes.pythonapi.PyUnicode_AsUTF8AndSize
_stored.argtypes = (ctypes.py_object, ctypes.c_void_p)
_stored.restype = ctypes.c_void_p


def utf8(text: str) -> bytes | memoryview:
    """The text in UTF-8, what has no such form replaced; it can be read, sliced and measured.

    CPython keeps a text of ASCII as just these bytes (PEP 393), at a place of its own that stays
    as long as the text does. What is given keeps the text.
    """
    if len(text) < _LONG or not text.isascii():
        return text.encode("utf-8", "replace")
    kept = (ctypes.c_char * len(text)).from_address(_stored(text, None))
    kept.text = text  # type: ignore[attr-defined]  # or its place would be another's
    return memoryview(kept).cast("B").toreadonly()


def has_bytes(text: str) -> bool:
    """Whether the bytes of a text take no room worth speaking of beside it."""
    return len(text) < _LONG or text.isascii()


def utf8_pieces(text: Said) -> Iterator[bytes]:
    """The text in UTF-8 as ``utf8`` gives it, 64 KiB at a time."""
    left = b""
    for at in range(0, len(text), _PIECE):
        left += text[at : at + _PIECE].encode("utf-8", "replace")
        while len(left) >= _PIECE:
            yield left[:_PIECE]
            left = left[_PIECE:]
    if left:
        yield left
