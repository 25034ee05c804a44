"""Where in a text a match may still be growing, which more text could complete or lengthen."""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final

from gateway.scan.matcher import WIDEST, compile_ahead, compile_open, compile_starts, ending
from gateway.scan.regex import RegexError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.scan.detector import Detector
    from gateway.scan.matcher import Whole
    from gateway.scan.regex import Regex

    _End = Callable[[bytes], int]

__all__ = ["Openings"]

_WIDTHS: Final = (64, 256, 1024)
"""Rules are grouped by the width of their matches, so that a wide one does not widen all."""
_BEHIND_WIDTHS: Final = (64, 256, 512)
"""So are the others, and because what each of them counts multiplies the states of those that are
asked with it: all at once they have more in code than there is room for."""
_WORD: Final = frozenset(ascii_letters + digits + "_")
_ENDLESS: Final = 1 << 30
_FIRST: Final = 4
"""Characters that tell most words from those with which a match begins."""
_REMEMBERED: Final = 16_384
_MEMORY: Final = 12 << 20
"""Bytes for the states of an expression that is asked backward, and for itself."""
_BUNDLE: Final = 32_768
"""Characters of expressions that are compiled as one."""


class Openings:
    """Knows where a match may still be growing at the end of a text.

    Expressions whose matches begin with a word or a sign are asked forward, from each such place;
    the others backward from the end, many at once. Asked backward, the many words of the injection
    rules make states too large to keep; asked forward, a text without words takes too many tries.
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        rules = [one for one in detectors if _is_rule(one)]
        other = [one for one in detectors if not _is_rule(one)]
        groups = _by_width(other, _BEHIND_WIDTHS)
        self._behind = [(width, _compiled(group)) for width, group in groups]
        self._ahead = _Ahead(rules) if rules else None

    def start(self, context: str, text: str) -> int:
        """Where the leftmost open match begins; the length of ``text`` if there is none.

        Args:
            context: The last characters before ``text``.
            text: Some text, with nothing behind it yet.
        """
        start = len(text)
        if self._behind:
            start -= _length(self._behind, text)
        return start if self._ahead is None else self._ahead.start(context, text, start)


class _Ahead:
    """Expressions whose matches begin with a word or a sign, asked forward.

    Each group is asked no farther from the end than its matches are wide, and compiled once.
    """

    def __init__(self, rules: Sequence[Detector]) -> None:
        groups = [(width, _asked(group)) for width, group in reversed(_by_width(rules))]
        self._rings = [_Ring(width, asked) for width, asked in groups]
        # No place in a text this short is too far from its end for any of them.
        self._short = groups[-1][0]
        self._all = _Ring(self._short, [one for _, asked in groups for one in asked])

    def start(self, context: str, text: str, end: int) -> int:
        """The leftmost place before ``end`` at a word's start from which on a match is open."""
        before = context[-1:]
        if len(text) <= self._short:
            return self._all.start(before, text, end)
        for ring in self._rings:
            end = ring.start(before, text, end)
        return end


class _Ring:
    """Places no farther from the end than some width, and the expressions of that width."""

    def __init__(self, width: int, asked: Sequence[tuple[Whole, Whole]]) -> None:
        self.width = width
        self._first = _First(asked)
        self._places = self._first.places()

    def start(self, before: str, text: str, end: int) -> int:
        """The leftmost place before ``end``, no farther than the width, where one is open."""
        data = b""
        for place in self._places.finditer(text, max(len(text) - self.width, 0), max(end, 0)):
            at = place.start()
            if not (self._first[text[at]] and (asked := self._first[text[at : at + _FIRST]])):
                continue
            if not at and before in _WORD and text[0] in _WORD:
                continue
            data = data or text.encode("utf-8", "replace")
            narrow = len(data) == len(text)
            rest = data[at:] if narrow else text[at:].encode("utf-8", "replace")
            if any(ahead(rest) for ahead in asked):
                return at
        return end


class _First(dict[str, "tuple[Whole, ...]"]):
    """The expressions whose matches may begin with some characters; asks for the same ones once.

    Args:
        aheads: What the matches of each begin with, and all that may grow to one of them. The
            former are small; to ask the latter takes room for each of them.
    """

    def __init__(self, aheads: Sequence[tuple[Whole, Whole]]) -> None:
        self._aheads = aheads

    def __missing__(self, start: str) -> tuple[Whole, ...]:
        if len(self) >= _REMEMBERED:
            self.clear()
        data = start.encode("utf-8", "replace")
        found = self[start] = tuple(ahead for starts, ahead in self._aheads if starts(data))
        return found

    def places(self) -> re.Pattern[str]:
        """Where a match may begin: none in the middle of a word; beyond ASCII ask for each."""
        first = [char for char in map(chr, range(128)) if self[char]]
        words = "".join(re.escape(char) for char in first if char in _WORD)
        signs = "".join(re.escape(char) for char in first if char not in _WORD)
        return re.compile(rf"(?<![A-Za-z0-9_])[{words}\x80]|[{signs}\x80-\U0010ffff]")


def _asked(rules: Sequence[Detector]) -> list[tuple[Whole, Whole]]:
    """What ``_First`` asks of the matches of some rules."""
    return [(compile_starts(bundle, _FIRST), compile_ahead(bundle)) for bundle in _bundles(rules)]


def _length(groups: Sequence[tuple[int, _End]], text: str) -> int:
    """Characters at the end of ``text`` that match one of some expressions reversed."""
    reverse = text[::-1].encode("utf-8", "replace")
    if len(reverse) == len(text):
        return max([end_of(reverse[:width]) for width, end_of in groups])
    if len(text) <= groups[0][0]:
        return len(reverse[: max([end_of(reverse) for _, end_of in groups])].decode())
    return max([_characters(end_of, text[-width:]) for width, end_of in groups])


def _characters(end_of: _End, text: str) -> int:
    reverse = text[::-1].encode("utf-8", "replace")
    return len(reverse[: end_of(reverse)].decode())


def _compiled(detectors: Sequence[Detector]) -> _End:
    regexes = [one.regex for one in detectors]
    try:
        return ending(compile_open(regexes, _MEMORY))
    except RegexError:
        # A policy's own expressions may need all that one of them may have.
        return ending(compile_open(regexes))


def _bundles(detectors: Sequence[Detector]) -> list[list[Regex]]:
    """The expressions, as many together as compile fast: what RE2 takes grows with the square."""
    bundles: list[list[Regex]] = []
    room = 0
    for regex in (one.regex for one in detectors):
        room -= len(regex.ahead)
        if room < 0 or not bundles:
            bundles.append([])
            room = _BUNDLE - len(regex.ahead)
        bundles[-1].append(regex)
    return bundles


def _is_rule(detector: Detector) -> bool:
    return detector.regex.starts_words and detector.regex.longest <= WIDEST


def _width(detector: Detector) -> int:
    longest: int = detector.regex.longest
    return min(longest, detector.window)


def _by_width(
    detectors: Sequence[Detector], limits: Sequence[int] = _WIDTHS
) -> list[tuple[int, list[Detector]]]:
    """Groups of detectors and the greatest width in each, from narrow to wide."""
    groups: dict[int, list[Detector]] = {}
    for one in detectors:
        limit = next((limit for limit in limits if _width(one) <= limit), _ENDLESS)
        groups.setdefault(limit, []).append(one)
    return [(max(map(_width, group)), group) for _, group in sorted(groups.items())]
