"""Days on which exceptions and shadow rules end: counted from 1970-01-01, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

__all__ = ["parse_day", "show_day", "today"]

_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse_day(text: object) -> int:
    """Days since 1970-01-01 of ``2027-01-31`` (RFC 3339 full-date, and no other form).

    Raises:
        ValueError: It is no such date, or one before 1970.
    """
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            day = date.fromisoformat(text).toordinal() - _EPOCH
            if day >= 0:
                return day
    except ValueError:
        pass
    raise ValueError("must be a date such as 2027-01-31")


def show_day(day: int) -> str:
    """The date of a day, as policies write it."""
    return date.fromordinal(day + _EPOCH).isoformat()


def today() -> int:
    """The day it is now, in UTC."""
    return datetime.now(UTC).date().toordinal() - _EPOCH
