"""What changes in an SQLite store beside records that are added, inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.schema import COLUMNS, PRUNED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["SqliteWork"]

_CLEARED: Final = ", ".join(f"{name} = NULL" for name in COLUMNS if name != "stage")
_PRUNE: Final = f"UPDATE records SET header = ?, stage = '{PRUNED}', {_CLEARED} WHERE seq = ?"  # noqa: S608 - made of constants


class SqliteWork:
    """A ``gateway.audit.store.base.Work`` in the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs a statement; gives the number of rows that it changed."""
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement for each row of values."""
        self._connection.executemany(sql, rows)

    def forget(self, seqs: Sequence[int]) -> None:
        """Deletes the tokens by which the values of records are found."""
        self.many("DELETE FROM blind WHERE seq = ?", [(seq,) for seq in seqs])

    def drop_parts(self, seqs: Sequence[int]) -> None:
        """Deletes the sealed parts of records, and what finds these by their values."""
        self.many("DELETE FROM sealed WHERE seq = ?", [(seq,) for seq in seqs])
        self.forget(seqs)

    def prune(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Leaves of records only their leaf hashes."""
        self.many(_PRUNE, [(leaf, seq) for seq, leaf in rows])
