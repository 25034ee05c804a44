"""Sees that what opens a connection to SQLite closes it: before 3.13, Python does not say so."""

from __future__ import annotations

import sqlite3
import warnings
from typing import Any

__all__ = ["watch_connections"]

_connect = sqlite3.connect


class _Closed(sqlite3.Connection):
    """A connection that warns, as Python does since 3.13, where it is let go without an end."""

    def __del__(self) -> None:
        try:
            self.total_changes  # noqa: B018 - asked, for it raises where it was closed
        except sqlite3.ProgrammingError:
            return
        warnings.warn(f"unclosed database in {self!r}", ResourceWarning, source=self, stacklevel=2)
        self.close()


def watch_connections() -> None:
    """From now on each connection is watched that is opened without a class of its own."""
    sqlite3.connect = _watched  # type: ignore[assignment]


def _watched(*args: Any, **options: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = _connect(*args, **{"factory": _Closed, **options})
    return connection
