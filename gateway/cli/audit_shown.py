"""How commands show events of the audit log to people."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table

__all__ = ["console", "row", "safe", "table"]

_WIDE: Final = 400


def console() -> Console:
    """Fits a terminal; a file or a pipe gets whole lines."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(width=_WIDE, highlight=False)


def table() -> Table:
    """An empty table with a column for each value of ``row``."""
    made = Table(box=None, pad_edge=False)
    for name in ("time", "stage", "actor", "route", "model", "decision", "status", "findings"):
        made.add_column(name, overflow="fold")
    made.add_column("id", no_wrap=True)
    return made


def row(header: dict[str, Any]) -> tuple[str, ...]:
    """What is shown of a header."""
    actor = header["actor"] or {}
    found = sorted({finding["entity"] for finding in header["findings"]})
    values = (
        header["time"], header["stage"], actor.get("subject"), header["route"], header["model"],
        header["decision"], header["status"], " ".join(found), header["id"],
    )  # fmt: skip
    return tuple("-" if value in (None, "") else safe(str(value)) for value in values)


def safe(text: str) -> str:
    """The text without what a terminal would obey: a store may hold anything."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
