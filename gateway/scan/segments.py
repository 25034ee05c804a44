"""Tells words that are written without gaps from one another."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from gateway.scan.leet import plain_of
from gateway.scan.lexicon import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["known_share", "segment"]

_COUNTED: Final = 3
"""A word of fewer letters is no evidence."""
_LONG: Final = 512
"""Letters that are told apart at once."""
_END: Final = ""


@cache
def _tree() -> dict[str, Any]:
    """The words, letter by letter, made once somebody writes without gaps."""
    tree: dict[str, Any] = {}
    for word in sorted(WORDS):
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        node[_END] = len(word) ** 2
    return tree


@lru_cache(maxsize=2048)
def _known(word: str) -> bool:
    return plain_of(word) is not None


def segment(letters: str) -> Sequence[str]:
    """The words of ``letters``: those that are known, as long as can be, and what is between."""
    lower = letters.lower()
    if lower in WORDS or not letters.isascii():
        return [letters]
    if len(letters) > _LONG:
        return [
            word
            for at in range(0, len(letters), _LONG)
            for word in segment(letters[at : at + _LONG])
        ]
    return [letters[first:last] for first, last in _best(lower)]


def known_share(words: Iterable[str]) -> float:
    """The part of the letters of ``words`` that known words have."""
    known = total = 0
    for word in words:
        total += len(word)
        if len(word) >= _COUNTED and _known(word.lower()):
            known += len(word)
    return known / total if total else 0.0


def _best(letters: str) -> list[tuple[int, int]]:
    """Spans of the words whose squared lengths come to most; unknown letters come to nothing."""
    size = len(letters)
    worth = [0] * (size + 1)
    ends = [0] * size
    tree = _tree()
    for start in range(size - 1, -1, -1):
        best, end = worth[start + 1], 0
        node = tree
        for at in range(start, size):
            following = node.get(letters[at])
            if following is None:
                break
            node = following
            value = node.get(_END)
            if value is not None and value + worth[at + 1] > best:
                best, end = value + worth[at + 1], at + 1
        worth[start], ends[start] = best, end
    return _spans(ends)


def _spans(ends: Sequence[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = unknown = 0
    while at < len(ends):
        if not ends[at]:
            at += 1
            continue
        if unknown < at:
            spans.append((unknown, at))
        spans.append((at, ends[at]))
        at = unknown = ends[at]
    if unknown < at:
        spans.append((unknown, at))
    return spans
