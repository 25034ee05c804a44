"""Tells words that are written without gaps from one another."""

# ruff: noqa: RUF001 - endings of Russian have letters like ours
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from gateway.scan.leet import plain_of
from gateway.scan.lexicon import WORDS
from gateway.scan.lexicon_orders import order_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["ENGLISH", "is_english", "known_share", "language_of", "segment"]

_COUNTED: Final = 3
"""A word of fewer letters is no evidence."""
_LONG: Final = 512
"""Letters that are told apart at once."""
ENGLISH: Final = "en"
_LONGER: Final = 4
_BEGINNINGS: Final = (1, 2, _LONGER)
"""Letters by which it is told how long words are that may begin."""
_LENT: Final = 5
_LONGEST_ENDING: Final = 5
_ENDED: Final = 3
"""What a letter of an ending is worth: less than a word of its own."""
_END: Final = ""
_ON: Final = "*"
"""Where a word may go on with an ending."""
_ENDINGS: Final = (  # noqa: SIM905 - a list is longer
    "e n s t en er es em et te ten ungen i o a os as ie ns ez is nz lar ler lari leri larin lerin "
    "ие ий ые ый ая яя ое ее их ых им ым ого его ую юю ии ия ию ы а у ов ам ами ях й йте те "
    "ue uu ыe ыu aя яя oe ee ux ыx um ыm oro ero yю юю uя uю y ob am amu яx u ute te"
).split()


@cache
def _orders() -> Mapping[str, frozenset[str]]:
    """The languages of each word, and of each beginning of words."""
    languages: dict[str, set[str]] = {}
    for language, words in order_words().items():
        for word in words:
            languages.setdefault(word, set()).add(language)
    return {word: frozenset(some) for word, some in languages.items()}


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The words of a language. As sets, because a tree of dicts takes twenty times the memory.

    Attributes:
        whole: Words, and beginnings of words.
        stems: Those of them that may go on with an ending.
        lengths: Per first two letters how long the words of two and three letters are that begin
            so, per first four letters the longer ones, and per letter that is a word itself.
    """

    whole: frozenset[str]
    stems: frozenset[str]
    lengths: Mapping[str, Sequence[int]]


@cache
def _lexicon(language: str = "") -> _Lexicon:
    """The words of a language, made once somebody writes without gaps.

    Those of English that are long stand in other languages as well; of no language are all words.
    """
    some = order_words()
    orders = some[language] if language else [word for words in some.values() for word in words]
    lent = _LENT if language not in ("", ENGLISH) else 0
    stems = frozenset(word.rstrip(_ON) for word in orders if word.endswith(_ON))
    whole = stems.union(orders, (word for word in WORDS if len(word) >= lent))
    whole = frozenset(word for word in whole if not word.endswith(_ON))
    return _Lexicon(whole, stems, _lengths(whole))


def _lengths(words: Iterable[str]) -> dict[str, Sequence[int]]:
    lengths: dict[str, set[int]] = {}
    for word in words:
        size = len(word)
        lengths.setdefault(word[: _LONGER if size >= _LONGER else min(size, 2)], set()).add(size)
    return {beginning: tuple(sorted(some)) for beginning, some in lengths.items()}


def language_of(words: Iterable[str]) -> str:
    """The language of which most letters of ``words`` are; none where they are of none."""
    letters: Counter[str] = Counter()
    for word, times in Counter(map(str.lower, words)).items():
        for language in _languages(word):
            letters[language] += len(word) * times
    return letters.most_common(1)[0][0] if letters else ""


@cache
def _endings() -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for ending in _ENDINGS:
        _branch(tree, ending)[_END] = len(ending)
    return tree


def _languages(word: str) -> frozenset[str]:
    found = _orders().get(word)
    cuts = range(len(word), max(len(word) - _LONGEST_ENDING, 0), -1)
    ended = (_orders().get(word[:cut] + _ON) for cut in cuts)
    return found or next(filter(None, ended), frozenset())


def _branch(tree: dict[str, Any], word: str) -> dict[str, Any]:
    for char in word:
        tree = tree.setdefault(char, {})
    return tree


@lru_cache(maxsize=2048)
def _known(word: str) -> bool:
    return plain_of(word) is not None or word in _orders() or _goes_on(word)


def _goes_on(word: str) -> bool:
    """Whether a word is the beginning of others, with an ending."""
    stems = _lexicon().stems
    cuts = range(len(word), 0, -1)
    return any(word[cut:] in ("", *_ENDINGS) and word[:cut] in stems for cut in cuts)


def segment(letters: str, language: str = "") -> Sequence[str]:
    """The words of ``letters``: those that are known, as long as can be, and what is between.

    Args:
        letters: Without gaps.
        language: Of which words are known: those of others cut these up. Of none are all.
    """
    lower = letters.lower()
    if lower in WORDS or lower in _orders() or len(lower) != len(letters):
        return [letters]
    if len(letters) > _LONG:
        return [
            word
            for at in range(0, len(letters), _LONG)
            for word in segment(letters[at : at + _LONG], language)
        ]
    return [letters[first:last] for first, last in _best(lower, _lexicon(language))]


def is_english(word: str) -> bool:
    """Whether a word is one of English, or begins as those of orders do, or is a number."""
    words, lower = _lexicon(ENGLISH), word.lower()
    if lower in words.whole or lower.isdigit():
        return True
    return any(lower[:cut] in words.stems for cut in range(_COUNTED, len(lower)))


def known_share(words: Iterable[str]) -> float:
    """The part of the letters of ``words`` that known words have."""
    known = total = 0
    for word in words:
        total += len(word)
        if len(word) >= _COUNTED and _known(word.lower()):
            known += len(word)
    return known / total if total else 0.0


def _best(letters: str, words: _Lexicon) -> list[tuple[int, int]]:
    """Spans of the words whose squared lengths come to most; unknown letters come to nothing."""
    size = len(letters)
    worth = [0] * (size + 1)
    ends = [0] * size
    whole, stems, lengths = words.whole, words.stems, words.lengths.get
    for start in range(size - 1, -1, -1):
        best, end = worth[start + 1], 0
        for known in _BEGINNINGS:
            for length in lengths(letters[start : start + known], ()):
                stop = start + length
                word = letters[start:stop]
                if stop > size or word not in whole:
                    continue
                value = length**2 + worth[stop]
                if value > best:
                    best, end = value, stop
                if word in stems:
                    for more in _ended(letters, stop):
                        value = length**2 + _ENDED * more + worth[stop + more]
                        if value > best:
                            best, end = value, stop + more
        worth[start], ends[start] = best, end
    return _spans(ends)


def _ended(letters: str, start: int) -> Iterator[int]:
    """How many letters from ``start`` on are an ending."""
    node = _endings()
    for at in range(start, len(letters)):
        following = node.get(letters[at])
        if following is None:
            return
        node = following
        if _END in node:
            yield node[_END]


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
