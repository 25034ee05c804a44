"""Words with digits and signs for letters: ``1gn0r3 pr3v10us``.

A word that would be known were it spelled so tells the disguise; beside two of them others are
read as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from gateway.scan.lexicon import WORDS
from gateway.scan.lexicon_orders import order_words
from gateway.scan.parted import parts_of
from gateway.scan.patches import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.scan.parted import Said

__all__ = ["READ", "leet", "plain_of"]

_SIGNS: Final = "013456789@$!|+"
_CANON: Final = str.maketrans(_SIGNS + "l", "oieasgtbgasiiti")
"""Spellings that mean one letter become one; an l may be an i, as a 1 may be either."""
READ: Final = str.maketrans(_SIGNS, "oieasgtbgasiit")
"""Letters that digits and signs stand for."""
_ORDER: Final = 5
"""Letters of a word of orders in another language that digits may stand in."""
_WORDS: Final = {
    word.translate(_CANON): word
    for word in (
        *(one for some in order_words().values() for one in some if len(one) >= _ORDER),
        *sorted(WORDS),
    )
    if len(word) > 1 and word.isascii() and word.isalpha()
}
_SHORTEST: Final = 2
_TELLING: Final = 3
"""Letters of a word that tells the disguise."""
_LONGEST: Final = 24
_LONGEST_NUMBER: Final = 4
_ENOUGH: Final = 2
_MANY: Final = 4
_CERTAIN: Final = 6
"""A known word of so many letters is enough alone."""
_PIECE: Final = 2**16
_OTHER: Final = re.compile(f"[^A-Za-z{re.escape(_SIGNS)}2]")
_LETTER, _SIGN = 1, 2
_CLASSES: Final = np.zeros(256, np.uint8)
_CLASSES[[*range(65, 91), *range(97, 123)]] = _LETTER
_CLASSES[[ord(one) for one in _SIGNS + "2"]] = _SIGN
_RUNS: Final = bytes(code if _CLASSES[code] else 32 for code in range(256))
"""Leaves letters and signs; anything else becomes a blank."""


def plain_of(word: str) -> str | None:
    """The known word that a lower-case word is or stands for; None if there is none."""
    return word if word in WORDS else _WORDS.get(word.translate(_CANON))


def leet(text: Said) -> Iterator[Stretch]:
    """The text with its words in letters, if some are written with digits and signs."""
    known: set[str] = set()
    for _, part in parts_of(text):
        known |= _known(part)
    if len(known) >= _ENOUGH or any(len(one) >= _CERTAIN for one in known):
        whole = str(text)
        words = _read(whole, numbers=len(known) >= _MANY)
        yield Stretch(_with(whole, words), lambda start, end: (start, end), "leet")


def _known(text: str) -> set[str]:
    """The known words that are written with digits and signs; where they stand does not matter."""
    known: set[str] = set()
    for start, end in _pieces(text):
        runs = text[start:end].encode("latin-1", "replace").translate(_RUNS).split()
        # Nearly all are words like any other.
        for run in {one for one in runs if not one.isalpha()}:
            if run.isdigit() or len(run) > _LONGEST:
                continue
            word = run.rstrip(b"!|+").lower()
            if len(word) < _TELLING or word.isalpha() or word.upper() == word:
                continue
            plain = _meant(word.decode().translate(_CANON))
            if plain is not None:
                known.add(plain)
    return known


def _read(text: str, *, numbers: bool) -> Iterator[tuple[int, str]]:
    """Where words are, and what they are read as.

    They are found once more: those of a long text take more room than it. A number may be a word
    only where there are many such words.
    """
    for start, end in _mixed(text):
        written = text[start:end].lower()
        is_number = written.upper() == written
        if is_number and not numbers:
            continue
        plain = _meant(written.translate(_CANON))
        if plain is not None or not is_number:
            yield start, plain or written.translate(READ)


def _with(text: str, words: Iterable[tuple[int, str]]) -> str:
    """The text with words of equal length in it."""
    parts: list[str] = []
    done = 0
    for start, word in words:
        parts += (text[done:start], word)
        done = start + len(word)
    return "".join([*parts, text[done:]])


def _meant(canon: str) -> str | None:
    """The known word of which this is the form without digits, or that word reversed."""
    word = _WORDS.get(canon)
    if word is not None:
        return word
    word = _WORDS.get(canon[::-1])
    return None if word is None else word[::-1]


def _mixed(text: str) -> Iterator[tuple[int, int]]:
    """Where words of letters and signs stand, without the signs that end a sentence.

    A long text is looked at in pieces: each character takes ten numbers.
    """
    for at, end in _pieces(text):
        for start, over in _mixed_in(text[at:end]):
            yield at + start, at + over


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """From where to where the pieces of a text go; what goes on longer than any word is cut."""
    at = 0
    while at < len(text):
        end = stop = at + _PIECE
        if end < len(text):
            other = _OTHER.search(text, end)
            stop = other.start() if other else len(text)
            # Longer than any word is long enough.
            end = min(stop, end + _LONGEST + 1)
        yield at, end
        at = stop


def _mixed_in(text: str) -> Iterator[tuple[int, int]]:
    """The same for a piece."""
    classes = _CLASSES[np.frombuffer(text.encode("latin-1", "replace"), np.uint8)]
    inside = np.concatenate(([0], classes != 0, [0])).astype(np.int8)
    edges = np.diff(inside)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if not len(starts):
        return
    kinds = np.bitwise_or.reduceat(classes, starts)
    sizes = ends - starts
    number = (kinds == _SIGN) & (sizes <= _LONGEST_NUMBER)
    chosen = ((kinds == _LETTER | _SIGN) | number) & (sizes >= _SHORTEST) & (sizes <= _LONGEST)
    for start, end in zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True):
        word = text[start:end].rstrip("!|+")
        if not word.isalpha():
            yield start, start + len(word)
