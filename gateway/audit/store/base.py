"""What an audit store is: what a writer hands over, and what it can ask for.

Two stores keep to this: ``gateway.audit.store.sqlite``, embedded in one file, and
``gateway.audit.store.postgres``, for many replicas. Readers ask both in the same SQL, with ``?``
for values, over the tables that ``gateway.audit.store.schema`` describes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from gateway.audit.head import Head
    from gateway.audit.seal import Salt

__all__ = [
    "Batch",
    "Entry",
    "Opening",
    "Reader",
    "Readers",
    "SaltsErased",
    "Store",
    "StoreGone",
    "TooSlow",
    "Work",
    "WriterClosed",
]

Opening = Literal["make", "again", "open"]
"""``make`` a store where there is none, its folder too; ``again`` a file where it was lost, in the
folder where it was; ``open`` only what is there."""


class StoreGone(AuditUnavailable):
    """The store was deleted or replaced while it was open."""


class TooSlow(AuditUnavailable):
    """A read took longer than its reader was given."""


class WriterClosed(AuditUnavailable):
    """The log has closed this writer: it had given no sign of life for too long."""


class SaltsErased(AuditUnavailable):
    """Somebody was erased since the batch's segments began: it must be sealed in new ones."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it is stored: ``columns`` are those of the schema, ``sealed`` its ciphertext.

    ``segment`` is the id of the segment that the sealed part belongs to; ``tokens`` are those of
    ``gateway.audit.blind`` for the values that it held.
    """

    id: str
    wseq: int
    header: bytes
    chain: bytes
    columns: tuple[Any, ...]
    sealed: bytes | bytearray | None = None
    segment: str | None = None
    tokens: tuple[int, ...] = ()


class Work(Protocol):
    """One transaction that changes what is no record, in the same SQL for every store."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs a statement; gives the number of rows that it changed."""

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement for each row of values."""

    def forget(self, seqs: Sequence[int]) -> None:
        """Deletes the tokens by which the values of records are found."""

    def drop_parts(self, seqs: Sequence[int]) -> None:
        """Deletes the sealed parts of records, and what finds these by their values."""

    def prune(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Leaves of records only their leaf hashes; gives each record's ``seq`` and hash."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes: records, the segments they open, and the head after them.

    Attributes:
        segments: Maps the ids of segments that are not stored yet to their envelopes.
        salts: Salts that are not stored yet; their segments are, or are in the batch.
        erasures: How many erasures had been seen when the sealed parts' segments began; None where
            nothing is sealed. Where there are more by now, the batch is refused.
        also: What else happens in the transaction, before the records are written. What it raises
            undoes everything.
    """

    entries: Sequence[Entry]
    segments: dict[str, bytes]
    head: Head
    note: str
    salts: Sequence[Salt] = ()
    erasures: int | None = None
    also: Callable[[Work], None] | None = None


class Store(Protocol):
    """The writing side of a store; for one writer and one thread.

    Attributes:
        id: The random id of the store.
        erasures: How often subjects were erased, as of the last ``write``, ``alive`` or ``check``.
    """

    id: str
    erasures: int

    def write(self, batch: Batch) -> None:
        """Writes a batch: all of it is durable, or nothing of it counts.

        Raises:
            StoreGone: The store was deleted or replaced; what was written is lost.
            WriterClosed: The log has closed the batch's writer.
            SaltsErased: There were more erasures than the batch knows; nothing is written.
            AuditUnavailable: The batch could not be written.
        """

    def alive(self, writer: str) -> None:
        """A sign of life of a writer that has nothing to write.

        Raises:
            StoreGone: The store was deleted or replaced.
            WriterClosed: The log has closed the writer.
            AuditUnavailable: It could not be written.
        """

    def check(self) -> None:
        """Whether the open store is still the one at its place.

        Raises:
            StoreGone: It is not.
            AuditUnavailable: It does not answer.
        """

    def touch(self) -> None:
        """Writes without changing anything, to see whether writing works.

        Raises:
            AuditUnavailable: It does not.
        """

    def tidy(self) -> None:
        """What is to be done after a commit, when nobody waits for it."""

    def scrub(self) -> None:
        """Sees that no byte of a salt that was deleted is left in the store's files.

        Raises:
            AuditUnavailable: Somebody who reads holds on to them, or it could not be written.
        """

    def head(self, writer: str) -> tuple[int, bytes] | None:
        """The number and chain value of a writer's last record.

        Raises:
            AuditUnavailable: It could not be read.
        """

    def heads(self, limit: int) -> dict[str, list[Any]]:
        """The newest writers' last numbers and chain values in hex, by the writers' ids.

        Raises:
            AuditUnavailable: They could not be read.
        """

    def work(self) -> AbstractContextManager[Work]:
        """One transaction: all that is done in it is durable after it, or nothing of it counts.

        Raises:
            AuditUnavailable: It could not be written.
        """

    def close(self) -> None:
        """Closes the store; what is committed stays."""


class Reader(Protocol):
    """A connection that only reads; for one thread at a time.

    Attributes:
        store: The random id of the store.
    """

    store: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def current(self) -> bool:
        """Whether the open store is still the one at its place."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query.

        Raises:
            AuditUnavailable: It could not be read.
        """

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one by one.

        Raises:
            AuditUnavailable: They could not be read.
        """

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        """All reads inside take no longer than so many seconds together.

        Raises:
            TooSlow: They do; the reader can go on being used.
        """

    def snapshot(self) -> AbstractContextManager[None]:
        """All reads inside see the store as it is at the first of them."""

    def close(self) -> None:
        """Closes the connection, or gives it back to those who lent it."""


class Readers(Protocol):
    """Lends readers of one store to many threads."""

    def lend(self) -> Reader:
        """A reader; whoever has it closes it.

        Raises:
            AuditUnavailable: The store cannot be read, or too many read it already.
        """

    def close(self) -> None:
        """Closes what is not lent; what is, when it comes back."""
