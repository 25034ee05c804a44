"""A place in a store's one order of records, as clients keep it: ``<store id>-<seq>``.

The same cursor goes on with a page of events, a live stream and an export.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Cursor"]

_FORM: Final = re.compile(r"([0-9a-f]{16})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The record numbered ``seq`` of the store with this random id; 0 is before the first."""

    store: str
    seq: int

    def __str__(self) -> str:
        """As clients keep it."""
        return f"{self.store}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor that a client sends, or None where it is none."""
        found = _FORM.fullmatch(text)
        return cls(found[1], int(found[2])) if found else None
