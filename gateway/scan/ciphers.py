"""Texts whose words are turned: reversed, shifted in the alphabet, or in pig latin.

A common word of English tells the disguise by what it looks like in it; a stretch of text with two
such words, or a long one, is read without it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Final

from gateway.scan.lexicon import WORDS
from gateway.scan.parted import parts_of
from gateway.scan.patches import Patch, Stretch, Unit, backward
from gateway.scan.vocabulary import LETTERS, some_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.scan.parted import Said
    from gateway.scan.patches import Span

__all__ = ["stretches", "turned_words", "turned_words_in"]

_SHORTEST: Final = 4
_CERTAIN: Final = 8
"""Letters of a turned word that is enough alone."""
_AROUND: Final = 200
"""Characters beside turned words that are read with them, and most between two of them."""
_REVERSED: Final = 26
_ATBASH: Final = 27
_PIG: Final = 28
_RARE: Final = [shift for shift in range(1, 26) if shift not in (23, 13)]
_MOST: Final = 4
"""Disguises of which one text is tried for."""
_PIECE: Final = 1 << 16
_TOKEN: Final = re.compile("[A-Za-z]{4,}")
_WORD: Final = re.compile(r"\S+")
_PIG_WORD: Final = re.compile(r"\b([A-Za-z]{1,24})ay\b")


def _alphabet(shift: int) -> dict[int, int]:
    """Undoes a shift by so many letters, or Atbash."""
    letters = ascii_lowercase
    turned = letters[::-1] if shift == _ATBASH else letters[-shift:] + letters[:-shift]
    return str.maketrans(letters + ascii_uppercase, turned + turned.upper())


def _pigs(word: str) -> tuple[str, ...]:
    head = len(word) - len(word.lstrip("bcdfghjklmnpqrstvwxz"))
    if not head:
        return word + "way", word + "yay", word + "ay"
    return (word[head:] + word[:head] + "ay",)


def _disguised() -> dict[bytes, int]:
    """What common words look like in each disguise, unless that is a word as well."""
    found: dict[bytes, int] = {}
    long = sorted(one for one in WORDS if len(one) >= _SHORTEST)
    # Of short words some are the same in two disguises: then it is the more usual one.
    backward = {shift: _alphabet(shift) for shift in (*_RARE, _ATBASH, 23, 13)}
    for word in long:
        for shift, table in backward.items():
            # To shift back is to shift on by what is left; Atbash undoes itself.
            found[word.translate(table).encode()] = shift if shift == _ATBASH else 26 - shift
        for pig in _pigs(word):
            found[pig.encode()] = _PIG
    for word in long:
        found[word[::-1].encode()] = _REVERSED
    for word in WORDS:
        found.pop(word.encode(), None)
    return found


_DISGUISED: Final = _disguised()
_KNOWN: Final = _DISGUISED.keys()


def turned_words(data: bytes | memoryview) -> bool:
    """Whether a text in UTF-8 has any word that reads as a turned one."""
    if len(data) <= _PIECE:
        return not _KNOWN.isdisjoint(some_words(bytes(data)))
    return turned_words_in(bytes(data[at : at + _PIECE]) for at in range(0, len(data), _PIECE))


def turned_words_in(pieces: Iterable[bytes]) -> bool:
    """The same of a text that is given in pieces."""
    return any(not _KNOWN.isdisjoint(some_words(one)) for one in pieces)


def stretches(text: Said) -> Iterator[Stretch]:
    """The parts of ``text`` that read as turned, each way that they may have been."""
    # Single turned words stand in many texts, by chance.
    if len(text) <= _PIECE and not _any_told(text[:].encode("utf-8", "replace")):
        return
    words: dict[int, list[tuple[int, int]]] = {}
    for at, part in parts_of(text):
        for token in _TOKEN.finditer(part):
            kind = _DISGUISED.get(token[0].lower().encode())
            if kind is not None:
                words.setdefault(kind, []).append((at + token.start(), at + token.end()))
    for kind in sorted(words, key=lambda one: -len(words[one]))[:_MOST]:
        for start, end in _parts(text, words[kind]):
            yield from _turned(kind, text, start, end)


def _any_told(data: bytes) -> bool:
    """Whether a text in UTF-8 has, anywhere, enough words turned one way to tell that."""
    said: dict[int, bytes] = {}
    for word in _KNOWN & data.translate(LETTERS).split():
        if len(word) >= _CERTAIN or said.setdefault(_DISGUISED[word], word) != word:
            return True
    return False


def _parts(text: Said, words: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of the text with enough turned words, and some text beside them."""
    start = end = words[0][0]
    said: set[str] = set()
    for first, last in [*words, (len(text) + 3 * _AROUND, 0)]:
        if first > end + 2 * _AROUND:
            if len(said) > 1 or any(len(one) >= _CERTAIN for one in said):
                yield max(start - _AROUND, 0), min(end + _AROUND, len(text))
            start, said = first, set()
        said.add(text[first:last].lower())
        end = last


def _turned(kind: int, text: Said, start: int, end: int) -> Iterator[Stretch]:
    part = text[start:end]
    if kind == _REVERSED:
        yield Stretch(part[::-1], backward(end), "reversed")
        turned = _WORD.sub(lambda one: one[0][::-1], part)
        yield Stretch(turned, _words_of(part, start), "reversed words")
    elif kind == _PIG:
        units = [Unit(*one.span(), _unpigged(one[1]), "") for one in _PIG_WORD.finditer(part)]
        yield _patched(part, start, units, "pig latin")
    else:
        name = "Atbash" if kind == _ATBASH else "shifted alphabet"
        plain = part.translate(_alphabet(kind))
        yield Stretch(plain, lambda first, last: (start + first, start + last), name)


def _words_of(part: str, start: int) -> Span:
    """From a span to that of the whole words in it, as each stands where it stood."""

    def span(first: int, last: int) -> tuple[int, int]:
        while first > 0 and not part[first].isspace() and not part[first - 1].isspace():
            first -= 1
        while last < len(part) and not part[last - 1].isspace() and not part[last].isspace():
            last += 1
        return start + first, start + last

    return span


def _patched(part: str, start: int, units: list[Unit], name: str) -> Stretch:
    patch = Patch(part, units)

    def span(first: int, last: int) -> tuple[int, int]:
        one, other = patch.span(first, last)
        return start + one, start + other

    return Stretch(patch.text, span, name)


@lru_cache(maxsize=1024)
def _unpigged(body: str) -> str:
    """The word that pig latin makes this of, but for its ``ay``."""
    lower = body.lower()
    turned = [lower[-count:] + lower[:-count] for count in range(1, 5) if count < len(lower)]
    candidates = [*turned, lower.removesuffix("y")]
    if lower.endswith("w"):
        candidates.insert(0, lower[:-1])
    likely = lower[:-1] if lower.endswith("w") else (turned or [lower])[0]
    return next((one for one in candidates if one in WORDS), likely)
