"""What reads answers for rules that restrict them, and which of it belongs to which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.scan.calls import call_detector
from gateway.scan.links import link_detectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.scan.detector import Detector
    from gateway.terms import ScannerSpec

__all__ = ["guards_of", "watches"]


def guards_of(specs: Sequence[ScannerSpec]) -> Iterator[Detector]:
    """The detectors that scanners for rules about answers need, each once."""
    made: set[tuple[str, str]] = set()
    for spec in specs:
        key = (spec.kind, _name_of(spec))
        if key in made:
            continue
        made.add(key)
        if spec.kind == "calls":
            yield call_detector(spec.allow, spec.deny, _name_of(spec))
        elif spec.kind == "links":
            yield from link_detectors(spec.allow or (), _name_of(spec))


def watches(spec: ScannerSpec, detector: Detector) -> bool:
    """Whether a detector was made for such a scanner."""
    return spec.kind == detector.kind and detector.rule == _name_of(spec)


def _name_of(spec: ScannerSpec) -> str:
    """What detectors for a scanner of such settings are called."""
    return repr((spec.allow, spec.deny))
