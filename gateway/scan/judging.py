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
from gateway.scan.tongues import is_japanese, is_language, is_vietnamese
from gateway.scan.views import View, views
from gateway.terms import ANSWERS, PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.scan.classifier import Heads, Verdict
    from gateway.scan.detector import Candidate, Detector
    from gateway.terms import Provenance, ScannerSpec

__all__ = ["GREY", "heads_of", "judged", "judged_behind", "prepare", "suspicion"]

GREY: Final = 0.3
"""From this score on a part of a text is a hit, which counts beside a rule's."""
_LESS: Final = 0.25
"""How much less a score counts in the languages that the model knows least: set on manual pages."""
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


def judged(text: str, seen_as: Iterable[View], heads: Heads) -> list[Hit]:
    """The parts of a text that the model does not take for harmless, in each of its views.

    Args:
        text: The text.
        seen_as: Its views.
        heads: What the model is asked.
    """
    return list(_hits(text, seen_as, heads, GREY)) if heads else []


def judged_behind(before: str, text: str, heads: Heads) -> tuple[list[Hit], list[Hit]]:
    """The same of a text and of it behind another, which have no view beside themselves.

    Args:
        before: What stands before, up to the end of a line.
        text: The text.
        heads: What the model is asked.
    """
    if not heads:
        return [], []
    alone, both = classifier().verdicts_behind(before, text, heads, GREY)
    whole = before + text
    return (
        list(_hits_of(text, _itself(text), alone, GREY)),
        list(_hits_of(whole, _itself(whole), both, GREY)),
    )


def _itself(text: str) -> View:
    return View(text, lambda start, end: (start, end), frozenset())


def suspicion(text: str, heads: Heads) -> float:
    """How much the model suspects the worst part of a text, in any of its views; from 0 to 1."""
    return max((hit.score for hit in _hits(text, views(text), heads, 0.0)), default=0.0)


def _hits(text: str, seen_as: Iterable[View], heads: Heads, least: float) -> Iterator[Hit]:
    for view in seen_as:
        if view.gapless:
            # There is no word in it that the model knows.
            continue
        yield from _hits_of(text, view, classifier().verdicts(view.text, heads, least), least)


def _hits_of(text: str, view: View, found: Iterable[Verdict], least: float) -> Iterator[Hit]:
    """What the verdicts on a view of a text come to."""
    for one in found:
        if not is_language(view.text[one.start : one.end]):
            continue
        start, end = view.span(one.start, one.end)
        score, part = one.score, text[start:end]
        if is_japanese(part) or is_vietnamese(part):
            score = round(max(score - _LESS, 0.0), 4)
        if score >= least:
            yield Hit(_MODEL, start, start, end, end, score)
