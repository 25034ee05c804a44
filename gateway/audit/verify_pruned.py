"""Is what is missing gone because it was to be? Records of prunings say up to where, and how much.

What was pruned must be so by the newest record of its kind, and as much must be there as that
record says is kept: what a legal hold keeps cannot be taken out under the cover of a pruning. A
hold itself must be there until its release is on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.audit.holds import missing_holds
from gateway.audit.pruning import KEPT, prunings

if TYPE_CHECKING:
    from gateway.audit.findings import Findings
    from gateway.audit.pruning import Pruned
    from gateway.audit.store.base import Reader

__all__ = ["PrunedCheck"]

_WORDS = {"sealed": "sealed parts", "headers": "headers", "proofs": "checkpoints"}


class PrunedCheck:
    """Counts what is pruned and what is kept, as records pass.

    Args:
        reader: Of the store.
        findings: Takes what is found.

    Attributes:
        headers: How many headers are gone, as the log says.
        parts: How many sealed parts are gone, as the log says.
    """

    def __init__(self, reader: Reader, findings: Findings) -> None:
        self._reader, self._findings = reader, findings
        self._told: dict[str, Pruned] = {}
        self._kept: dict[str, int] = {}
        self._whole = True
        self.headers = self.parts = 0

    def begin(self, *, whole: bool) -> None:
        """Reads what was pruned.

        Args:
            whole: Every record is checked: what is kept can be counted.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        self._told = prunings(self._reader)
        self._kept = dict.fromkeys(self._told, 0)
        self._whole = whole

    def header_gone(self, seq: int) -> str | None:
        """A header is not there; what is wrong with that, if anything."""
        if not self._covers("headers", seq):
            return "its header is gone, and no pruning is recorded"
        self.headers += 1
        return None

    def part_gone(self, seq: int) -> str | None:
        """A sealed part is not there; what is wrong with that, if anything."""
        if not self._covers("sealed", seq):
            return "its sealed part is missing"
        self.parts += 1
        return None

    def header_there(self, seq: int, stage: str) -> None:
        """A header is there."""
        if stage not in KEPT:
            self._keep("headers", seq)

    def part_there(self, seq: int) -> None:
        """A sealed part is there."""
        self._keep("sealed", seq)

    def checkpoint_there(self, number: int) -> None:
        """A checkpoint is there."""
        if number <= self.thinned_number:
            self._kept["proofs"] += 1

    @property
    def thinned_number(self) -> int:
        """Some of the checkpoints up to this number are gone, as the log says."""
        told = self._told.get("proofs")
        return 0 if told is None else told.number

    @property
    def thinned(self) -> int:
        """Checkpoints of no more records than this lie a day apart, as the log says."""
        told = self._told.get("proofs")
        return -1 if told is None else told.last

    def end(self) -> None:
        """What was kept is there, and so are all holds."""
        for what, told in self._told.items():
            gone = told.kept - self._kept[what]
            if self._whole and gone > 0:
                words = _WORDS.get(what, what)
                self._findings.flaw(
                    f"{gone} {words} up to record {told.last - 1} of the log are gone that were"
                    " kept when the others were pruned"
                )
        for number in missing_holds(self._reader):
            self._findings.flaw(f"hold {number} is gone, and no release is recorded")

    def _covers(self, what: str, seq: int) -> bool:
        told = self._told.get(what)
        return told is not None and seq <= told.last

    def _keep(self, what: str, seq: int) -> None:
        if self._covers(what, seq):
            self._kept[what] += 1
