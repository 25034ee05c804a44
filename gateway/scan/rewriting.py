"""Puts the replacements into a text, from left to right and in any portions."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.scan.rating import Replacement

__all__ = ["Rewriter", "rewrite"]


class Rewriter:
    """Original text and replacements go in, rewritten text comes out.

    Where replacements overlap, the first one's label stands for all of them.
    """

    __slots__ = ("_at", "_covered", "_spans", "_text")

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._covered = 0
        self._spans: deque[Replacement] = deque()

    def __len__(self) -> int:
        """Characters of the original text that are there to take."""
        return len(self._text)

    def add(self, text: str, replacements: Iterable[Replacement]) -> None:
        """Append ``text`` and the replacements that begin in it, sorted by start."""
        self._text += text
        self._spans.extend(replacements)

    def take(self, count: int) -> str:
        """What stands for the next ``count`` characters; a label stands where its span begins."""
        text, self._text = self._text[:count], self._text[count:]
        end = self._at + len(text)
        if self._covered <= self._at and not (self._spans and self._spans[0].start < end):
            self._at = end
            return text
        parts: list[str] = []
        at = self._at
        while self._spans and self._spans[0].start < end:
            span = self._spans.popleft()
            if span.start >= self._covered:
                parts += (
                    text[max(at, self._covered) - self._at : span.start - self._at],
                    span.label,
                )
                at = span.start
            self._covered = max(self._covered, span.end)
        parts.append(text[max(at, self._covered) - self._at :])
        self._at = end
        return "".join(parts)


def rewrite(text: str, replacements: Iterable[Replacement]) -> str:
    """The whole of ``text`` with its replacements, sorted by start, in place."""
    rewriter = Rewriter()
    rewriter.add(text, replacements)
    return rewriter.take(len(text))
