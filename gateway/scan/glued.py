"""Letters that are spelled out, with nothing between them, whatever gaps there are.

What a text says so holds no word, and the rules read it in a way of their own (``gapless``).
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.patches import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.scan.singles import Word

__all__ = ["GLUED", "Row", "glued"]

GLUED: Final = "glued"
_FEWEST: Final = 12
"""Bytes of the shortest order."""
_LETTERS: Final = 3
"""One of so many is a letter; the others may be digits in place of letters."""
_AHEAD: Final = 24
"""Characters before the first letter in which spelled signs may stand."""
_APART: Final = 16
"""Characters between two rows from which on they are not read as one."""
_BREAK: Final = "\n" * 6
"""More than any rule lets stand between two words."""


class Row(NamedTuple):
    """Words that are spelled one after the other.

    Attributes:
        name: How they are spelled.
        words: The words, as far as gaps tell them.
        letter: An expression of each of their letters.
        joint: What stands between two letters, where that is always the same.
    """

    name: str
    words: list[Word]
    letter: re.Pattern[str]
    joint: str = ""


class _Letters:
    """Letters, and where each is spelled."""

    def __init__(self) -> None:
        self.text = ""
        self.starts, self.ends = array("Q"), array("Q")

    def add(self, text: str, starts: Iterable[int], ends: Iterable[int]) -> None:
        self.text += text
        self.starts.extend(starts)
        self.ends.extend(ends)

    def may_order(self) -> bool:
        """Whether it might be an order."""
        letters = sum(map(str.isalpha, self.text))
        return len(self.text.encode("utf-8", "replace")) >= _FEWEST and letters * _LETTERS >= len(
            self.text
        )


def glued(text: str, rows: Iterable[Row]) -> Stretch | None:
    """All rows of a text, each without gaps; None where there is nothing that may be an order."""
    said = _Letters()
    done = 0
    for row in sorted(rows, key=lambda one: one.words[0].start):
        if row.words[0].start < done:
            continue
        own = _strictly(text, row, done)
        if own is None or own.ends[-1] < row.words[-1].end:
            own = _by_words(text, row)
        if not own.may_order():
            continue
        if said.text:
            gap = "\n" if own.starts[0] - done < _APART else _BREAK
            said.add(gap, [done] * len(gap), [own.starts[0]] * len(gap))
        said.add(own.text, own.starts, own.ends)
        done = own.ends[-1]
    if not said.text:
        return None
    starts, ends = said.starts, said.ends
    return Stretch(said.text, lambda start, end: (starts[start], ends[end - 1]), GLUED)


def _strictly(text: str, row: Row, done: int) -> _Letters | None:
    """Every character that is spelled like the letters, be it one or not.

    So an address is whole, and a sign that joins letters may be one of the sentence.
    """
    if not row.joint:
        return None
    joint, first = re.escape(row.joint), row.words[0].start
    signs = re.compile(rf"(?<![^\s{joint}])(?:\S{joint})+\Z")
    ahead = signs.search(text, max(done, first - _AHEAD), first)
    found = re.compile(rf"\S(?:{joint}\S)*").match(text, ahead.start() if ahead else first)
    if found is None:
        return None
    (start, end), step = found.span(), len(row.joint) + 1
    if text[end - 1].isalnum() and text[end : end + 1].isalnum():
        # The first letter of a word that is not spelled.
        end = max(end - step, start + 1)
    own = _Letters()
    own.add(text[start:end:step], range(start, end, step), range(start + 1, end + 1, step))
    return own


def _by_words(text: str, row: Row) -> _Letters:
    own = _Letters()
    for word in row.words:
        places = [one.span() for one in row.letter.finditer(text, word.start, word.end)]
        if len(places) != len(word.letters):
            places = [(word.start, word.end)] * len(word.letters)
        own.add(word.letters, (one[0] for one in places), (one[1] for one in places))
    return own
