"""The tables of an SQLite audit store, and what of a header stands in columns of its own.

``records.seq`` numbers the records in the order in which they were committed; it is the cursor of
the live stream. A record's id is a UUIDv7, so the index on it is also the one on time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "TABLES", "TAG", "VERSION", "columns", "decode", "tag"]

VERSION: Final = 1
"""The version of the schema that this code reads and writes."""

TAG: Final = "\x1f"
"""Stands before and after each tag; headers hold no control characters."""

TABLES: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE writers (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        wseq INTEGER NOT NULL,
        chain BLOB NOT NULL,
        head TEXT NOT NULL)""",
    """CREATE TABLE segments (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        writer INTEGER NOT NULL REFERENCES writers (number),
        envelope BLOB NOT NULL)""",
    """CREATE TABLE records (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        writer INTEGER NOT NULL REFERENCES writers (number),
        wseq INTEGER NOT NULL,
        header BLOB NOT NULL,
        chain BLOB NOT NULL,
        stage TEXT NOT NULL,
        request TEXT,
        subject TEXT,
        tenant TEXT,
        model TEXT,
        upstream TEXT,
        route TEXT,
        decision TEXT,
        status INTEGER,
        tags TEXT,
        UNIQUE (writer, wseq))""",
    """CREATE TABLE sealed (
        seq INTEGER PRIMARY KEY REFERENCES records (seq),
        segment INTEGER NOT NULL REFERENCES segments (number),
        ciphertext BLOB NOT NULL)""",
)

COLUMNS: Final = (
    "stage", "request", "subject", "tenant", "model", "upstream", "route", "decision", "status",
    "tags",
)  # fmt: skip


def tag(kind: str, value: object) -> str:
    """A tag as it stands in the ``tags`` column, with its separators."""
    return f"{TAG}{kind}:{value}{TAG}"


def columns(header: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values of ``COLUMNS`` for a header."""
    actor = header["actor"] or {}
    return (
        header["stage"],
        header["request"],
        actor.get("subject"),
        header["tenant"],
        header["model"],
        header["upstream"],
        header["route"],
        header["decision"],
        header["status"],
        _tags(header, actor),
    )


def decode(raw: object) -> dict[str, Any] | None:
    """The header in a stored record, or None where somebody has put something else there."""
    try:
        header: dict[str, Any] = orjson.loads(raw)  # type: ignore[arg-type]
        columns(header)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return header


def _tags(header: Mapping[str, Any], actor: Mapping[str, Any]) -> str | None:
    tags = {f"role:{role}" for role in actor.get("roles", ())}
    tags.update(f"rule:{rule}" for rule in header["rules"])
    for finding in header["findings"]:
        tags.add(f"scanner:{finding['scanner']}")
        tags.add(f"entity:{finding['entity']}")
    return f"{TAG}{TAG.join(sorted(tags))}{TAG}" if tags else None
