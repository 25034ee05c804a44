"""What the C library does with memory: how much it keeps, and what it gives back.

All of it is glibc's (mallopt(3), malloc_trim(3)); other C libraries know no such settings, or need
none.
"""

from __future__ import annotations

import contextlib
import ctypes
from typing import Final

__all__ = ["fill_gaps", "give_back", "spare"]

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE_BLOCK: Final = 2**18
_KEPT: Final = 2**21
_GAP: Final = _LARGE_BLOCK - 2**12
"""Bytes of a gap that is filled; a block of so many is never given a place of its own."""
_MOST_GAPS: Final = 1024


def spare() -> None:
    """Has it keep less memory for later; to be called before there is any other thread.

    By itself it keeps up to 64 MiB of large blocks once it has seen one, and a heap for each
    thread, in which what several threads take in turns leaves holes. But the end of its heap it
    would give back as soon as that is as long as the arrays that the next text needs again.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)


def give_back() -> None:
    """Has it give all pages back in which nothing is any more; takes less than a millisecond.

    By itself it gives back none in the middle of its heap, and after what took many MiB for a
    moment there are many.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def fill_gaps() -> int:
    """Fills the large gaps in its heap for good, with blocks in which nothing is ever written.

    A block that is too large for the heap gets a place of its own, which is given back with it. But
    one that grows stays in the heap as long as it finds a gap there, and leaves that behind as so
    many pages in which nothing is.

    Returns:
        How many gaps, or parts of larger ones, were filled.
    """
    filled = 0
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        malloc, free, sbrk = library.malloc, library.free, library.sbrk
        library.malloc_trim  # noqa: B018 - where there is none, there is no such heap
        malloc.restype = sbrk.restype = ctypes.c_void_p
        malloc.argtypes, sbrk.argtypes = (ctypes.c_size_t,), (ctypes.c_ssize_t,)
        free.argtypes, free.restype = (ctypes.c_void_p,), None
        top = sbrk(0)
        while filled < _MOST_GAPS and (block := malloc(_GAP)) is not None:
            if block + _GAP > top:
                free(block)
                break
            filled += 1
    return filled
