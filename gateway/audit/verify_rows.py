"""The records of a store as a verification reads them, one by one and in the order of the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.schema import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.base import Reader

__all__ = ["Row", "first_since", "records_from"]

_RECORDS: Final = (
    "SELECT r.seq, r.id, r.writer, r.wseq, r.header, r.chain, s.ciphertext, g.id, g.envelope,"  # noqa: S608 - made of constants
    f" {', '.join('r.' + name for name in COLUMNS)} FROM records r"
    " LEFT JOIN sealed s ON s.seq = r.seq LEFT JOIN segments g ON g.number = s.segment"
)


@dataclass(slots=True)
class Row:
    """A record as the store holds it: anything may stand anywhere.

    ``fields`` is the header, once it was seen to be one.
    """

    seq: int
    id: str
    writer: int
    wseq: Any
    header: Any
    chain: Any
    ciphertext: Any
    segment: str | None
    envelope: Any
    columns: tuple[Any, ...]
    fields: dict[str, Any] = field(default_factory=dict)


def records_from(reader: Reader, start: int) -> Iterator[Row]:
    """All records from a ``seq`` on.

    Raises:
        AuditUnavailable: They cannot be read.
    """
    for row in reader.each(f"{_RECORDS} WHERE r.seq >= ? ORDER BY r.seq", (start,)):
        yield Row(*(*row[:9], row[9:]))


def first_since(reader: Reader, since: int) -> int:
    """The ``seq`` of the first record of a time in Unix milliseconds, or the one after the last.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    digits = f"{since:012x}"
    (first,) = reader.rows(
        "SELECT coalesce(min(seq), (SELECT coalesce(max(seq), 0) + 1 FROM records))"
        " FROM records WHERE id >= ?",
        (f"{digits[:8]}-{digits[8:]}",),
    )[0]
    return int(first)
