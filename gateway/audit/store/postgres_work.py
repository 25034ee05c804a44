"""What changes in PostgreSQL beside records that are added, inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.postgres_link import with_values
from gateway.audit.store.schema import COLUMNS, PRUNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.store.postgres_link import Link

__all__ = ["PostgresWork"]

_AT_ONCE: Final = 500
"""Rows of an insertion in one statement."""
_FORGET: Final = (
    "DELETE FROM tokens t USING leaves l"
    " WHERE l.seq = ANY(%s) AND t.writer = l.writer AND t.wseq = l.wseq"
)
_DROP: Final = "DELETE FROM parts p USING leaves l WHERE l.seq = ANY(%s) AND p.id = l.id"
_CLEARED: Final = ", ".join(f"{name} = NULL" for name in COLUMNS if name != "stage")
_PRUNE: Final = (
    f"UPDATE entries e SET header = u.leaf, stage = '{PRUNED}', {_CLEARED}"  # noqa: S608 - made of constants
    " FROM leaves l, unnest(%s::int8[], %s::bytea[]) AS u(seq, leaf)"
    " WHERE l.seq = u.seq AND e.id = l.id AND e.writer = l.writer AND e.wseq = l.wseq"
)


class PostgresWork:
    """A ``gateway.audit.store.base.Work`` in the transaction that is open."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        return self._link.execute(with_values(sql), values).fetchall()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs a statement; gives the number of rows that it changed."""
        return self._link.execute(with_values(sql), values).rowcount

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement for each row of values."""
        # Not by `executemany`: where it is cut off, nothing would end the transaction for long.
        before, inserts, values = sql.partition(" VALUES ")
        most = _AT_ONCE if inserts else 1
        for start in range(0, len(rows), most):
            piece = rows[start : start + most]
            statement = f"{before}{inserts}{', '.join([values] * len(piece))}" if inserts else sql
            self._link.execute(with_values(statement), [one for row in piece for one in row])

    def forget(self, seqs: Sequence[int]) -> None:
        """Deletes the tokens by which the values of records are found."""
        self._link.execute(_FORGET, (list(seqs),))

    def drop_parts(self, seqs: Sequence[int]) -> None:
        """Deletes the sealed parts of records, and what finds these by their values."""
        self._link.execute(_DROP, (list(seqs),))
        self.forget(seqs)

    def prune(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Leaves of records only their leaf hashes."""
        seqs, leaves = [seq for seq, _ in rows], [leaf for _, leaf in rows]
        self._link.execute(_PRUNE, (seqs, leaves))
