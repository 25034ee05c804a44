"""How a batch of records gets into PostgreSQL.

A small one, that of a quiet moment, is one statement and one answer. A large one goes in by
``COPY``, inside the transaction that the caller has begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.schema import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.audit.store.base import Batch, Entry
    from gateway.audit.store.postgres_link import Link

__all__ = ["copy_batch", "insert_batch", "is_small"]

_RECORDS, _BYTES = 16, 2**18
_TYPES: Final = {"status": "int4"}
_ENTRY: Final = {
    "id": "text", "writer": "int8", "wseq": "int8", "header": "bytea", "chain": "bytea",
    **{name: _TYPES.get(name, "text") for name in COLUMNS},
}  # fmt: skip
_PART: Final = {"id": "text", "segment": "int8", "ciphertext": "bytea"}
_SALT: Final = {
    "segment": "int8", "subject": "text", "issuer": "text", "tenant": "text", "sealed": "bytea",
}  # fmt: skip

_TOKEN: Final = {"token": "int8", "writer": "int8", "wseq": "int8"}


def _rows_of(table: str, columns: Mapping[str, str]) -> str:
    """Inserts what arrays hold, where the head was moved."""
    names = ", ".join(columns)
    given = [name for name in columns if name != "writer"]
    arrays = ", ".join(f"%b::{columns[name]}[]" for name in given)
    values = ", ".join("head.number" if name == "writer" else f"u.{name}" for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values}"  # noqa: S608 - made of constants
        f" FROM head, unnest({arrays}) AS u({', '.join(given)})"
    )


_INSERT: Final = (
    # Everything hangs on the head: it must be where the writer left it, in this very store, with
    # nobody erased since. The lock on the salts is had before any of that is looked at.
    "WITH head AS (UPDATE writers SET wseq = %s, chain = %s, head = %s, seen = %s"  # noqa: S608 - made of constants
    " WHERE id = %s AND wseq = %s AND closed = 0"
    " AND EXISTS (SELECT FROM meta WHERE key = 'store' AND value = %s)"
    " AND (%s::text IS NULL OR EXISTS (SELECT FROM meta WHERE key = 'erasures' AND value = %s))"
    " RETURNING number),"
    f" entry AS ({_rows_of('entries', _ENTRY)}),"
    f" part AS ({_rows_of('parts', _PART)}),"
    f" salt AS ({_rows_of('salts', _SALT)}),"
    f" token AS ({_rows_of('tokens', _TOKEN)})"
    " SELECT (SELECT value FROM meta WHERE key = 'erasures') FROM head"
).encode()


def is_small(batch: Batch) -> bool:
    """Whether one statement can write a batch: nothing in it is large, or to be numbered first."""
    entries = batch.entries
    return (
        0 < len(entries) <= _RECORDS
        and batch.also is None
        and not batch.segments
        and batch.head.wseq >= len(entries)
        and sum(len(one.sealed or b"") for one in entries) <= _BYTES
    )


def insert_batch(
    link: Link, batch: Batch, store: str, seen: int, segments: Mapping[str, int]
) -> int | None:
    """Writes a small batch, all of it or nothing; in a transaction of its own.

    Args:
        link: In autocommit mode.
        batch: The batch.
        store: The id that the store must have.
        seen: Unix milliseconds now.
        segments: The numbers of the segments that the batch names.

    Returns:
        The number of erasures; None where nothing was written, as the head is not where the writer
        left it, the writer was closed, the store is another, or somebody was erased.
    """
    head, erasures = batch.head, None if batch.erasures is None else str(batch.erasures)
    moved = (head.wseq, head.chain, batch.note, seen, head.writer)
    before = head.wseq - len(batch.entries)
    values = (
        *moved, before, store, erasures, erasures,
        *_turned([_entry(one, 0) for one in batch.entries], _ENTRY, but=1),
        *_turned(_parts(batch.entries, segments), _PART),
        *_turned(_salts(batch, segments), _SALT),
        *_turned(_tokens(batch.entries, 0), _TOKEN, but=1),
    )  # fmt: skip
    row = link.execute(_INSERT, values).fetchone()
    return None if row is None else int(row[0])


def copy_batch(link: Link, batch: Batch, writer: int, segments: Mapping[str, int]) -> None:
    """Writes a batch's records, sealed parts, salts and tokens, in the transaction that is open.

    Args:
        link: To the store.
        batch: The batch.
        writer: The writer's number.
        segments: The numbers of the segments that the batch names.
    """
    _copy(link, "entries", _ENTRY, [_entry(one, writer) for one in batch.entries])
    _copy(link, "parts", _PART, _parts(batch.entries, segments))
    _copy(link, "salts", _SALT, _salts(batch, segments))
    _copy(link, "tokens", _TOKEN, _tokens(batch.entries, writer))


def _entry(one: Entry, writer: int) -> tuple[Any, ...]:
    return one.id, writer, one.wseq, one.header, one.chain, *one.columns


def _parts(entries: Sequence[Entry], segments: Mapping[str, int]) -> list[tuple[Any, ...]]:
    return [
        (one.id, segments[one.segment or ""], one.sealed)
        for one in entries
        if one.sealed is not None
    ]


def _tokens(entries: Sequence[Entry], writer: int) -> list[tuple[int, int, int]]:
    return [(token, writer, one.wseq) for one in entries for token in one.tokens]


def _salts(batch: Batch, segments: Mapping[str, int]) -> list[tuple[Any, ...]]:
    return [
        (
            segments[one.segment],
            one.subject.name,
            one.subject.issuer,
            one.subject.tenant,
            one.sealed,
        )
        for one in batch.salts
    ]


def _turned(
    rows: Sequence[Sequence[Any]], columns: Mapping[str, str], but: int = -1
) -> list[list[Any]]:
    """The rows as one array per column, without the column ``but``."""
    found = [[row[at] for row in rows] for at in range(len(columns)) if at != but]
    return [[bytes(v) if isinstance(v, bytearray) else v for v in array] for array in found]


def _copy(
    link: Link, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    if not rows:
        return
    sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with link.cursor().copy(sql.encode()) as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)
