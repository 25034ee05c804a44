"""The embedded model of injections, stage 1: linear over hashed n-grams, in windows.

Two heads answer two questions with the features of one reading. ``user``: does who writes this try
to make a model drop its orders? ``data``: does what a model only reads, such as a document or a
tool's result, give it orders at all? Sums over all n-grams up to each character give the score of
every window at once, so that one sentence in a long document is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from gateway.scan.model_file import Head, HeadName, load
from gateway.scan.ngrams import LONGEST, codes_of, grams, in_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gateway.scan.ngrams import Codes, Grams

__all__ = ["STRIDES", "WINDOWS", "Classifier", "Heads", "Verdict", "classifier", "starts_of"]

Heads: TypeAlias = "tuple[HeadName, ...]"
"""Which heads to ask."""
WINDOWS: Final = (50, 100, 300)
"""Characters of the windows that are scored; a shorter text is one window."""
FLAG: Final = 0.6
BLOCK: Final = 0.9
"""The scores to which the two margins of a head are mapped."""
STRIDES: Final = 4
"""Windows begin at every such part of their width."""
_SHORTEST: Final = 40
"""A window of fewer characters counts as one of so many."""
_OVERLAP: Final = WINDOWS[-1]
_MOST_SPANS: Final = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a head says of a part of a text.

    Attributes:
        start: First code point of the part.
        end: Code point after it.
        margin: Evidence, from minus to plus infinity; what a second stage may look at.
        score: The same, calibrated: from 0 to 1.
    """

    start: int
    end: int
    margin: float
    score: float


class Classifier:
    """Scores texts; immutable, safe between threads.

    Args:
        heads: The heads by name.
        digest: Names the weights.
    """

    def __init__(self, heads: dict[HeadName, Head], digest: str) -> None:
        self._heads = heads
        self.digest = digest

    def verdicts(self, text: str, heads: Heads, least: float) -> list[Verdict]:
        """The parts of a text whose score is at least ``least``, apart from one another.

        Args:
            text: Any text; it costs time in proportion to its length.
            heads: Which questions to ask; the one with the higher score is heard.
            least: From 0 to 1.
        """
        chosen = [self._heads[name] for name in heads]
        found: list[Verdict] = []
        for start in range(0, max(len(text), 1), LONGEST - _OVERLAP):
            part = text[start : start + LONGEST]
            if part and (start == 0 or len(part) > _OVERLAP):
                found += _verdicts(part, chosen, least, start)
        return _apart(found)


def sums_of(codes: Codes, found: Grams, table: NDArray[np.int8]) -> NDArray[np.int32]:
    """The sums of the weights of all features that begin before each place, and before the end.

    Of a run of one character only the end counts.
    """
    size = len(codes)
    at_place = np.zeros(size, np.int32)
    for rows in found.chars:
        at_place[: len(rows)] += table.take(rows)
    at_word = np.zeros(len(found.starts), np.int32)
    for rows in found.words:
        at_word[: len(rows)] += table.take(rows)
    at_place[found.starts] += at_word
    at_place[in_run(codes)] = 0
    sums = np.zeros(size + 1, np.int32)
    np.add.accumulate(at_place, out=sums[1:])
    return sums


def starts_of(size: int, width: int) -> NDArray[np.intp]:
    """Where the windows of a text of some characters begin."""
    if size <= width:
        return np.zeros(1, np.intp)
    stride = width // STRIDES
    starts = np.arange(0, size - width + stride, stride)
    starts[-1] = size - width
    return starts


class _Windows(NamedTuple):
    """The windows of one width: where they begin, their sums, and what one is worth."""

    width: int
    starts: NDArray[np.intp]
    sums: NDArray[np.int32]
    worth: float


def _windows(sums: NDArray[np.int32], head: Head) -> Iterator[_Windows]:
    size = len(sums) - 1
    for width in WINDOWS:
        span = min(width, size)
        starts = starts_of(size, width)
        worth = head.unit / max(span, _SHORTEST) ** 0.5
        yield _Windows(span, starts, sums.take(starts + span) - sums.take(starts), worth)
        if size <= width:
            return


def _verdicts(text: str, heads: Sequence[Head], least: float, shift: int) -> list[Verdict]:
    codes = codes_of(text)
    features = grams(codes, wide=not text.isascii())
    found = []
    for head in heads:
        lowest = _margin_at(head, least)
        for one in _windows(sums_of(codes, features, head.table), head):
            if one.sums.max() * one.worth + head.bias < lowest:
                continue
            margins = one.sums * one.worth + head.bias
            for index in np.flatnonzero(margins >= lowest).tolist():
                start, margin = int(one.starts[index]) + shift, float(margins[index])
                found.append(Verdict(start, start + one.width, margin, _score(head, margin)))
    return found


def _score(head: Head, margin: float) -> float:
    score = FLAG + (BLOCK - FLAG) * (margin - head.flag) / (head.block - head.flag)
    return round(min(max(score, 0.0), 1.0), 4)


def _margin_at(head: Head, score: float) -> float:
    return head.flag + (head.block - head.flag) * (score - FLAG) / (BLOCK - FLAG)


def _apart(found: list[Verdict]) -> list[Verdict]:
    """The best of verdicts that overlap, by start; no more than a few."""
    kept: list[Verdict] = []
    for one in sorted(found, key=lambda it: (-it.score, -it.margin, it.start, it.end)):
        if len(kept) == _MOST_SPANS:
            break
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda it: it.start)


@cache
def classifier() -> Classifier:
    """The classifier with the weights that come with the gateway, loaded when first asked for."""
    return Classifier(*load())
