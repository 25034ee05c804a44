"""Where in a text a candidate may stand that its check could confirm.

A text may be nothing but candidates: of ``a:a:a:`` each character begins what might be an address.
To look for each of them, and to ask a check that says no to all, is dear. What a check asks first
can most often be said as an expression as well, of what stands at the candidate, or of a word
somewhat before it; one pass of RE2 then tells where it is no use to ask at all.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.matcher import compile_exact

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Around", "Way", "Zones", "outside"]

_WIDEST: Final = 4
"""Bytes of a character."""


def outside(chars: str) -> str:
    """An expression of a character that none of ``chars`` is, or of the beginning of a text.

    Args:
        chars: Characters as they are written in a class.
    """
    return rf"(?:\A|[^{chars}])"


class Around(NamedTuple):
    """Candidates may begin around a match of an expression.

    Attributes:
        expression: For RE2.
        before: Most characters between the candidate and the match behind it.
        after: Most characters from the beginning of the match to the candidate.
    """

    expression: str
    before: int = 0
    after: int = 1


class Zones:
    """Where candidates of a detector may begin; elsewhere its check confirms none.

    Args:
        around: All that they may stand around.
    """

    def __init__(self, *around: Around) -> None:
        self._around = around

    @cached_property
    def _expressions(self) -> list[tuple[Any, int, int]]:
        return [
            (compile_exact(one.expression), one.before * _WIDEST, one.after * _WIDEST)
            for one in self._around
        ]

    def along(self, data: bytes) -> Way:
        """The zones of a text in UTF-8, to be asked for from left to right."""
        return Way(data, self._expressions)


class Way:
    """The zones of one text, from left to right."""

    __slots__ = ("_end", "_zones")

    def __init__(self, data: bytes, expressions: list[tuple[Any, int, int]]) -> None:
        self._end = len(data)
        self._zones = [_Zone(data, *one) for one in expressions]

    def onward(self, at: int) -> int:
        """The first byte from ``at`` on that lies in a zone, or the end of the text.

        The places that are asked for must not go back.
        """
        first = self._end
        for zone in self._zones:
            first = min(first, zone.onward(at))
            if first <= at:
                break
        return first


class _Zone:
    """The zone around the leftmost match of one expression that is not passed yet."""

    __slots__ = ("_after", "_asked", "_before", "_data", "_first", "_last", "_search")

    def __init__(self, data: bytes, expression: Any, before: int, after: int) -> None:
        self._data = data
        self._search = expression.search
        self._before = before
        self._after = after
        self._asked = 0
        self._first = 0
        self._last = -1

    def onward(self, at: int) -> int:
        while self._last < at:
            # What begins farther to the left reaches no farther than this.
            found = self._search(self._data, max(self._asked, at - self._after))
            if found is None:
                self._first = self._last = len(self._data)
                break
            start = found.start()
            self._first, self._last = start - self._before, start + self._after
            self._asked = start + 1
        return max(at, self._first)
