"""UUIDv7 (RFC 9562 §5.7): ids that sort by the time they were made."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

__all__ = ["uuid7"]

_RANDOM_BITS: Final = 74
_STEP_BITS: Final = 32
_BACK_MS: Final = 1000

_POOLED: Final = 2**10
"""Random bytes that are taken at once: each question hands the interpreter over."""

_lock = threading.Lock()
_pool = bytearray()
_last: tuple[int, int] = (0, 0)


def uuid7() -> str:
    """A new UUIDv7 in its canonical form, 36 characters.

    The first 48 bits are Unix milliseconds. Ids of one process rise strictly, also within one
    millisecond (RFC 9562 §6.2, method 2), unless its clock is set back by more than a second.
    """
    global _last  # noqa: PLW0603 - the last id is what the next one must follow
    with _lock:
        now, (last, tail) = time.time_ns() // 1_000_000, _last
        if last - _BACK_MS < now <= last:
            now, tail = last, tail + 1 + _random(_STEP_BITS // 8)
            now, tail = now + (tail >> _RANDOM_BITS), tail & ((1 << _RANDOM_BITS) - 1)
        else:
            # The highest bit stays free, so that a millisecond has room to count up in.
            tail = _random(10) >> (80 - _RANDOM_BITS + 1)
        _last = (now, tail)
    value = now << 80 | 0x7 << 76 | (tail >> 62) << 64 | 0b10 << 62 | tail & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _random(size: int) -> int:
    """So many random bytes; whoever asks holds the lock."""
    if len(_pool) < size:
        _pool.extend(os.urandom(_POOLED))
    taken = int.from_bytes(_pool[-size:], "big")
    del _pool[-size:]
    return taken


# A process that is split off would else make the ids of this one.
os.register_at_fork(after_in_child=_pool.clear)
