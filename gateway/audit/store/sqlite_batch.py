"""How a batch goes into an SQLite store: as rows of one view, whose triggers put each in its place.

A batch that is small and opens no segment is one statement, which is its transaction as well. Each
statement more would let other threads have the interpreter, and wait for it again, while everybody
in the batch waits for the disk.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.schema import COLUMNS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from gateway.audit.head import Head
    from gateway.audit.seal import Salt
    from gateway.audit.store.base import Entry

# ruff: noqa: S608 - all statements are made of constants
__all__ = ["MOST", "Row", "entry_rows", "head_row", "insert", "prepare", "salt_row"]

Row = tuple[Any, ...]

MOST: Final = 64
"""Rows of one statement."""

_SIZES: Final = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, MOST)
"""Rows per statement, with empty ones at its end: few sizes, so that SQLite compiles few."""

_HEAD, _SALT, _RECORD, _TOKEN = 1, 2, 3, 4
_RECORDS: Final = ("id", "writer", "wseq", "header", "chain", *COLUMNS)
_NAMES: Final = ("kind", *_RECORDS, "segment", "sealed", "issuer", "erasures", "seen")
_EMPTY: Final[Row] = (None,) * len(_NAMES)
_UNSALTED: Final = (None,) * 3
_VIEW: Final = (
    "CREATE TEMP VIEW incoming AS SELECT " + ", ".join(f"NULL AS {name}" for name in _NAMES),
    # Refuses what only a transaction of several statements can find the reason of.
    f"""CREATE TEMP TRIGGER incoming_head INSTEAD OF INSERT ON incoming WHEN NEW.kind = {_HEAD}
    BEGIN
        SELECT RAISE(ABORT, 'erased')
            WHERE (SELECT CAST(value AS INTEGER) FROM main.meta WHERE key = 'erasures')
                IS NOT NEW.erasures;
        SELECT RAISE(ABORT, 'closed') WHERE NOT EXISTS (
            SELECT 1 FROM main.writers WHERE number = NEW.writer AND id = NEW.id AND closed = 0);
        UPDATE writers SET wseq = NEW.wseq, chain = NEW.chain, head = NEW.header, seen = NEW.seen
            WHERE number = NEW.writer;
    END""",
    f"""CREATE TEMP TRIGGER incoming_salt INSTEAD OF INSERT ON incoming WHEN NEW.kind = {_SALT}
    BEGIN
        INSERT INTO salts (segment, subject, issuer, tenant, sealed)
            VALUES (NEW.segment, NEW.subject, NEW.issuer, NEW.tenant, NEW.sealed);
    END""",
    f"""CREATE TEMP TRIGGER incoming_record INSTEAD OF INSERT ON incoming WHEN NEW.kind = {_RECORD}
    BEGIN
        INSERT INTO records ({", ".join(_RECORDS)})
            VALUES ({", ".join(f"NEW.{name}" for name in _RECORDS)});
        INSERT INTO sealed (seq, segment, ciphertext)
            SELECT last_insert_rowid(), NEW.segment, NEW.sealed WHERE NEW.sealed IS NOT NULL;
    END""",
    # The record to which a token belongs stands before it.
    f"""CREATE TEMP TRIGGER incoming_token INSTEAD OF INSERT ON incoming WHEN NEW.kind = {_TOKEN}
    BEGIN
        INSERT INTO blind (token, seq)
            SELECT NEW.wseq, seq FROM main.records ORDER BY seq DESC LIMIT 1;
    END""",
)


def prepare(connection: sqlite3.Connection) -> None:
    """Makes the view for a connection, and for no other.

    Raises:
        sqlite3.Error: It cannot be made.
    """
    for statement in _VIEW:
        connection.execute(statement)


def insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Writes at most ``MOST`` rows with one statement: all of them, or nothing.

    Raises:
        sqlite3.IntegrityError: With ``SQLITE_CONSTRAINT_TRIGGER`` where a head did not fit.
        sqlite3.Error: They cannot be written.
    """
    size = _SIZES[bisect_left(_SIZES, len(rows))]
    values: list[Any] = []
    for row in rows:
        values += row
    values += _EMPTY * (size - len(rows))
    # execute() asks for the number of the last row as well, and hands the interpreter over for it.
    connection.executemany(_statement(size), (values,))


def head_row(head: Head, note: str, number: int, erasures: int, seen: int) -> Row:
    """Moves the head of a writer that has a number in the store and is not closed.

    Args:
        head: The writer's last record.
        note: That, signed.
        number: The writer's in this store.
        erasures: How many the store must have seen; with others or fewer nothing is written.
        seen: Unix milliseconds.
    """
    record = (head.writer, number, head.wseq, note, head.chain)
    return (_HEAD, *record, *(None,) * (len(COLUMNS) + 3), erasures, seen)


def salt_row(segment: int, salt: Salt) -> Row:
    """A subject's salt in the segment with a number."""
    subject = salt.subject
    values = {
        "kind": _SALT,
        "segment": segment,
        "subject": subject.name,
        "issuer": subject.issuer,
        "tenant": subject.tenant,
        "sealed": salt.sealed,
    }
    return tuple(map(values.get, _NAMES))


def entry_rows(entry: Entry, number: int, segments: Mapping[str, int], most: int) -> Iterator[Row]:
    """A record of the writer with a number, then its tokens.

    Args:
        entry: The record.
        number: Its writer's in this store.
        segments: The numbers of segments by their ids.
        most: Bytes of a sealed part above which it is left out.
    """
    sealed = entry.sealed
    segment = segments[entry.segment or ""] if sealed is not None else None
    if sealed is not None and len(sealed) > most:
        sealed = None
    record = (entry.id, number, entry.wseq, entry.header, entry.chain)
    yield (_RECORD, *record, *entry.columns, segment, sealed, *_UNSALTED)
    for token in entry.tokens:
        yield (_TOKEN, None, None, token, *_EMPTY[4:])


@lru_cache(len(_SIZES))
def _statement(rows: int) -> str:
    row = f"({', '.join('?' * len(_NAMES))})"
    return "INSERT INTO incoming VALUES " + ", ".join([row] * rows)
