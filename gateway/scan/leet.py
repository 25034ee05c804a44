"""Words with digits and signs for letters: ``1gn0r3 pr3v10us``.

A word that would be known were it spelled so tells the disguise; beside two of them others are
read as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.lexicon import WORDS
from gateway.scan.patches import Unit, between

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["leet", "plain_of"]

_CANON: Final = str.maketrans("01!|l3@4$5+7896", "oiiiieaassttbgg")
_READ: Final = str.maketrans("01!|3@4$5+7896", "oiiieaassttbgg")
_WORDS: Final = {word.translate(_CANON): word for word in sorted(WORDS) if len(word) > 1}
_SIGNS: Final = "0-9@$!|+"
_TOKEN: Final = re.compile(rf"(?<![A-Za-z0-9@$|+_])[A-Za-z{_SIGNS}]{{3,24}}(?![A-Za-z0-9@$_])")
_MIXED: Final = re.compile(r"[013456789@$!|+]")
_ENOUGH: Final = 2
_CERTAIN: Final = 6
"""A known word of so many letters is enough alone."""


def plain_of(word: str) -> str | None:
    """The known word that a lower-case word is or stands for; None if there is none."""
    return word if word in WORDS else _WORDS.get(word.translate(_CANON))


def _meant(canon: str) -> str | None:
    """The known word of which this is the form without digits, or that word reversed."""
    word = _WORDS.get(canon)
    if word is not None:
        return word
    word = _WORDS.get(canon[::-1])
    return None if word is None else word[::-1]


def leet(text: str) -> Iterator[Unit]:
    """The words of ``text`` that are written with digits and signs, if there are such."""
    known: set[str] = set()
    found: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text):
        written = token[0].rstrip("!|+")
        if not _MIXED.search(written) or written.isdigit():
            continue
        lower = written.lower()
        plain = _meant(lower.translate(_CANON))
        if plain is not None and any(one.isalpha() for one in lower):
            known.add(plain)
        found.append((token.start(), plain or lower.translate(_READ)))
    if len(known) >= _ENOUGH or any(len(one) >= _CERTAIN for one in known):
        for start, plain in found:
            spans = [(at, at + 1) for at in range(start, start + len(plain))]
            yield Unit(start, start + len(plain), plain, "leet", between(spans))
