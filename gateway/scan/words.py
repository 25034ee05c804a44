"""Lists of words: the policy's own terms, thousands of them, found as whole words.

An automaton of plain words knows where each of them ends; what stands around a word decides whether
it is whole. Terms and texts are compared without case, and terms are folded as texts are, so that a
term is found where a text stands with its disguise, or its accents, taken off.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gateway.scan.folding import FOLD
from gateway.scan.matcher import Literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.terms import Words

__all__ = ["LONGEST", "WordList", "check_term", "word_list"]

LONGEST: Final = 128
"""Most characters of a term."""
_ROUNDS: Final = 3
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that write words without spaces, or join particles to them: Thai, Lao, Burmese, Khmer,
Japanese, Chinese, Korean."""
_SIGMA: Final = ("\u03c2", "\u03c3")
"""The small sigma that ends a word, and the other one."""
_SPACED: Final = re.compile(rf"[^\W_{_UNSPACED}]")
"""A letter or digit beside which a word goes on."""


class WordList:
    """Finds the terms of one list; safe to share between threads.

    Args:
        terms: What ``check_term`` found nothing wrong with.
    """

    __slots__ = ("_literals", "_longest", "_places", "_sizes", "_sorted")

    def __init__(self, terms: Iterable[str]) -> None:
        spelt = sorted({form for term in terms for form in _forms(term)})
        words = [form.encode() for form in spelt]
        self._sorted = spelt
        self._sizes = [len(word) for word in words]
        self._longest = max(map(len, spelt))
        self._literals = Literals(words)
        self._places = _places({form[0] for form in spelt})

    def spans(self, text: str, at: int = 0) -> Iterator[tuple[int, int]]:
        """Where terms stand, from ``at`` on: leftmost and longest first, none in another."""
        plain = _plain(text)
        data = plain.encode("utf-8", "replace")
        ends = self._literals.ends(data)
        if not ends:
            return
        found = sorted((end - self._sizes[index], -end) for index, end in ends)
        chars = _Chars(data, narrow=len(data) == len(plain))
        for first, last in found:
            start = chars.at(first)
            if start < at:
                continue
            end = start + chars.between(first, -last)
            if _is_whole(plain, start, end):
                yield start, end
                at = end

    def open_start(self, before: str, text: str) -> int:
        """Where the leftmost term begins that more text could complete, lengthen or undo.

        Args:
            before: What stands left of the text; its last character is enough.
            text: The text.
        """
        first = max(len(text) - self._longest, 0)
        left = text[first - 1] if first else before[-1:]
        plain = _plain(left + text[first:])
        for place in self._places.finditer(plain, len(left)):
            rest = plain[place.start() :]
            index = bisect_left(self._sorted, rest)
            if index < len(self._sorted) and self._sorted[index].startswith(rest):
                return first + place.start() - len(left)
        return len(text)


@lru_cache(maxsize=32)
def word_list(words: Words) -> WordList:
    """The list of a policy's terms; a policy that is loaded anew most often has the same."""
    return WordList(words.terms)


def check_term(term: str) -> str | None:
    """What is wrong with a term of a list, as a sentence; ``None`` if nothing is."""
    folded = _folded(term)
    if not term.isprintable():
        return "a term has characters that no text has, such as tabs or halves of a character"
    if len(folded) > LONGEST or len(term) > LONGEST:
        return f"a term has at most {LONGEST} characters"
    if not any(char.isalnum() for char in folded):
        return "a term needs a letter or a digit"
    if len(folded) == 1 and _SPACED.match(folded):
        return "a term of one letter would be found everywhere"
    return None


def _forms(term: str) -> set[str]:
    """How a term may stand in a text: folding does the same to all letters, but not to capitals."""
    return {_folded(one) for one in (term, term.lower(), term.upper(), term.title())}


def _folded(term: str) -> str:
    for _ in range(_ROUNDS):
        term = "".join(char if char.isascii() else FOLD[ord(char)] for char in term)
    return " ".join(_plain(term).split())


def _plain(text: str) -> str:
    """The text in small letters, and each white space a space; every character is where it was."""
    small = text.lower()
    # Not as the language does it: what becomes of a letter must not hang on what follows it.
    if len(small) != len(text):
        small = "".join(one if len(one := char.lower()) == 1 else char for char in text)
    for char, plain in (("\n", " "), ("\t", " "), ("\r", " "), _SIGMA):
        small = small.replace(char, plain)
    return small


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (
        (start and _SPACED.match(text[start]) and _SPACED.match(text[start - 1]))
        or (_SPACED.match(text[end - 1]) and _SPACED.match(text[end : end + 1]))
    )


def _places(first: set[str]) -> re.Pattern[str]:
    """Where a term may begin: those that begin with a letter of a word, not in a word."""
    spaced = "".join(re.escape(char) for char in sorted(first) if _SPACED.match(char))
    others = "".join(re.escape(char) for char in sorted(first) if not _SPACED.match(char))
    parts = [
        rf"(?<!{_SPACED.pattern})[{spaced}]" if spaced else "",
        f"[{others}]" if others else "",
    ]
    return re.compile("|".join(filter(None, parts)))


class _Chars:
    """How many characters stand before a byte; asked from left to right."""

    __slots__ = ("_byte", "_char", "_data", "_narrow")

    def __init__(self, data: bytes, *, narrow: bool) -> None:
        self._data = data
        self._narrow = narrow
        self._byte = self._char = 0

    def at(self, byte: int) -> int:
        self._char += self.between(self._byte, byte)
        self._byte = byte
        return self._char

    def between(self, start: int, end: int) -> int:
        return end - start if self._narrow else len(self._data[start:end].decode())
