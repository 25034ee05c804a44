"""What the embedded model finds in a whole text, as hits beside those of the rules.

It reads whole texts of requests only. In a stream every decision has to be local, and a window's
score is not; and a system prompt is nothing but orders to the model, so it scores like an attack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.classifier import classifier
from gateway.scan.detector import make
from gateway.scan.rating import PROMPT_INJECTION
from gateway.scan.reader import Hit
from gateway.scan.views import views
from gateway.terms import ANSWERS, PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.classifier import Heads
    from gateway.scan.detector import Candidate, Detector
    from gateway.scan.views import View
    from gateway.terms import Provenance, ScannerSpec

__all__ = ["GREY", "heads_of", "judged", "prepare", "suspicion"]

GREY: Final = 0.3
"""From this score on a part of a text is a hit, which counts beside a rule's."""
_DATA: Final = frozenset({"tool", "document", "tool_definition"})
_UNREAD: Final = frozenset({"system", *ANSWERS})


def _never(_candidate: Candidate) -> None:
    return None


_MODEL: Final[Detector] = make("injection", PROMPT_INJECTION, "\ufdd0", _never, rule="model")
"""Stands for the model where a hit names who found it; no automaton has it."""


def heads_of(specs: Sequence[ScannerSpec], source: Provenance) -> Heads:
    """What the model is to be asked of a text; nothing where it is not to read it."""
    if source in _UNREAD or all(spec.kind != "injection" for spec in specs):
        return ()
    return ("user", "data") if source in _DATA else ("user",)


def prepare(specs: Sequence[ScannerSpec]) -> None:
    """Load the model where one of the scanners may ask it, so that no request waits for that.

    Raises:
        ModelFileError: The file of the model is damaged.
    """
    if any(heads_of(specs, source) for source in PROVENANCES):
        classifier()


def judged(seen_as: Iterable[View], heads: Heads) -> list[Hit]:
    """The parts of a text that the model does not take for harmless, in each of its views."""
    hits: list[Hit] = []
    if not heads:
        return hits
    for view in seen_as:
        for one in classifier().verdicts(view.text, heads, GREY):
            start, end = view.span(one.start, one.end)
            hits.append(Hit(_MODEL, start, start, end, end, one.score))
    return hits


def suspicion(text: str, heads: Heads) -> float:
    """How much the model suspects the worst part of a text, in any of its views; from 0 to 1."""
    scores = (
        one.score for view in views(text) for one in classifier().verdicts(view.text, heads, 0.0)
    )
    return max(scores, default=0.0)
