"""Where in a text a match may still be growing, which more text could complete or lengthen."""

from __future__ import annotations

import re
from functools import cached_property
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final

from gateway.scan.matcher import (
    WIDEST,
    compile_ahead,
    compile_any,
    compile_exact,
    compile_starts,
    ending,
    searching,
)
from gateway.scan.regex import RegexError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateway.scan.detector import Detector
    from gateway.scan.matcher import Whole
    from gateway.scan.regex import Regex

    _End = Callable[[bytes], int]
    _Groups = Sequence[tuple[int, Sequence[Detector]]]

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
_TELLING: Final = 3
"""Characters of the beginning of a match that few texts have."""
_USUAL: Final = (
    b"The 2 of us saw, in 1984, how 365,000 names were told; def of_a_word(self, number_of=3): "
    b"return [value for value in items if value.isValid()] // let maxCount = await Http.getAll(a0)"
)
"""Words and signs as they stand in many texts."""
_BUNDLE: Final = 16_384
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
        self._behind = _Behind(other) if other else None
        self._ahead = _Ahead(rules) if rules else None

    def start(self, context: str, text: str) -> int:
        """Where the leftmost open match begins; the length of ``text`` if there is none.

        Args:
            context: The last characters before ``text``.
            text: Some text, with nothing behind it yet.
        """
        start = len(text)
        if self._behind is not None:
            start -= self._behind.length(text)
        return start if self._ahead is None else self._ahead.start(context, text, start)


class _Behind:
    """Expressions that are asked backward from the end.

    Of most of them few texts have what every match begins with. Where none of that stands in a
    text, a match that grows at its end has a part of it and no more. To ask for these parts makes
    few states; all that matches may have makes so many that a text of new words needs new ones with
    nearly each character.
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._groups = _by_width(detectors, _BEHIND_WIDTHS)
        begins = {one: found for one in detectors if (found := _begins(one)) is not None}
        self._telling = frozenset(begins)
        told = [whole for whole, _ in begins.values()]
        self._has_begun = searching(compile_any(told, _MEMORY)) if told else None
        begun = {one: begins[one][1] if one in begins else one.regex.behind for one in detectors}
        self._begun = _compiled(self._groups, begun)

    @cached_property
    def _grown(self) -> list[tuple[int, _End]]:
        return _compiled(self._groups, {one: one.regex.behind for one in self._telling})

    def length(self, text: str) -> int:
        """Characters at the end of a text from which on a match may be growing."""
        length = _length(self._begun, text)
        if self._has_begun is None or not self._has_begun(text.encode("utf-8", "replace")):
            return length
        return max(length, _length(self._grown, text))


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
    """What ``_First`` asks of the matches of some rules.

    Of our own rules most are never asked what may grow to a match of them, so that is compiled once
    something begins as one does. What a policy brings is, now, as it may be too much for RE2.
    """
    own = [one for one in rules if one.is_own]
    brought = [one for one in rules if not one.is_own]
    return [
        (compile_starts(bundle, _FIRST), ahead(bundle))
        for some, ahead in ((own, _Later), (brought, compile_ahead))
        for bundle in _bundles(some)
    ]


class _Later:
    """What may grow to a match of some expressions, compiled once it is asked."""

    __slots__ = ("_ask", "_regexes")

    def __init__(self, regexes: Sequence[Regex]) -> None:
        self._regexes = regexes
        self._ask: Whole | None = None

    def __call__(self, data: bytes) -> object:
        ask = self._ask
        if ask is None:
            ask = self._ask = compile_ahead(self._regexes)
        return ask(data)


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


def _compiled(groups: _Groups, expressions: Mapping[Detector, str]) -> list[tuple[int, _End]]:
    """The expressions of some detectors, and the width of each group of them."""
    some = [
        (width, [expressions[one] for one in group if one in expressions])
        for width, group in groups
    ]
    return [(width, _together(group)) for width, group in some if group]


def _together(expressions: Sequence[str]) -> _End:
    try:
        return ending(compile_any(expressions, _MEMORY))
    except RegexError:
        # A policy's own expressions may need all that one of them may have.
        return ending(compile_any(expressions))


def _begins(detector: Detector) -> tuple[str, str] | None:
    """What every match begins with, and a part of that; None where much text has it.

    What a policy brings is compiled as a whole, and at once, as it may be too much for RE2.
    """
    begins = detector.regex.begins(_TELLING) if detector.is_own else None
    if begins is None or compile_exact(begins[0]).search(_USUAL) is not None:
        return None
    return begins


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
