"""The Host header (RFC 9110 §7.2, RFC 3986 §3.2.2)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final

__all__ = ["host_name"]

_MAX_LENGTH: Final = 260
# Registered names as DNS has them, and underscores, which container networks use.
_HOST: Final = re.compile(
    rb"(?:\[(?P<address>[0-9A-Fa-f:.]{2,45})\]"
    rb"|(?P<name>[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
    rb"(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?))"
    rb"(?::(?P<port>[0-9]{1,5}))?"
)


@lru_cache(maxsize=256)
def host_name(value: bytes) -> str | None:
    """The host of a ``Host`` header in lower case and without its port; None if it is none."""
    found = _HOST.fullmatch(value) if len(value) <= _MAX_LENGTH else None
    if found is None or int(found["port"] or 0) > 65535:
        return None
    if found["address"] is None:
        return str(found["name"].decode().lower().removesuffix("."))
    try:
        return f"[{ipaddress.IPv6Address(found['address'].decode())}]"
    except ValueError:
        return None
