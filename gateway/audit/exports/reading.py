"""Reads the log from its beginning to its end, page by page, in the order of its records.

Each page is a read of its own: however slow the receiver is, the store is never held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.cursor import Cursor
from gateway.audit.store.schema import PRUNED, decode
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.audit.filters import Filters
    from gateway.audit.store.base import Reader

__all__ = ["Stored", "after_of", "stored"]

PAGE: Final = 500
"""Records of one read: at most 32 MiB of headers."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record that was asked for: its place in the log's order, from 1, and its header."""

    seq: int
    header: dict[str, Any]


def stored(
    reader: Reader, filters: Filters, after: int = 0, tokens: Sequence[int] = ()
) -> Iterator[Stored]:
    """The records that match, from a place in the log on to its end as it is then.

    What retention has taken out is not among them.

    Args:
        reader: Of the store.
        filters: Their ``limit`` and ``cursor`` are not looked at.
        after: The place.
        tokens: Only records that have one of these in the blind index; all without any.

    Raises:
        AuditUnavailable: The store cannot be read, or holds a record that is none.
    """
    conditions, values = filters.conditions()
    if tokens:
        places = ", ".join("?" * len(tokens))
        conditions.append(f"seq IN (SELECT seq FROM blind WHERE token IN ({places}))")  # noqa: S608 - made of question marks
        values += tokens
    where = " AND ".join(["seq > ?", "stage <> ?", *conditions])
    sql = f"SELECT seq, header FROM records WHERE {where} ORDER BY seq LIMIT ?"  # noqa: S608 - made of constants; values are bound
    while True:
        rows = reader.rows(sql, (after, PRUNED, *values, PAGE))
        for seq, raw in rows:
            header = decode(raw)
            if header is None:
                message = "the store holds a damaged record: run `gateway audit verify`"
                raise AuditUnavailable(message)
            yield Stored(seq, header)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def after_of(store: str, cursor: str | None) -> int:
    """The place that a cursor names in the store with an id; the beginning without one.

    Raises:
        BadRequest: It is no cursor, or one of another store.
    """
    if cursor is None:
        return 0
    found = Cursor.parse(cursor)
    if found is None:
        message = "a cursor is what an earlier export printed at its end"
        raise BadRequest(f"audit export: {message}", message=message)
    if found.store != store:
        message = "the cursor is one of another store: export this one from its beginning"
        raise BadRequest(f"audit export: {message}", message=message)
    return found.seq
