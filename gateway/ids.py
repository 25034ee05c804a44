"""UUIDv7 (RFC 9562 §5.7): ids that sort by the time they were made."""

from __future__ import annotations

import os
import time

__all__ = ["uuid7"]


def uuid7() -> str:
    """A new UUIDv7 in its canonical form, 36 characters.

    The first 48 bits are Unix milliseconds, the rest is random: ids of one millisecond are in no
    order.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
