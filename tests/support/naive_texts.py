"""Every text of a JSON value, told by a few lines that share nothing with the code they judge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def strings(value: Any) -> list[str]:
    """Strings, keys and long numbers, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (key, *strings(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    if type(value) is int and abs(value) >= 10**8:
        return [str(value)]
    if type(value) is float and 10**8 <= abs(value) < 10**100:
        return [f"{Decimal(repr(value)):f}".removesuffix(".0")]
    return []
