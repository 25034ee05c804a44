"""Words spelled out letter by letter: ``i g n o r e``, ``i.g.n.o.r.e``, Morse, ``India Golf``.

The gap that stands most often joins letters; any other is a border of words. Where there is none,
or a word is long and unknown, the words are told apart by what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.gates import Gate
from gateway.scan.matcher import compile_exact
from gateway.scan.patches import Unit, between
from gateway.scan.places import places
from gateway.scan.segments import known_share, segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["spelled"]

_FEWEST: Final = 5
"""Letters in a run."""
_KNOWN: Final = 0.5
"""The part of a run's letters that words have which are known."""
_LONGEST: Final = 16
_RUN: Final = compile_exact(rf"\b[A-Za-z0-9](?:[^A-Za-z0-9]{{1,5}}[A-Za-z0-9]){{{_FEWEST - 1},}}")
_LETTER: Final = re.compile("[A-Za-z0-9]")
_SIGNS: Final = re.compile("[^\x00-\x7f]+")
"""One such sign in a gap, say an emoji, is as good as another."""
_STOPS: Final = re.compile("[.,;:!?]")
_CODES: Final = (  # noqa: SIM905 - a table
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- "
    "-..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.- --..-- "
    "..--.. .----. -.-.-- -..-. -....- ---..."
).split()
_MORSE: Final = dict(zip(_CODES, "abcdefghijklmnopqrstuvwxyz0123456789.,?'!/-:", strict=True))
_MORSE_RUN: Final = compile_exact(r"[.\-_]{1,6}(?:[ \t\r\n/|]{1,7}[.\-_]{1,6}){5,}")
_MORSE_LETTER: Final = re.compile(r"[.\-_]{1,6}")
_NATO_WORD: Final = (
    "(?:al(?:ph|f)a|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|"
    "november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu)"
)
_NATO_RUN: Final = compile_exact(
    rf"(?i)\b{_NATO_WORD}(?:[^A-Za-z]{{1,5}}{_NATO_WORD}){{{_FEWEST - 1},}}\b"
)
_NATO_LETTER: Final = re.compile(_NATO_WORD, re.IGNORECASE)


class _Letter(NamedTuple):
    char: str
    start: int
    end: int


def spelled(text: str, data: bytes, gates: frozenset[Gate]) -> Iterator[Unit]:
    """The runs of letters in ``text`` that spell words.

    Args:
        text: Any text.
        data: The same in UTF-8.
        gates: What may stand in it.
    """
    if Gate.SPELLED in gates:
        for start, end in places(_RUN, text, data):
            yield from _unit("spelled", text, _singles(text, start, end))
    if Gate.MORSE in gates:
        for start, end in places(_MORSE_RUN, text, data):
            yield from _unit("Morse", text, _morse(text, start, end))
    if Gate.NATO in gates:
        for start, end in places(_NATO_RUN, text, data):
            found = _NATO_LETTER.finditer(text, start, end)
            letters = [_Letter(one[0][0].lower(), *one.span()) for one in found]
            yield from _unit("spelling alphabet", text, letters)


def _singles(text: str, start: int, end: int) -> list[_Letter]:
    found = [_Letter(one[0], *one.span()) for one in _LETTER.finditer(text, start, end)]
    # The run may end with the first letter of a word.
    return found[:-1] if text[end : end + 1].isalnum() else found


def _morse(text: str, start: int, end: int) -> list[_Letter]:
    found = _MORSE_LETTER.finditer(text, start, end)
    codes = ((one[0].replace("_", "-"), *one.span()) for one in found)
    return [_Letter(_MORSE.get(code, "#"), first, last) for code, first, last in codes]


def _unit(name: str, text: str, letters: list[_Letter]) -> Iterator[Unit]:
    words = [part for word in _words(text, letters) for part in _parts(word)]
    if known_share([_written(word) for word in words]) < _KNOWN:
        return
    chars: list[str] = []
    spans: list[tuple[int, int]] = []
    for word in words:
        if chars:
            chars.append(" ")
            spans.append((spans[-1][1], word[0].start))
        chars += [letter.char for letter in word]
        spans += [(letter.start, letter.end) for letter in word]
    yield Unit(letters[0].start, letters[-1].end, "".join(chars), name, between(spans))


def _words(text: str, letters: list[_Letter]) -> Iterator[list[_Letter]]:
    """Letters between wider gaps; a stop or other sign between words is one more word."""
    gaps = [_SIGNS.sub("*", text[one.end : two.start]) for one, two in pairwise(letters)]
    ((joint, _),) = Counter(gaps).most_common(1)
    word = letters[:1]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if gap == joint or (not joint.isspace() and joint == gap.strip()):
            word.append(letter)
            continue
        yield word
        stop = _STOPS.search(gap)
        if stop is not None and stop[0] not in joint:
            yield [_Letter(stop[0], word[-1].end + stop.start(), word[-1].end + stop.end())]
        word = [letter]
    yield word


def _parts(word: list[_Letter]) -> Iterator[list[_Letter]]:
    at = 0
    for part in segment(_written(word)):
        yield word[at : at + len(part)]
        at += len(part)


def _written(word: Iterable[_Letter]) -> str:
    return "".join(letter.char for letter in word)
