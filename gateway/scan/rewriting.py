"""Puts the replacements into a text, from left to right and in any portions."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.scan.finding import Replacement
    from gateway.scan.runs import Run

__all__ = ["REDACTING", "Rewriter", "Single", "Words", "portions", "rewrite", "single"]


_PIECE: Final = 2**16


class Words(Protocol):
    """What stands for a span, in one direction of one call."""

    def stand_in(self, one: Replacement, value: str) -> str:
        """What stands for a value that is tokenised."""

    def value(self, written: str) -> str | None:
        """What stands for a stand-in; None if it was not issued, and is a text like any other."""

    @property
    def in_json(self) -> Words:
        """The same for a text that spells JSON: what is put into it is escaped."""

    def again(self, run: Run) -> Words:
        """The same for all texts of a run, in their order, which may have been rewritten before."""


class _Redacting:
    """Knows no stand-ins: a value that should have one gets a label."""

    def stand_in(self, one: Replacement, value: str) -> str:  # noqa: ARG002 - a label tells nothing
        return _label(one)

    def value(self, written: str) -> str | None:  # noqa: ARG002 - none was issued
        return None

    @property
    def in_json(self) -> Words:
        return self

    def again(self, run: Run) -> Words:  # noqa: ARG002 - nothing is to be remembered
        return self


REDACTING: Final[Words] = _Redacting()
"""For texts in which a stand-in could not be restored."""


class Rewriter:
    """Original text and replacements go in, rewritten text comes out.

    Where replacements overlap, what stands for the first stands for all of them; but of two values
    that are tokenised, the part of the second that the first has not covered gets a stand-in of its
    own, so that both can be restored.
    """

    __slots__ = ("_at", "_covered", "_from", "_last", "_spans", "_text", "_words")

    def __init__(self, words: Words = REDACTING) -> None:
        self._words = words
        self._text = ""
        self._from = 0
        self._at = 0
        self._covered = 0
        self._last = ""
        self._spans: deque[Replacement] = deque()

    def __len__(self) -> int:
        """Characters of the original text that are there to take."""
        return len(self._text) - self._from

    def add(self, text: str, replacements: Iterable[Replacement]) -> None:
        """Append ``text`` and the replacements that begin in it, sorted by start."""
        self._text = self._text[self._from :] + text if self._from else self._text + text
        self._from = 0
        self._spans.extend(replacements)

    def take(self, count: int) -> str:
        """What stands for the next ``count`` characters.

        What stands for a span comes with its first character, nothing with the others.
        """
        text = self._text[self._from : self._from + count]
        self._from += len(text)
        if self._from == len(self._text):
            self._text, self._from = "", 0
        if not self._spans and self._covered <= self._at:
            self._at += len(text)
            return text
        return self._rewritten(text)

    def _rewritten(self, text: str) -> str:
        end = self._at + len(text)
        if self._covered <= self._at and not (self._spans and self._spans[0].start < end):
            self._at = end
            return text
        parts: list[str] = []
        at = self._at
        while self._spans and self._spans[0].start < end:
            span = self._spans.popleft()
            if span.kind == "stand_in" and self._words.value(span.value) is None:
                continue
            if span.start >= self._covered:
                before = text[max(at, self._covered) - self._at : span.start - self._at]
                parts += (before, self._said(span, span.value))
                at = span.start
                self._last = span.kind
            elif span.end > self._covered and self._last == span.kind == "tokenise":
                parts.append(self._said(span, span.value[self._covered - span.start :]))
            self._covered = max(self._covered, span.end)
        parts.append(text[max(at, self._covered) - self._at :])
        self._at = end
        return "".join(parts)

    def _said(self, span: Replacement, value: str) -> str:
        return _said(span, value, self._words)


def rewrite(text: str, replacements: Sequence[Replacement], words: Words = REDACTING) -> str:
    """The whole of ``text`` with its replacements, sorted by start, in place."""
    if len(text) <= _PIECE:
        if len(replacements) == 1:
            one = replacements[0]
            start, end = one.start, one.end
            return f"{text[:start]}{_said(one, text[start:end], words)}{text[end:]}"
        if all(one.end <= other.start for one, other in pairwise(replacements)):
            return _spliced(text, replacements, words)
    out = ""
    for portion in portions(text, replacements, words):
        out += portion
    return out


def _spliced(text: str, spans: Iterable[Replacement], words: Words) -> str:
    """The same where no replacement overlaps another."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += (text[at : span.start], _said(span, text[span.start : span.end], words))
        at = span.end
    parts.append(text[at:])
    return "".join(parts)


def portions(
    text: str, replacements: Iterable[Replacement], words: Words = REDACTING
) -> Iterator[str]:
    """The same piece by piece, so that the pieces of a long text are not all held beside it."""
    spans = deque(replacements)
    rewriter = Rewriter(words)
    for at in range(0, len(text), _PIECE):
        part = text[at : at + _PIECE]
        begun: list[Replacement] = []
        while spans and spans[0].start < at + len(part):
            one = spans.popleft()
            begun.append(replace(one, value=text[one.start : one.end]))
        rewriter.add(part, begun)
        yield rewriter.take(len(part))


class Single(NamedTuple):
    """The only replacement of a text that is not long, so that nothing has to be sorted out.

    Attributes:
        start: Its first character.
        end: The character after it.
        label: What stands for it whoever calls; empty where that hangs on the call.
        one: The replacement, which says it then; a stand-in that was issued is none.
    """

    start: int
    end: int
    label: str
    one: Replacement


def single(chars: int, replacements: Sequence[Replacement]) -> Single | None:
    """The only replacement of a text of so many characters; None where it takes more than that."""
    if len(replacements) != 1 or chars > _PIECE or replacements[0].kind == "stand_in":
        return None
    one = replacements[0]
    return Single(one.start, one.end, _label(one) if one.kind == "redact" else "", one)


def _label(one: Replacement) -> str:
    """What stands for a value that is redacted."""
    return f"[{one.entity}]"


def _said(span: Replacement, value: str, words: Words) -> str:
    if span.kind == "redact":
        return _label(span)
    if span.kind == "tokenise":
        return words.stand_in(span, value)
    known = words.value(value)
    return value if known is None else known
