"""What the sequencer needs of a store: to lead, and to put the records in their one order.

One process at a time leads, by a lease with a *fencing token* that only goes up: what a former
leader still writes is refused. Two stores keep to this, as in ``gateway.audit.store.base``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

__all__ = ["DAMAGED", "Fenced", "Kept", "LeaseLost", "TreeStore", "Turn"]

DAMAGED: Final = "the store holds a damaged checkpoint: run `gateway audit verify`"
_LAST_TIME: Final = 253_402_300_799_999
"""The end of the year 9999 in Unix milliseconds: no later time has a name."""


class LeaseLost(AuditUnavailable):
    """Another process leads by now; nothing of the turn counts."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is stored: its number from 1 up, leaves, Unix milliseconds, the note."""

    number: int
    size: int
    time: int
    note: str

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """The checkpoint in a row of a store.

        Raises:
            AuditUnavailable: Somebody has put something else there.
        """
        number, size, time, note = row
        numbers = all(isinstance(one, int) for one in (number, size, time))
        if not numbers or not isinstance(note, str) or size < 0 or not 0 <= time <= _LAST_TIME:
            raise AuditUnavailable(DAMAGED)
        return cls(number, size, time, note)


@dataclass(frozen=True, slots=True)
class Fenced:
    """A writer that cannot write any more, with its last record; ``ended`` by itself or not."""

    writer: str
    wseq: int
    chain: bytes
    ended: bool


class Turn(Protocol):
    """One transaction of the leader; all of it counts, or nothing.

    Attributes:
        size: How many records the tree holds; what is set is stored.
    """

    size: int

    def entries(self, limit: int) -> list[tuple[int, bytes]]:
        """Indexes and headers of the next records in order, from ``size`` on, at most so many."""

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile as stored before this turn; none where there is no such tile."""

    def put_tile(self, level: int, number: int, hashes: bytes) -> None:
        """Stores a tile, over what it was."""

    def last(self) -> tuple[int, bytes] | None:
        """Index and header of the last record that is in order by now."""

    def put_checkpoint(self, kept: Kept) -> None:
        """Stores a checkpoint, over one of the same number: that is how cosignatures come in."""

    def open_writers(self) -> list[tuple[str, int]]:
        """Writers that may write, and their signs of life: any change means that they live."""

    def fence(self, writer: str, seen: int) -> None:
        """Stops a writer from writing, unless it gave a sign of life after the one named."""

    def fenced(self) -> list[Fenced]:
        """Writers that are stopped, and whose end is not recorded yet."""

    def end(self, writer: str) -> None:
        """A stopped writer's end is recorded."""


class TreeStore(Protocol):
    """The sequencing side of a store; for one thread.

    Attributes:
        id: The random id of the store.
    """

    id: str

    @property
    def pace(self) -> float:
        """Seconds that should lie between two turns, so that a burst is one turn."""

    def lead(self, holder: str, seconds: float) -> int | None:
        """Takes the lead or keeps it.

        Args:
            holder: Who asks: a random text.
            seconds: How long others wait for the next sign of this leader.

        Returns:
            The fencing token, or None while another process leads.

        Raises:
            AuditUnavailable: The store cannot be asked.
        """

    def turn(self, token: int) -> AbstractContextManager[Turn]:
        """A turn of the leader with a token.

        Raises:
            LeaseLost: Another process leads; also when the turn ends.
            AuditUnavailable: The store failed.
        """

    def newest(self) -> Kept | None:
        """The newest checkpoint that is stored.

        Raises:
            AuditUnavailable: It could not be read.
        """

    def resign(self, token: int) -> None:
        """Gives up the lead, so that another process need not wait; never fails."""

    def check(self) -> None:
        """Whether the open store is still the one at its place.

        Raises:
            StoreGone: It is not.
            AuditUnavailable: It does not answer.
        """

    def close(self) -> None:
        """Closes the store; what is committed stays."""
