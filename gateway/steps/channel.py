"""One running text of a streamed answer: what came of it, and what its scanner makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.steps.argument_scanner import ArgumentScanner

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.finding import Finding
    from gateway.scan.stream import StreamScanner
    from gateway.steps.copying import CopyScanner
    from gateway.terms import Provenance

__all__ = ["Channel"]


@dataclass(slots=True)
class Channel:
    """One running text of the answer and its scanner, which is None where none reads it.

    Attributes:
        name: Names it in its stream.
        scanner: Who reads it.
        again: As in ``Delta``.
        json: As in ``Delta``.
        whole: As in ``Delta``.
        provenance: As in ``Delta``.
        pieces: What came of it.
        unread: How many of the last pieces no scanner has read.
        closed: Whether it has ended, as far as is known.
        resumed: Whether it went on after it had ended.
        failed: How a scanner failed, ``error`` or ``timeout``; empty where none did.
        told: Its characters and findings, once all of it has left.
    """

    name: str
    scanner: ArgumentScanner | StreamScanner | CopyScanner | None
    again: bool = False
    json: bool = False
    whole: bool = False
    provenance: Provenance = "answer"
    pieces: list[str] = field(default_factory=list)
    unread: int = 0
    closed: bool = False
    resumed: bool = False
    failed: str = ""
    told: tuple[int, Sequence[tuple[Finding, str]]] | None = None

    def close(self) -> None:
        """The text has ended: nothing can be in the middle of a match any more."""
        if not self.closed and self.scanner is not None:
            self.scanner.close()
        self.closed = True

    @property
    def said(self) -> tuple[Provenance, str]:
        """What it says, and as what: the name of a tool is read otherwise where it is called."""
        return self.provenance, "".join(self.pieces)

    @property
    def chars(self) -> int:
        """Characters of it that are text."""
        if self.told is not None:
            return self.told[0]
        if isinstance(self.scanner, ArgumentScanner):
            return self.scanner.chars
        return sum(map(len, self.pieces))

    def matches(self) -> Iterable[tuple[Finding, str]]:
        """The findings so far, each with what was found."""
        if self.told is not None:
            return self.told[1]
        if isinstance(self.scanner, ArgumentScanner):
            return self.scanner.matches()
        if self.scanner is None or not self.scanner.findings:
            return ()
        text = "".join(self.pieces)
        return [(one, text[one.start : one.end]) for one in self.scanner.findings]

    def retire(self) -> None:
        """All of it has left: its scanner has no more to say than this."""
        self.told = self.chars, tuple(self.matches())
        self.scanner = None

    def resume(self) -> None:
        """The text goes on after all."""
        if self.scanner is not None:
            self.scanner.resume()
        self.closed = False
        self.resumed = True

    @property
    def is_clean(self) -> bool:
        """Whether all of it was read, and nothing is found or replaced in it."""
        if self.scanner is None or not self.closed or self.resumed or self.failed:
            return False
        return self.scanner.is_clean

    def says(self, other: Channel) -> bool:
        """Whether it says, in the same words and as the same, what another one says."""
        return self.json == other.json and self.said == other.said

    def trust(self) -> None:
        """It was read where it was said first, and is clean."""
        self.scanner = None
        self.unread = 0
