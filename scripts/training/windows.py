"""Texts as features, and the windows of them that the model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gateway.scan.classifier import WINDOWS, starts_of
from gateway.scan.ngrams import LONGEST, codes_of, grams
from gateway.scan.views import views

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Features", "Part", "scale_of"]

Part = tuple[int, int]
"""A part of a text, from a character up to before another."""
_LEAST: Final = 40


def scale_of(size: int) -> float:
    """By what the sum of the weights of so many characters is multiplied."""
    return float(1 / max(size, _LEAST) ** 0.5)


class Features:
    """The features of one text by the character at which they begin, in the order of places.

    Args:
        text: It is read as the classifier reads it, with its characters folded; what comes after
            the first ``LONGEST`` of them is left out.
    """

    __slots__ = ("bounds", "rows", "size")

    def __init__(self, text: str) -> None:
        folded = next(views(text)).text[:LONGEST]
        codes = codes_of(folded)
        kinds = grams(codes, wide=not folded.isascii())
        ordered = [*kinds.chars, *kinds.words, *kinds.senses.words]
        places = np.concatenate(
            [np.arange(len(rows)) for rows in kinds.chars]
            + [kinds.starts[: len(rows)] for rows in kinds.words]
            + [kinds.senses.starts[: len(rows)] for rows in kinds.senses.words]
        )
        kept = ~kinds.silent[places]
        places = places[kept]
        order = np.argsort(places, kind="stable")
        self.rows = np.concatenate(ordered)[kept][order]
        self.size = len(codes)
        self.bounds = np.searchsorted(places[order], np.arange(self.size + 1))

    def part(self, part: Part) -> NDArray[np.uint32]:
        """The rows of the features that begin in a part of the text."""
        found: NDArray[np.uint32] = self.rows[
            self.bounds[part[0]] : self.bounds[min(part[1], self.size)]
        ]
        return found

    def windows(self, width: int) -> list[Part]:
        """The windows of a width, as the classifier has them."""
        span = min(width, self.size)
        return [(start, start + span) for start in starts_of(self.size, width).tolist()]

    def margins(self, table: NDArray[np.float32], width: int) -> NDArray[np.float64]:
        """What the table says of each window, before the bias."""
        sums = np.concatenate(([0.0], np.cumsum(table[self.rows].astype(np.float64))))[self.bounds]
        starts, span = starts_of(self.size, width), min(width, self.size)
        return np.asarray((sums[starts + span] - sums[starts]) * scale_of(span))

    def greatest(self, table: NDArray[np.float32]) -> float:
        """The greatest margin of any window, before the bias."""
        return max(float(self.margins(table, width).max()) for width in WINDOWS)
