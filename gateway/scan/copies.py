"""What one text copies from others, to the character: whether a call passes on what it was told.

Texts are compared without case and with all space as one blank. Every run of so many characters of
the untrusted texts is remembered by a keyed hash of 64 bits, so that two runs are taken for the
same by accident about once in 10^12 calls; no text is kept.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["COPIED_ARGUMENT", "Copies"]

COPIED_ARGUMENT: Final = "COPIED_ARGUMENT"
"""What is found where an argument of a call copies from an untrusted text."""
_FACTOR: Final = np.uint64(secrets.randbits(62) * 2 + 1)
"""By chance, so that nobody can write texts whose runs have the same hash."""


class Copies:
    """The runs of characters of some texts.

    Args:
        texts: The texts that are not to be copied.
        chars: So many characters in a row are a copy.
    """

    def __init__(self, texts: Iterable[str], chars: int) -> None:
        self._chars = chars
        runs = [_hashes(_folded(text)[0], chars) for text in texts]
        self._known = np.unique(np.concatenate(runs)) if runs else np.zeros(0, np.uint64)

    def first(self, text: str) -> tuple[int, int] | None:
        """Where the first copy in a text begins, and the character after its end; None if none."""
        folded, places = _folded(text)
        hashes = _hashes(folded, self._chars)
        if not len(hashes) or not len(self._known):
            return None
        at = np.searchsorted(self._known, hashes)
        at[at == len(self._known)] = 0
        same = np.flatnonzero(self._known[at] == hashes)
        if not len(same):
            return None
        start, last = int(same[0]), int(same[0])
        for one in same[1:]:
            if one > last + 1:
                break
            last = int(one)
        return places[start], places[last + self._chars - 1] + 1


def _folded(text: str) -> tuple[str, list[int]]:
    """A text without case and doubled space, and the place of each of its characters."""
    chars: list[str] = []
    places: list[int] = []
    blank = True
    for place, char in enumerate(text.lower() if len(text.lower()) == len(text) else text):
        if char.isspace():
            if blank:
                continue
            char = " "  # noqa: PLW2901 - all space is one
        blank = char == " "
        chars.append(char)
        places.append(place)
    return "".join(chars), places


def _hashes(text: str, length: int) -> NDArray[np.uint64]:
    """The hash of each run of so many characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = len(codes) - length + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    # A polynomial modulo 2^64 whose odd factor nobody outside knows.
    total = np.zeros(count, np.uint64)
    power = np.uint64(1)
    with np.errstate(over="ignore"):
        for offset in range(length):
            total += codes[offset : offset + count] * power
            power *= _FACTOR
        return _mixed(total)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        values ^= values >> np.uint64(31)
        values *= np.uint64(0x9E3779B97F4A7C15)
        values ^= values >> np.uint64(29)
    return values
