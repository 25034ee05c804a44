"""The injection rules as they read where no gap tells words apart, and digits stand for letters.

Letters that are spelled out one by one may have no wider gap between words. Lists of words tell
most of them apart; the rules themselves tell the others: what they want between two words may be
missing, and a word may begin anywhere. Where it does, it has to be likely that it does
(``joints``). Only letters that are spelled out are read so. An expression is written so, and
compiled, once a text has what tells of it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.scan.detector import CONTEXT, Candidate
from gateway.scan.injection import FOLDED, INJECTION, WORDS_APART, check_of
from gateway.scan.joints import likely
from gateway.scan.lexicon_orders import order_words
from gateway.scan.matcher import compile_exact
from gateway.scan.patience import go_on
from gateway.scan.reader import Hit
from gateway.scan.telling import APART

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from gateway.scan.detector import Check, Detector

__all__ = ["forget", "gapless_hits"]

_PIECE: Final = 4096
_OVER: Final = 512
"""Letters that are read twice, so that what stands across two pieces is found."""
_LEAST: Final = 0.5
"""The score of a match that says something by itself; a weaker one counts beside others only."""
_MOST: Final = 16
"""Unlikely matches of a rule behind whose first letter it is asked again."""
_ALIKE: Final = ("il1!|", "o0", "e3", "a4@", "s5$", "t7+", "g69", "b8")
"""A letter, and what is written in its place."""
_CANON: Final = str.maketrans({char: some[0] for some in _ALIKE for char in some})
_LIKE: Final = {
    char: "[" + "".join([f"\\x{{{ord(one):x}}}" for one in some]) + "]"
    for some in _ALIKE
    for char in some
    if char.isalpha()
} | {r"\b": "()"}
"""What is written for a letter in an expression of RE2, and for the border of a word."""
_TOKEN: Final = re.compile(
    r"\\x\{[0-9a-f]+\}|\(\?[a-z-]*[:)]|\[[^\]]*\]|\{[0-9,]+\}|\\b|[A-Za-z]|[^A-Za-z]"
)
_BEGINNING: Final = 3
_UNPARTED: Final = ("zh", "ja")
_FREE: Final = re.compile(
    r"\]\)\{1,[0-9]+\}" + re.escape(WORDS_APART) + r"\)\{0,(?:[5-9]|[1-9][0-9])\}"
)
"""So many words of any kind between two: without gaps that is anything."""


class _Way(NamedTuple):
    """How a rule is looked for without gaps.

    Attributes:
        exact: The expression; each of its groups is a place where words meet.
        check: What the rule makes of a match.
        parted: Whether lists of words tell whether words meet there.
    """

    exact: Any
    check: Check
    parted: bool


class _Told:
    """What tells of the rules, by how it begins."""

    def __init__(self) -> None:
        self._rules = [
            (one, [frozenset(_canon(some).split(APART)) for some in one.regex.telling])
            for one in INJECTION
            if not _FREE.search(one.regex.exact)
        ]
        self._signs: dict[str, set[str]] = {}
        for sign in {it for _, sets in self._rules for some in sets for it in some}:
            self._signs.setdefault(sign[:_BEGINNING], set()).add(sign)
        self._short = {one for one in self._signs if len(one) < _BEGINNING}

    def rules(self, letters: str) -> Iterator[Detector]:
        """The rules that may match in letters."""
        canon = _canon(letters)
        begun = {canon[at : at + _BEGINNING] for at in range(len(canon))} | self._short
        begun &= self._signs.keys()
        found = {sign for one in begun for sign in self._signs[one] if sign in canon}
        for rule, sets in self._rules:
            if not any(found.isdisjoint(some) for some in sets):
                yield rule


def _canon(letters: str) -> str:
    return letters.lower().translate(_CANON)


def gapless_hits(text: str, rules: Container[Detector]) -> Iterator[Hit]:
    """What rules find in letters without gaps.

    Args:
        text: The letters, with the signs that were spelled among them.
        rules: Those of the detectors of kind ``injection`` that are asked.
    """
    for at in range(0, len(text), _PIECE):
        part = _Part(text[at : at + _PIECE + _OVER], at)
        for rule in _told().rules(part.text):
            if rule in rules:
                yield from part.hits(rule)


def forget() -> None:
    """Drops what was compiled; it is compiled again when a text asks for it."""
    _told.cache_clear()
    _way.cache_clear()


@cache
def _told() -> _Told:
    return _Told()


@cache
def _way(rule: Detector) -> _Way:
    language = rule.rule.removesuffix(FOLDED).rpartition("-")[2]
    parted = language not in order_words() and language not in _UNPARTED
    return _Way(compile_exact(_ungapped(rule.regex.exact)), check_of(rule.rule, gaps=False), parted)


def _ungapped(expression: str) -> str:
    """An expression of RE2 whose gaps may be empty, with all that is written for each letter."""
    gap = "(" + WORDS_APART.replace("{1,", "{0,") + ")"
    free = expression.replace(WORDS_APART, gap)
    return "".join([_LIKE.get(one.lower(), one) for one in _TOKEN.findall(free)])


class _Part:
    """A part of the letters, in characters and in bytes."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self._at = at
        self._data = text.encode("utf-8", "replace")
        self._narrow = len(self._data) == len(text)

    def hits(self, rule: Detector) -> Iterator[Hit]:
        """The hits of a rule, none overlapping another."""
        way = _way(rule)
        at = unlikely = 0
        while (match := way.exact.search(self._data, at)) is not None:
            go_on()
            first, last = match.span()
            start, end = self._char(first), self._char(last)
            score = self._score(way, match, start, end)
            unlikely += score is None
            at = first + 1 if score is None and unlikely < _MOST else max(last, first + 1)
            if score is not None:
                place, stop = self._at + start, self._at + end
                yield Hit(rule, place, place, stop, stop, score)

    def _score(self, way: _Way, match: Any, start: int, end: int) -> float | None:
        """What the rule makes of a match; None where it makes nothing of it."""
        if way.parted:
            spans = [match.span(number) for number in range(1, way.exact.groups + 1)]
            joints = {self._char(one) for span in spans for one in span if one >= 0}
            if not likely(self.text, start, end, joints):
                return None
        before = self.text[max(start - CONTEXT, 0) : start]
        verdict = way.check(Candidate(before, self.text[start:end], self.text[end : end + 1]))
        return verdict if isinstance(verdict, float) and verdict >= _LEAST else None

    def _char(self, byte: int) -> int:
        """The character that begins at a byte."""
        return byte if self._narrow else len(self._data[:byte].decode("utf-8", "replace"))
