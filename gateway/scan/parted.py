"""A long text with the disguises of its characters taken off, of which only parts are held.

What a long text folds to is as much once more. It is folded part by part where each part is
asked for: parts end behind blanks, over which no disguise of characters reaches.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.scan.patches import Span

__all__ = ["Fold", "PartedText", "Said", "ends_of", "parts_of"]

Fold: TypeAlias = "Callable[[str], tuple[str, Span]]"
"""What a text says without disguises of its characters, and the way back from there."""
_PART: Final = 2**15
_MOST: Final = 2**17
_BLANK: Final = re.compile("[ \t\r\n]")
_KEPT: Final = 2


class PartedText:
    """What a long text folds to; it can be measured, sliced and compared, and ``str`` makes it one.

    Args:
        source: The text.
        ends: Where its parts end.
        fold: Folds a part.
    """

    __slots__ = ("_fold", "_places", "_recent", "_source", "_starts", "changed")
    __hash__ = None  # type: ignore[assignment]  # its characters are not all there

    def __init__(self, source: str, ends: Sequence[int], fold: Fold) -> None:
        self._source = source
        self._fold = fold
        self._starts = [0, *ends]
        self._recent: tuple[tuple[int, str, Span], ...] = ()
        self.changed = False
        """Whether it says another text than its source."""
        self._places = list(accumulate(map(self._measured, range(len(ends))), initial=0))

    def __len__(self) -> int:
        return self._places[-1]

    def __getitem__(self, at: slice) -> str:
        start, stop, _ = at.indices(len(self))
        found: list[str] = []
        while start < stop:
            number = self._number(start)
            base = self._places[number]
            found.append(self._part(number)[0][start - base : stop - base])
            start = self._places[number + 1]
        return found[0] if len(found) == 1 else "".join(found)

    def __str__(self) -> str:
        text = ""
        for _, part in self.parts():
            text += part
        return text

    def __repr__(self) -> str:
        """Says nothing of the text."""
        return f"PartedText of {len(self)} characters"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return NotImplemented
        same = len(other) == len(self)
        return same and all(other.startswith(part, at) for at, part in self.parts())

    def parts(self) -> Iterator[tuple[int, str]]:
        """Its parts and where each begins; none is empty, and all but the last end in a blank."""
        for number, (place, after) in enumerate(pairwise(self._places)):
            if after > place:
                yield place, self._part(number)[0]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that says a span of this, which is not empty."""
        return self._back(start, start + 1)[0], self._back(end - 1, end)[1]

    def _back(self, start: int, end: int) -> tuple[int, int]:
        number = self._number(start)
        base, place = self._starts[number], self._places[number]
        first, last = self._part(number)[1](start - place, end - place)
        return base + first, base + last

    def _number(self, place: int) -> int:
        """The part in which a character stands."""
        return bisect_right(self._places, place) - 1

    def _part(self, number: int) -> tuple[str, Span]:
        for known, text, span in self._recent:
            if known == number:
                return text, span
        text, span = self._fold(self._own(number))
        self._recent = ((number, text, span), *self._recent[: _KEPT - 1])
        return text, span

    def _own(self, number: int) -> str:
        return self._source[self._starts[number] : self._starts[number + 1]]

    def _measured(self, number: int) -> int:
        own = self._own(number)
        text, _ = self._fold(own)
        self.changed = self.changed or text != own
        return len(text)


Said: TypeAlias = "str | PartedText"
"""What a text says, held as a whole or not."""


def ends_of(text: str) -> list[int] | None:
    """Where parts of a text may end; None where somewhere no blank stands for long."""
    ends: list[int] = []
    at = 0
    while at < len(text):
        blank = _BLANK.search(text, at + _PART, at + _MOST)
        if blank is None and len(text) - at > _MOST:
            return None
        at = blank.end() if blank else len(text)
        ends.append(at)
    return ends


def parts_of(text: Said) -> Iterator[tuple[int, str]]:
    """The parts of a text that is held in parts, and otherwise all of it."""
    if isinstance(text, str):
        yield 0, text
    else:
        yield from text.parts()
