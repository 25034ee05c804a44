"""What models beside the built-in detectors say, as hits like all others."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import Detector, make
from gateway.scan.reader import Hit
from gateway.terms import PROMPT_INJECTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.detector import Candidate, DetectorKind
    from gateway.terms import Opinion, ScannerSpec

__all__ = ["hits_of", "speaks_for", "together"]

_ASKED: Final = "asked:"


def hits_of(opinions: Iterable[Opinion], kind: DetectorKind, model: str) -> tuple[Hit, ...]:
    """The hits that a model's opinions are.

    Args:
        opinions: What it says of one text.
        kind: The kind of the scanner that asks it.
        model: Its name in the settings.
    """
    return tuple(
        Hit(_detector(kind, one.entity, model), one.start, one.start, one.end, one.end, one.score)
        for one in opinions
    )


def together(own: Sequence[Hit], beside: Sequence[Hit]) -> tuple[Hit, ...]:
    """Own hits and those of models; a classifier's word counts in place of the embedded one's."""
    judged = any(hit.entity == PROMPT_INJECTION for hit in beside)
    kept = (hit for hit in own if not (judged and hit.entity == PROMPT_INJECTION))
    return (*kept, *beside)


def speaks_for(detector: Detector, spec: ScannerSpec) -> bool | None:
    """Whether a detector speaks for the model that a scanner asks; None if it is no model's."""
    if not detector.rule.startswith(_ASKED):
        return None
    return bool(spec.ask) and detector.rule == _ASKED + spec.ask


@cache
def _detector(kind: DetectorKind, entity: str, model: str) -> Detector:
    # It finds nothing itself: its expression is never asked.
    return make(kind, entity, "x", _never, rule=_ASKED + model)


def _never(_candidate: Candidate) -> None:
    return None
