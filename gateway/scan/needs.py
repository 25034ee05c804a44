"""What stands in every match of an expression: it need not be looked for where that does not.

Of a rule the automaton asks for one word of several, and in most texts some rule's word stands.
Here all its words are asked for, wherever they stand and in whatever order; of texts in ASCII only,
which have what is dear: most words of most rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from gateway.scan.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.detector import Detector

__all__ = ["Clause", "Needs", "Sieve", "met", "needs_of"]

_MOST: Final = 128
"""Strings that one part of an expression may stand for; where there are more, none is asked for."""
_FEW_SIGNS: Final = 4
_SEVERAL: Final = 4
"""For fewer detectors it is not worth knowing the words of a text."""
_PARTS: Final = 4
"""To look for so many parts takes as long as to look for the expression."""
_EACH: Final = 3
"""What is asked for of each of several ways."""
_COMMON: Final = frozenset(
    b"a all an and are as at by can do for from have i in is it me my not of on or that the this "
    b"to was were what will with you your".split()
)
"""Words of nearly every text."""
_SHORTEST: Final = 3
"""A few letters stand within some word of nearly every text."""
_ASCII: Final = frozenset(range(128))
_ALPHABET: Final = frozenset(code for code in _ASCII if chr(code).isalpha())
_WORD: Final = frozenset(code for code in _ASCII if chr(code).isalnum() or chr(code) == "_")
_DIGITS: Final = frozenset(code for code in _ASCII if chr(code).isdigit())
_BLANKS: Final = frozenset({*range(9, 14), 32})
_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: _DIGITS,
    sre.CATEGORY_NOT_DIGIT: _ASCII - _DIGITS,
    sre.CATEGORY_SPACE: _BLANKS,
    sre.CATEGORY_NOT_SPACE: _ASCII - _BLANKS,
    sre.CATEGORY_WORD: _WORD,
    sre.CATEGORY_NOT_WORD: _ASCII - _WORD,
}
_CAPITALS: Final = {0x17F: "s", 0x212A: "k"}
"""Letters beyond ASCII of which the small one is in it, where case is no matter."""
_REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT)
_RUN: Final = re.compile("[a-z]+")


class Clause(NamedTuple):
    """One of several things.

    Attributes:
        words: One of these, with no letter beside it.
        parts: Or one of these, whatever stands beside it.
    """

    words: frozenset[bytes]
    parts: tuple[bytes, ...]


Needs: TypeAlias = "tuple[Clause, ...]"
"""All that stands in every match in a text of ASCII; letters are small ones."""


def met(needs: Needs, words: frozenset[bytes], data: bytes) -> bool:
    """Whether a text has what is needed.

    Args:
        needs: What is.
        words: The words of the text; those that some clause asks for are enough.
        data: The text, in small letters.
    """
    for asked, parts in needs:
        if words.isdisjoint(asked):
            for part in parts:
                if part in data:
                    break
            else:
                return False
    return True


class _Known(NamedTuple):
    """What is known of some detectors.

    Attributes:
        needs: What each needs; what ``rare`` tells of is left out.
        words: All words of that, and of ``rare``.
        rare: For a word those detectors which need one of a few words, and this is one of them.
        indexed: The detectors that ``rare`` tells of.
    """

    needs: dict[Detector, Needs]
    words: frozenset[bytes]
    rare: dict[bytes, frozenset[Detector]]
    indexed: frozenset[Detector]


class Sieve:
    """Leaves of the detectors of which something occurs in a text those that may match in it.

    Most have nothing of the rarest that they need, and that is told for all of them at once.
    """

    def __init__(self) -> None:
        # What some detectors need, and all words of that: what a text has of these is told once,
        # and not for each detector. All changes at once, as threads read while others learn.
        self._known = _Known({}, frozenset(), {}, frozenset())

    def left(self, detectors: Sequence[Detector], data: bytes) -> list[Detector]:
        """Those that may match; each text has what one more of them needs worked out, once.

        Args:
            detectors: The detectors; they match nowhere before the text and reach not beyond it.
            data: The text in UTF-8.
        """
        if len(detectors) < _SEVERAL or not data.isascii():
            return list(detectors)
        known, asked, rare, indexed = self._known
        words, small, unknown = words_of(data) & asked, data.lower(), None
        told: set[Detector] = set().union(*[rare[word] for word in words if word in rare])
        found: list[Detector] = []
        for one in detectors:
            if one in indexed and one not in told:
                continue
            needs = known.get(one)
            if needs is None:
                unknown = one
                found.append(one)
            elif met(needs, words, small):
                found.append(one)
        if unknown is not None:
            self._learn(unknown)
        return found

    def _learn(self, detector: Detector) -> None:
        known, asked, rare, indexed = self._known
        needs = detector.regex.needs
        words = asked.union(*(clause.words for clause in needs))
        if needs and not needs[0].parts:
            more = {word: rare.get(word, frozenset()) | {detector} for word in needs[0].words}
            rare, indexed, needs = {**rare, **more}, indexed | {detector}, needs[1:]
        self._known = _Known({**known, detector: needs}, words, rare, indexed)


def needs_of(nodes: Sequence[Any]) -> Needs:
    """What stands in every match of an expression, as far as it is told fast.

    Args:
        nodes: The expression, as Python's parser gives it.
    """
    found = [one for one in _clauses(nodes, left=False, right=False) if len(one.parts) <= _PARTS]
    kept: list[Clause] = []
    for one in sorted(found, key=_chance):
        if not any(it.words <= one.words and {*it.parts} <= {*one.parts} for it in kept):
            kept.append(one)
    # Words are told faster than parts.
    return tuple(sorted(kept, key=lambda one: bool(one.parts)))


def _chance(clause: Clause) -> float:
    """How likely a clause is met, by and large: long words are rare."""
    lengths = [0 if word in _COMMON else len(word) for word in clause.words]
    return sum(2.0**-length for length in (*lengths, *(len(part) - 1 for part in clause.parts)))


def _clauses(nodes: Sequence[Any], *, left: bool, right: bool) -> list[Clause]:
    """The same for a part of it, with what is known of the characters beside it.

    Args:
        nodes: The part.
        left: Whether no letter stands before it.
        right: Whether none stands behind it.
    """
    flat = list(_flat(nodes))
    if all(node[0] is sre.LITERAL for node in flat):
        only = _clause(["".join([_small(value) for _, value in flat])], left=left, right=right)
        return [only] if only else []
    found: list[Clause | None] = []
    said, shut = {""}, left
    for index, node in enumerate(flat):
        strings = None if node[0] is sre.AT or _is_gap(node) else _strings([node])
        longer = None if strings is None else {one + more for one in said for more in strings}
        if longer is not None and len(longer) <= _MOST:
            said = longer
            continue
        found.append(_clause(said, left=shut, right=_is_shut(flat[index:], beyond=right)))
        shut = _is_shut(flat[:index], beyond=left, last=True)
        if strings is not None:
            said = strings
            continue
        said = {""}
        after = _is_shut(flat[index + 1 :], beyond=right)
        found += _of_node(node, left=shut, right=after)
        shut = _is_shut(flat[: index + 1], beyond=left, last=True)
    found.append(_clause(said, left=shut, right=right))
    return [one for one in found if one is not None]


def _of_node(node: Any, *, left: bool, right: bool) -> list[Clause]:
    op, value = node
    if op is sre.BRANCH:
        ways = [_clauses(one, left=left, right=right) for one in value[1]]
        return _either(ways)
    if op in _REPEATS and value[0]:
        return _clauses(value[2], left=left, right=False)
    return []


def _either(ways: Sequence[list[Clause]]) -> list[Clause]:
    """What holds of each of several ways: one of what each asks for, the rarest first."""
    ranked = [sorted(way, key=_chance) for way in ways]
    count = min(max(map(len, ranked)), _EACH) if all(ranked) else 0
    return [_any_of([way[min(at, len(way) - 1)] for way in ranked]) for at in range(count)]


def _any_of(clauses: Sequence[Clause]) -> Clause:
    words = frozenset[bytes]().union(*(one.words for one in clauses))
    return Clause(words, tuple(dict.fromkeys(part for one in clauses for part in one.parts)))


def _clause(strings: Iterable[str], *, left: bool, right: bool) -> Clause | None:
    """What one of some strings asks for; None if one of them asks for nothing."""
    words: set[bytes] = set()
    parts: set[bytes] = set()
    for one in strings:
        if not one.isascii():
            continue
        whole = [
            run[0]
            for run in _RUN.finditer(one)
            if (run.start() or left) and (run.end() < len(one) or right)
        ]
        longest = max(whole, key=len, default="")
        if longest and (longest == one or len(longest) >= _SHORTEST):
            words.add(longest.encode())
        elif len(one) >= _SHORTEST or (one and not one.isalpha()):
            parts.add(one.encode())
        else:
            return None
    return Clause(frozenset(words), tuple(sorted(parts, key=lambda part: (len(part), part))))


def _flat(nodes: Iterable[Any]) -> Iterable[Any]:
    """The nodes, those of a group in its place."""
    for op, value in nodes:
        if op is sre.SUBPATTERN:
            yield from _flat(value[3])
        else:
            yield op, value


def _strings(nodes: Iterable[Any]) -> set[str] | None:
    """All that nodes match, in small letters; None if that is too much."""
    found = {""}
    for node in nodes:
        more = _strings_of(node)
        if more is None or len(found) * len(more) > _MOST:
            return None
        found = {one + other for one in found for other in more}
    return found


def _strings_of(node: Any) -> set[str] | None:
    op, value = node
    if op is sre.LITERAL:
        return {_small(value)}
    if op is sre.IN:
        signs = {chr(code).lower() for code in _codes(tuple(value))}
        return signs if len(signs) <= _FEW_SIGNS else None
    if op is sre.SUBPATTERN:
        return _strings(value[3])
    if op is sre.BRANCH:
        ways = [_strings(one) for one in value[1]]
        return None if None in ways else set[str]().union(*(one for one in ways if one))
    if op in _REPEATS and value[1] == 1:
        once = _strings(value[2])
        return once if once is None or value[0] else once | {""}
    return None


def _small(code: int) -> str:
    return _CAPITALS.get(code) or chr(code).lower()


@lru_cache(maxsize=256)
def _codes(items: tuple[Any, ...]) -> frozenset[int]:
    """The characters of ASCII that a class may have."""
    if items and items[0][0] is sre.NEGATE:
        return _ASCII - _members(items[1:])
    found = _members(items)
    return _ASCII & (found | {ord(small) for code, small in _CAPITALS.items() if code in found})


def _members(items: tuple[Any, ...]) -> frozenset[int]:
    found: set[int] = set()
    for op, value in items:
        if op is sre.LITERAL:
            found.add(value)
        elif op is sre.RANGE:
            low, high = value
            found.update(range(low, min(high, 127) + 1))
            found.update(code for code in _CAPITALS if low <= code <= high)
        else:
            found |= _CATEGORIES[value]
    return frozenset(found)


def _is_gap(node: Any) -> bool:
    """Whether a node is one or more characters of a class that has no letter."""
    op, value = node
    if op in _REPEATS:
        return value[0] > 0 and len(value[2]) == 1 and _is_gap(value[2][0])
    return op is sre.IN and _ALPHABET.isdisjoint(_codes(tuple(value)))


def _is_shut(nodes: Sequence[Any], *, beyond: bool, last: bool = False) -> bool:
    """Whether what nodes begin, or end, with is no letter, nor what is beyond if they are empty."""
    shut, empty = _edge(nodes, last=last)
    return shut and (beyond or not empty)


def _edge(nodes: Sequence[Any], *, last: bool) -> tuple[bool, bool]:
    """Whether nodes begin, or end, with no letter, and whether they may be empty."""
    for node in reversed(nodes) if last else nodes:
        shut, empty = _edge_of(node, last=last)
        if not (shut and empty):
            return shut, False
    return True, True


def _edge_of(node: Any, *, last: bool) -> tuple[bool, bool]:
    op, value = node
    if op in (sre.AT, sre.LITERAL, sre.IN):
        items = value if op is sre.IN else [node] if op is sre.LITERAL else []
        return _ALPHABET.isdisjoint(_codes(tuple(items))), False
    if op is sre.SUBPATTERN:
        return _edge(value[3], last=last)
    if op is sre.BRANCH:
        edges = [_edge(one, last=last) for one in value[1]]
        return all(shut for shut, _ in edges), any(empty for _, empty in edges)
    if op in _REPEATS:
        shut, empty = _edge(value[2], last=last)
        return shut, empty or not value[0]
    return False, False
