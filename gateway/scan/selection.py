"""The scanners that read one text: those that were asked for and read its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.scan.reader import Reader
    from gateway.terms import Provenance, ScannerSpec

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to look for in a text of one provenance, and what to make of it."""

    specs: tuple[ScannerSpec, ...]
    provenance: Provenance
    reader: Reader
