"""Sizes, durations, counts and rates as settings and policies write them: ``10MiB``, ``30s``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gateway.terms import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["parse_count", "parse_duration", "parse_rate", "parse_size"]

_NUMBER: Final = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s?([A-Za-z]*)", re.ASCII)
_SIZES: Final = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZES_DECIMAL: Final = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATIONS: Final[dict[str, int | Decimal]] = {"ms": Decimal("0.001"), **_SECONDS}
_WINDOW: Final = re.compile(r"(\d{0,6})\s?([a-z]{1,6})", re.ASCII)
_WINDOWS: Final = {**_SECONDS, "sec": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LONGEST: Final = 31 * 86400
_MOST: Final = 10**12
_COUNTS: Final = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


def parse_size(text: str | int) -> int:
    """Bytes of ``10MiB``, ``32KiB``, ``1MB`` or a plain number.

    Raises:
        ValueError: The text is no size.
    """
    return round(_parse(text, {**_SIZES, **_SIZES_DECIMAL}, "a size such as 10MiB or 32KiB"))


def parse_duration(text: str | float) -> float:
    """Seconds of ``30s``, ``500ms``, ``5m``, ``1h`` or ``7d``.

    Raises:
        ValueError: The text is no duration; a number without a unit is none.
    """
    return float(_parse(text, _DURATIONS, "a duration such as 30s, 5m or 1h"))


def parse_count(text: str | int) -> int:
    """A whole number, with ``k``, ``M`` or ``G`` for thousands, millions and billions.

    Raises:
        ValueError: The text is no count.
    """
    value = _parse(text, _COUNTS, "a count such as 60, 200k or 1M")
    if value != int(value):
        raise ValueError(f"{text!r} is not a whole number")
    return int(value)


def parse_rate(text: object) -> Rate:
    """A count in every window of time: ``60/min``, ``200k/hour``, ``5/s``, ``100/15min``.

    Raises:
        ValueError: The text is no rate, counts nothing, or its window is longer than 31 days.
    """
    count, slash, window = text.partition("/") if isinstance(text, str) else ("", "", "")
    found = _WINDOW.fullmatch(window.strip())
    if not slash or found is None or found[2] not in _WINDOWS:
        raise ValueError(f"{text!r} is not a rate such as 60/min, 200k/hour or 100/15min")
    amount = parse_count(count.strip())
    seconds = int(found[1] or 1) * _WINDOWS[found[2]]
    if not 1 <= amount <= _MOST:
        raise ValueError(f"a rate counts from 1 to {_MOST}; what nobody may do, a rule denies")
    if not 1 <= seconds <= _LONGEST:
        raise ValueError("the window of a rate is from 1 second to 31 days")
    return Rate(amount, float(seconds))


def _parse(text: str | float, units: Mapping[str, int | Decimal], wanted: str) -> Decimal:
    found = _NUMBER.fullmatch(str(text))
    if found is None or isinstance(text, bool) or found[2] not in units:
        raise ValueError(f"{text!r} is not {wanted}")
    # Decimal, because 1.001 times a thousand is no whole number in binary.
    return Decimal(found[1]) * units[found[2]]
