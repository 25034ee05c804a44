"""The scanners that read one text: those that were asked for and read its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.terms import ANSWERS

if TYPE_CHECKING:
    from gateway.scan.classifier import Heads
    from gateway.scan.reader import Reader
    from gateway.terms import Provenance, ScannerSpec

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to look for in a text of one provenance, and what to make of it.

    Attributes:
        specs: The scanners.
        provenance: Who wrote the text.
        reader: Finds what any of them may want.
        key: Names all of this in the cache of texts.
        read: Names the reader alone: what it finds in a text serves every variant of these
            scanners. None where there are no variants.
        reporter: The scanner that reports stand-ins which nobody issued; empty where stand-ins are
            not looked for.
        heads: What the embedded model is asked of a whole text; empty where it does not read it.
    """

    specs: tuple[ScannerSpec, ...]
    provenance: Provenance
    reader: Reader
    key: bytes = b""
    read: bytes | None = None
    reporter: str = ""
    heads: Heads = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.specs and not self.reporter

    @property
    def whole(self) -> bool:
        """Whether disguises are undone that only a whole text shows.

        Answers may be streams, and however one comes, what is found in it is the same.
        """
        return self.provenance not in ANSWERS
