"""What a verification of the log found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Flaw", "Report", "TreeReport", "WriterReport"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that does not hold.

    Attributes:
        writer: Whose record; None where it belongs to no writer.
        wseq: The record's number; None where it is not one record's fault.
        what: What is wrong, in words.
        time: The time in the record's header, where it can be read.
    """

    writer: str | None
    wseq: int | None
    what: str
    time: str | None = None

    def __str__(self) -> str:
        """One line."""
        place = f"writer {self.writer}" if self.writer else "store"
        if self.wseq is not None:
            place += f", record {self.wseq}"
        return f"{place}: {self.what}" + (f" ({self.time})" if self.time else "")


@dataclass(frozen=True, slots=True)
class WriterReport:
    """One writer.

    Attributes:
        id: The writer's id.
        records: How many of its records were checked.
        stands: First and last number of the records that are linked without a break to its head;
            None when there are none. Flaws inside are those of single records.
        closed: Whether ``writer.close`` ends it; a writer that works or was killed is open.
        signed: Whether its head's signature was checked and holds.
    """

    id: str
    records: int
    stands: tuple[int, int] | None
    closed: bool
    signed: bool


@dataclass(frozen=True, slots=True)
class TreeReport:
    """The tree over all records.

    Attributes:
        size: How many records the stored tree holds.
        checkpoints: How many checkpoints were checked and hold.
        covered: How many records the newest of them covers.
        time: When it was signed, in Unix seconds; None where it does not say, or is not checked.
        witnessed: How many records a checkpoint covers that enough witnesses have cosigned; None
            where there is none, or none was asked for.
    """

    size: int
    checkpoints: int
    covered: int
    time: int | None
    witnessed: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome: ``flaws`` in the order in which the records were written; none means it holds.

    ``sealed`` counts sealed parts whose digest was checked, ``opened`` those that were opened, and
    ``erased`` those that nobody opens any more, as the log records. ``pruned_headers`` and
    ``pruned_parts`` are what retention has taken out, as the log records.
    """

    writers: tuple[WriterReport, ...]
    flaws: tuple[Flaw, ...]
    notes: tuple[str, ...]
    records: int
    sealed: int
    opened: int
    erased: int
    tree: TreeReport
    pruned_headers: int = 0
    pruned_parts: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.flaws
