"""The figures of an evaluation: thresholds, recall, false positives, precision and F2.

Protocol for injections: the threshold for a set of attacks is put where the harmless texts of all
*other* sets, each set weighing the same, give a rate of false positives of at most 1 % or 0.1 %.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.evaluation.rows import ATTACKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.evaluation.judging import Judged
    from gateway.terms import Provenance

__all__ = [
    "RATES",
    "AttackFigures",
    "HarmlessFigures",
    "Point",
    "attack_figures",
    "harmless_figures",
    "macro",
    "threshold",
]

RATES: Final = (0.01, 0.001)
"""Rates of false positives at which recall is told."""
_ABOVE: Final = 1.0001
"""No score is as high."""
_HARMLESS: Final = ("benign", "benign-hard", "harmful")
_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: at ``score``, the share of harmless texts and of attacks from there."""

    score: float
    false_positives: float
    recall: float


@dataclass(frozen=True, slots=True)
class AttackFigures:
    """How well attacks of one set are found.

    Attributes:
        source: The set.
        kinds: What it holds, words of ``rows.KINDS``.
        texts: How many there are.
        recall: Per rate of false positives the share found; None without harmless texts.
        flagged: Share that the policy's own thresholds flag or block.
        blocked: Share that they block.
        curve: Recall against false positives, from the highest score down.
    """

    source: str
    kinds: tuple[str, ...]
    texts: int
    recall: Mapping[float, float | None]
    flagged: float
    blocked: float
    curve: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class HarmlessFigures:
    """How many texts of one set in which nobody gives orders are taken for attacks.

    Attributes:
        source: The set.
        kind: ``benign``, ``benign-hard`` or ``harmful``.
        provenance: As whose they were read.
        texts: How many there are.
        flagged: Share that the policy's own thresholds flag or block.
        blocked: Share that they block.
    """

    source: str
    kind: str
    provenance: Provenance
    texts: int
    flagged: float
    blocked: float


class _Sets:
    """Scores of harmless texts, set by set, as one provenance."""

    def __init__(self, sets: Iterable[Sequence[float]]) -> None:
        self._sets = [sorted(scores) for scores in sets]
        self.scores = sorted({score for scores in self._sets for score in scores})

    def __bool__(self) -> bool:
        return bool(self._sets)

    def rate(self, score: float) -> float:
        """The mean over the sets of the share that scores at least so much."""
        shares = [1 - bisect_left(scores, score) / len(scores) for scores in self._sets]
        return sum(shares) / len(shares)


def threshold(sets: Iterable[Sequence[float]], rate: float) -> float:
    """The lowest score that at most a share of ``rate`` of harmless texts reach; over 1 if none.

    Args:
        sets: Scores of harmless texts, set by set; no set is empty.
        rate: From 0 to 1.
    """
    return _threshold(_Sets(sets), rate)


def _threshold(sets: _Sets, rate: float) -> float:
    above = (*sets.scores, _ABOVE)
    low, high = 0, len(above) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if sets.rate(above[middle]) <= rate else (middle + 1, high)
    # Any score between the last one that is too low and this one does as well.
    return above[low] if low == 0 else above[low - 1] + 1e-9


def attack_figures(judged: Sequence[Judged]) -> list[AttackFigures]:
    """The figures of each set of attacks, by name."""
    attacks: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.kind in ATTACKS:
            attacks[one.source].append(one)
    return [_attack(source, attacks[source], judged) for source in sorted(attacks)]


def harmless_figures(judged: Sequence[Judged]) -> list[HarmlessFigures]:
    """The figures of each set without attacks, by kind and name."""
    sets: dict[tuple[int, str, Provenance], list[Judged]] = defaultdict(list)
    for one in judged:
        if one.kind in _HARMLESS:
            sets[_HARMLESS.index(one.kind), one.source, one.provenance].append(one)
    return [
        HarmlessFigures(source, _HARMLESS[kind], provenance, len(rows), *_acted_on(rows))
        for (kind, source, provenance), rows in sorted(sets.items())
    ]


def macro(values: Iterable[float | None]) -> float | None:
    """The mean over sets, each weighing the same; None if one is unknown or there is none."""
    known = list(values)
    if not known or None in known:
        return None
    return sum(value for value in known if value is not None) / len(known)


def _attack(source: str, rows: Sequence[Judged], judged: Sequence[Judged]) -> AttackFigures:
    others = {one.provenance: _others(source, one.provenance, judged) for one in rows}
    recall = {rate: _recall(rows, others, rate) for rate in RATES}
    kinds = tuple(sorted({one.kind for one in rows}))
    curve = _curve(rows, others)
    return AttackFigures(source, kinds, len(rows), recall, *_acted_on(rows), curve)


def _others(source: str, provenance: Provenance, judged: Sequence[Judged]) -> _Sets:
    """The scores of harmless texts of all other sets, as the same provenance."""
    sets: dict[str, list[float]] = defaultdict(list)
    for one in judged:
        if one.kind == "benign" and one.provenance == provenance and one.source != source:
            sets[one.source].append(one.score)
    return _Sets(sets.values())


def _recall(
    rows: Sequence[Judged], others: Mapping[Provenance, _Sets], rate: float
) -> float | None:
    if not all(others.values()):
        return None
    least = {provenance: _threshold(sets, rate) for provenance, sets in others.items()}
    return _share(one.score >= least[one.provenance] for one in rows)


def _curve(rows: Sequence[Judged], others: Mapping[Provenance, _Sets]) -> tuple[Point, ...]:
    if not all(others.values()):
        return ()
    scores = sorted({one.score for one in rows}.union(*(it.scores for it in others.values())))
    step = max(len(scores) // _POINTS, 1)
    points = []
    for score in reversed(scores[::step]):
        false = sum(others[one.provenance].rate(score) for one in rows) / len(rows)
        points.append(Point(score, false, _share(one.score >= score for one in rows)))
    return tuple(points)


def _acted_on(rows: Sequence[Judged]) -> tuple[float, float]:
    return _share(one.flagged for one in rows), _share(one.blocked for one in rows)


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return sum(values) / len(values)
