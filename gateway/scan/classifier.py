"""The embedded model of injections, stage 1: linear over hashed n-grams, in windows.

Two heads answer two questions with the features of one reading. ``user``: does who writes this try
to make a model drop its orders? ``data``: does what a model only reads, such as a document or a
tool's result, give it orders at all? Sums over all n-grams up to each character give the score of
every window at once, so that one sentence in a long document is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from gateway.scan.model_file import Head, HeadName, load
from gateway.scan.ngrams import CHARS, LONGEST, WORDS, codes_of, grams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gateway.scan.ngrams import Grams, Places
    from gateway.scan.parted import Said

__all__ = [
    "BLOCK",
    "FLAG",
    "STRIDES",
    "WINDOWS",
    "Classifier",
    "Heads",
    "Verdict",
    "classifier",
    "starts_of",
]

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
_FEW: Final = 32


def _fitting(lengths: tuple[int, ...]) -> NDArray[np.int8]:
    """Whether n-grams of each length fit in that begin at each of the last places of a text."""
    left = np.arange(max(lengths) - 1, 0, -1)
    return (np.array(lengths)[:, np.newaxis] <= left).astype(np.int8)


_CHARS_FIT: Final = _fitting(CHARS)
_WORDS_FIT: Final = _fitting(WORDS)
_REMEMBERED: Final = 2048
"""Characters of a text up to which it is remembered where its windows are."""


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

    def verdicts(self, text: Said, heads: Heads, least: float) -> list[Verdict]:
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

    def verdicts_behind(
        self, before: str, text: str, heads: Heads, least: float
    ) -> tuple[list[Verdict], list[Verdict]]:
        """The verdicts of a text alone and of it behind another, of one reading of both.

        Args:
            before: What stands before, up to the end of a line.
            text: The text; with what stands before it of no more than ``LONGEST`` characters.
            heads: As for ``verdicts``.
            least: As for ``verdicts``.
        """
        whole = before + text
        features = grams(codes_of(whole), wide=not whole.isascii(), begin=len(before))
        alone: list[Verdict] = []
        both: list[Verdict] = []
        for head in (self._heads[name] for name in heads):
            weights = _weights_of(features, head.table)
            # What begins in the text hangs on nothing before it, but that it may be said again.
            alone += _heard(
                _sums(weights[len(before) :].copy(), features.said_alone), head, least, 0
            )
            both += _heard(_sums(weights, features.said), head, least, 0)
        return _apart(alone), _apart(both)


def _weights_of(found: Grams, table: NDArray[np.int8]) -> NDArray[np.int32]:
    """The sums of the weights of the features that begin at each place."""
    weights = table.take(found.rows)
    size, count = found.at_chars.shape[1], len(found.starts)
    chars = weights[: len(CHARS) * size].reshape(len(CHARS), size)
    words = weights[len(CHARS) * size :].reshape(len(WORDS), -1)
    _clear(chars, _CHARS_FIT)
    _clear(words[:, :count], _WORDS_FIT)
    at_place: NDArray[np.int32] = np.add.reduce(chars, 0, np.int32)
    if words.shape[1] > count:
        _clear(words[:, count:], _WORDS_FIT)
        of_words = np.add.reduce(words, 0, np.int32)
        at_place[found.starts] += of_words[:count]
        at_place[found.senses.starts] += of_words[count:]
    elif count:
        at_place[found.starts] += np.add.reduce(words, 0, np.int32)
    return at_place


def _clear(weights: NDArray[np.int8], fit: NDArray[np.int8]) -> None:
    """Takes out what n-grams would weigh that go on beyond the end of the text."""
    last = weights[:, -fit.shape[1] :]
    np.multiply(last, fit[:, fit.shape[1] - last.shape[1] :], last)


def _sums(weights: NDArray[np.int32], said: Places) -> NDArray[np.int32]:
    """The sums of the weights before each place, and before the end.

    Args:
        weights: The weights; those of what was said are taken out.
        said: Where that begins which was said and counts once.
    """
    weights[said] = 0
    sums = np.empty(len(weights) + 1, np.int32)
    sums[0] = 0
    np.add.accumulate(weights, 0, None, sums[1:])
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
    """The windows of a text, from narrow to wide: where they begin and end, and their scale."""

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    roots: NDArray[np.float64]


def _windows(size: int) -> _Windows:
    widths = [width for width in WINDOWS if width <= size] or [size]
    if widths[-1] < size and len(widths) < len(WINDOWS):
        widths.append(size)
    starts = [starts_of(size, width) for width in widths]
    counts = [len(one) for one in starts]
    begins = np.concatenate(starts)
    roots = np.array([max(width, _SHORTEST) ** 0.5 for width in widths])
    return _Windows(begins, begins + np.repeat(widths, counts), roots.repeat(counts))


_known_windows = lru_cache(512)(_windows)


def _verdicts(text: str, heads: Sequence[Head], least: float, shift: int) -> list[Verdict]:
    features = grams(codes_of(text), wide=not text.isascii())
    found: list[Verdict] = []
    for head in heads:
        sums = _sums(_weights_of(features, head.table), features.said)
        found += _heard(sums, head, least, shift)
    return found


def _heard(sums: NDArray[np.int32], head: Head, least: float, shift: int) -> Iterator[Verdict]:
    """What a head says of the windows of a text, where it is enough."""
    size = len(sums) - 1
    windows = (_known_windows if size <= _REMEMBERED else _windows)(size)
    margins = (sums.take(windows.ends) - sums.take(windows.starts)) * (head.unit / windows.roots)
    margins += head.bias
    lowest = _margin_at(head, least)
    # In short texts Python finds the highest of a few before numpy has begun to.
    if (max(margins.tolist()) if len(margins) <= _FEW else margins.max()) < lowest:
        return
    for index in np.flatnonzero(margins >= lowest).tolist():
        start, end, margin = int(windows.starts[index]), int(windows.ends[index]), margins[index]
        yield Verdict(start + shift, end + shift, float(margin), _score(head, float(margin)))


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
