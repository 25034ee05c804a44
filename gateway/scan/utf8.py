"""The bytes of a text in UTF-8, which of a long text of ASCII are not a copy."""

from __future__ import annotations

import ctypes
from typing import Final

__all__ = ["utf8"]

_LONG: Final = 2**20
"""Characters of a text of which there should not be a second one in memory."""
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
