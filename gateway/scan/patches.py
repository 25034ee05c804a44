"""A text in which some spans were replaced by what they say, and the way back to the source."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Patch", "Span", "Stretch", "Unit", "backward"]

Span: TypeAlias = "Callable[[int, int], tuple[int, int]]"
"""Turns a span of a text into the span of its source that says it."""


class Unit(NamedTuple):
    """Source characters ``start`` to ``end`` say ``text``.

    Attributes:
        start: First character in the source.
        end: Character after the last.
        text: What they say.
        name: The disguise.
        span: Which of them say a part of ``text``; all of them where it is ``None``.
    """

    start: int
    end: int
    text: str
    name: str
    span: Span | None = None


class Stretch(NamedTuple):
    """A part of a text as it reads without its disguise.

    Attributes:
        text: What it says.
        span: The way back to the text.
        name: The disguise.
    """

    text: str
    span: Span
    name: str


class Patch:
    """A text with its units in place.

    Args:
        source: The text.
        units: What to put in, in any order; of two that overlap the one that begins first counts,
            and of those the longer one.
    """

    __slots__ = ("_ats", "_units", "names", "text")

    def __init__(self, source: str, units: Iterable[Unit]) -> None:
        self._units: list[Unit] = []
        self._ats: list[int] = []
        parts: list[str] = []
        done = length = 0
        for unit in sorted(units, key=lambda one: (one.start, -one.end)):
            if unit.start < done:
                continue
            parts += (source[done : unit.start], unit.text)
            length += unit.start - done
            self._units.append(unit)
            self._ats.append(length)
            length += len(unit.text)
            done = unit.end
        self.text = "".join([*parts, source[done:]])
        self.names = frozenset(unit.name for unit in self._units)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that says ``text[start:end]``, which is not empty."""
        first, last = self._at(start), self._at(end - 1)
        if first == last:
            return self._inside(first, start, end)
        return self._inside(first, start, start + 1)[0], self._inside(last, end - 1, end)[1]

    def _at(self, index: int) -> int:
        """The last unit that begins at or before ``index``; -1 if there is none."""
        return bisect_right(self._ats, index) - 1

    def _inside(self, place: int, start: int, end: int) -> tuple[int, int]:
        if place < 0:
            return start, end
        unit, at = self._units[place], self._ats[place]
        after = unit.end - at - len(unit.text)
        stop = at + len(unit.text)
        if start >= stop:
            return start + after, end + after
        first, last = unit.start, unit.end
        if unit.span is not None:
            first, last = unit.span(start - at, min(end, stop) - at)
        return first, (end + after if end > stop else last)


def backward(end: int) -> Span:
    """The way back from a text that was read backward, from ``end`` on."""
    return lambda first, last: (end - last, end - first)
