"""What a verification has found so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.audit.report import Flaw

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Findings"]

_MAX_FLAWS: Final = 100
_LAST: Final = 2**63


class Findings:
    """Flaws and notes; flaws come out in the order of the log.

    Attributes:
        seq: Where in the log the check stands: flaws are found there.
        notes: What is not a flaw and should be known.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.notes: list[str] = []
        self._flaws: list[tuple[int, Flaw]] = []

    def at_the_end(self) -> None:
        """What is found from now on belongs behind all records."""
        self.seq = _LAST

    def flaw(
        self,
        what: str,
        writer: str | None = None,
        wseq: int | None = None,
        when: str | None = None,
    ) -> None:
        """Something does not hold; only so many are kept."""
        if len(self._flaws) < _MAX_FLAWS:
            self._flaws.append((self.seq, Flaw(writer, wseq, what, when)))

    @property
    def flaws(self) -> Sequence[Flaw]:
        """All that was found, in the order of the log."""
        return [flaw for _, flaw in sorted(self._flaws, key=lambda found: found[0])]
