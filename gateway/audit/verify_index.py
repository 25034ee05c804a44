"""Does the index for filters hide records? It must lead to each that has what it is asked for.

What the index says beyond that is harmless: whoever searches compares each header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.audit.holds import time_of
from gateway.audit.levels import Index
from gateway.audit.postings import BLOCK, Postings, block_of
from gateway.audit.search import indexed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.findings import Findings
    from gateway.audit.store.base import Reader
    from gateway.audit.verify_rows import Row

__all__ = ["IndexCheck"]


class IndexCheck:
    """Compares the index with the records of each block, as they pass.

    Args:
        reader: Of the store.
        findings: Takes what is found.
    """

    def __init__(self, reader: Reader, findings: Findings) -> None:
        self._reader, self._findings = reader, findings
        self._end = 0
        self._number: int | None = None
        self._postings = Postings()
        self._times: list[int] = []

    def begin(self) -> None:
        """Sees how far the index reaches.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        self._end = indexed(self._reader)

    def record(self, row: Row) -> None:
        """The next record."""
        if not 0 < row.seq <= self._end:
            return
        number = block_of(row.seq)
        if number != self._number:
            self.end()
            self._number, self._postings, self._times = number, Postings(), []
        self._postings.add(row.seq - number * BLOCK - 1, row.columns)
        self._times.append(time_of(str(row.id)))

    def end(self) -> None:
        """Compares the block that is in hand, if there is one."""
        number, self._number = self._number, None
        if number is None:
            return
        blocks = self._reader.rows("SELECT earliest, latest FROM blocks WHERE block = ?", (number,))
        stored = Index(self._reader).of_block(number, self._postings.terms)
        if not self._timely(blocks) or self._postings.missing(stored):
            first, last = number * BLOCK, min((number + 1) * BLOCK, self._end) - 1
            self._findings.flaw(f"the index hides some of the records {first} to {last} of the log")

    def _timely(self, blocks: Sequence[Sequence[object]]) -> bool:
        """Whether the times that a block is said to have are those of its records, or more."""
        if not blocks:
            return False
        earliest, latest = blocks[0]
        if not isinstance(earliest, int) or not isinstance(latest, int):
            return False
        return earliest <= min(self._times) and max(self._times) <= latest
