"""Words spelled out letter by letter: ``i g n o r e``, ``i.g.n.o.r.e``, Morse, ``India Golf``.

The gap that stands most often joins letters; any other is a border of words. Where there is none,
or a word is long and unknown, the words are told apart by what they are.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from gateway.scan.gates import BEYOND, Gate
from gateway.scan.glued import Row
from gateway.scan.matcher import compile_exact
from gateway.scan.patches import Unit
from gateway.scan.places import places
from gateway.scan.segments import ENGLISH, known_share, language_of, segment
from gateway.scan.singles import FEWEST, Word, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateway.scan.patches import Span

__all__ = ["rows", "spelled"]

_LONGEST: Final = 16
_SHORTEST: Final = 3
"""Letters of a word that might be one of any language."""
_WHOLE: Final = 4
"""Letters that fall to pieces: of no more, words that are known cannot be ``_SURE``."""
_SEVERAL: Final = 3
_MOST: Final = 0.6
_SURE: Final = 0.8
_VOWEL: Final = re.compile("[AEIOUYaeiouy]")
_GAP: Final = re.compile(" ")
_TOGETHER: Final = 512
"""Letters of which it is asked together whether they say something."""
_KNOWN: Final = 0.5
"""The part of a run's letters that words have which are known."""
_NO_SIGNS: Final = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+")
"""Letters of any alphabet, and digits."""
_SIGN: Final = re.compile(r"[\x00-&(-/:-@\[-`{-\x7f]")
_BEYOND: Final = re.compile(f"[{BEYOND}]")
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
    rf"(?i)\b{_NATO_WORD}(?:[^A-Za-z]{{1,5}}{_NATO_WORD}){{{FEWEST - 1},}}\b"
)
_NATO_LETTER: Final = re.compile(_NATO_WORD, re.IGNORECASE)
_WIDER: Final = re.compile(r"[ \t]*[\r\n/|]+[ \t\r\n/|]*|[ \t]{2,}")
"""What stands between words of Morse or a spelling alphabet."""


def rows(text: str, data: bytes | memoryview, gates: frozenset[Gate]) -> Iterator[Row]:
    """Where letters of ``text`` stand one by one.

    Args:
        text: Any text.
        data: The same in UTF-8.
        gates: What may stand in it.
    """
    for run in runs(text, data, gates):
        yield Row("spelled", run.words, run.letter, run.joint)
    if Gate.MORSE in gates:
        for start, end in places(_MORSE_RUN, text, data):
            yield Row("Morse", [*_words(text, start, end, _morse)], _MORSE_LETTER)
    if Gate.NATO in gates:
        for start, end in places(_NATO_RUN, text, data):
            yield Row("spelling alphabet", [*_words(text, start, end, _nato)], _NATO_LETTER)


def spelled(text: str, some: Iterable[Row]) -> Iterator[Unit]:
    """What rows of letters in ``text`` say, where that is words."""
    for row in some:
        yield from _units(row.name, text, row.words, row.letter)


def _words(text: str, start: int, end: int, read: Callable[[str], str]) -> Iterator[Word]:
    done = start
    for gap in _WIDER.finditer(text, start, end):
        yield Word(read(text[done : gap.start()]), done, gap.start())
        done = gap.end()
    yield Word(read(text[done:end]), done, end)


def _morse(word: str) -> str:
    return "".join([_MORSE.get(code, "#") for code in word.replace("_", "-").split()])


def _nato(word: str) -> str:
    return "".join([name[0].lower() for name in _NATO_LETTER.findall(word)])


def _units(name: str, text: str, words: list[Word], letter: re.Pattern[str]) -> Iterator[Unit]:
    """What words say, a few at a time, where most of it is known.

    Words of other languages cut up those of one, so letters without gaps are told apart once more
    by the language that most of them are of, and by English; where these differ, it is said twice.
    """
    for few in _by_length([word for word in words if word.letters]):
        parts = [_parts(word.letters) for word in few]
        known = known_share(
            one for word in parts for part in word for one in _NO_SIGNS.findall(part)
        )
        if known >= _KNOWN or _like_words(few) or _is_beyond(few):
            readings = _readings(few, parts)
            told, said = [*few] * len(readings), [word for one in readings for word in one]
            plain = " ".join(" ".join(word) for word in said)
            yield Unit(few[0].start, few[-1].end, plain, name, _span(text, told, said, letter))


def _readings(words: list[Word], parts: list[list[str]]) -> list[list[list[str]]]:
    """The parts of words, by the languages that they may be of where no gaps tell them apart."""
    if all(len(word) == 1 for word in parts):
        return [parts]
    languages = dict.fromkeys((language_of(part for word in parts for part in word), ENGLISH))
    read = [[_parts(word.letters, language) for word in words] for language in languages]
    # A single word that its language does not part says nothing that the letters do not.
    told = [one for one in read if len(words) > 1 or len(one[0]) > 1]
    return told[: 1 + (told[0] != told[-1])] if told else [parts]


def _parts(letters: str, language: str = "") -> list[str]:
    """The words of letters without a gap; one word where it would fall to pieces."""
    if len(letters) <= _WHOLE or _SIGN.search(letters):
        # A short one, or with signs in it that were spelled: an address, or a mark before or
        # behind a word.
        return [letters]
    parts = [*segment(letters, language)]
    if len(letters) <= _LONGEST and known_share(parts) < _SURE:
        return [letters]
    for at in range(len(parts) - 1, 0, -1):
        if parts[at].startswith("'"):
            parts[at - 1 : at + 1] = [parts[at - 1] + parts[at]]
    return parts


def _is_beyond(words: list[Word]) -> bool:
    """Whether half of the letters are of other alphabets, in which nothing is spelled by chance."""
    return sum(len(_BEYOND.findall(one.letters)) for one in words) * 2 >= sum(
        len(one.letters) for one in words
    )


def _like_words(words: list[Word]) -> bool:
    """Whether letters stand in groups that might be words of any language."""
    likely = [
        one.letters
        for one in words
        if _SHORTEST <= len(one.letters) <= _LONGEST and _VOWEL.search(one.letters)
    ]
    return len(likely) >= _SEVERAL and sum(map(len, likely)) >= _MOST * sum(
        len(one.letters) for one in words
    )


def _by_length(words: list[Word]) -> Iterator[list[Word]]:
    few: list[Word] = []
    length = 0
    for word in words:
        few.append(word)
        length += len(word.letters)
        if length >= _TOGETHER:
            yield few
            few, length = [], 0
    if few:
        yield few


class _Spelled:
    """Where each letter of a word is spelled, looked up once for all that is found in it."""

    def __init__(self, found: Iterable[re.Match[str]], part: str) -> None:
        self.starts, self.ends = array("Q"), array("Q")
        for one in found:
            self.starts.append(one.start())
            self.ends.append(one.end())
        self._gaps = array("Q", (one.start() for one in _GAP.finditer(part)))

    def letter(self, index: int) -> int:
        """How many letters stand before a character of the word as it is read."""
        return index - bisect_left(self._gaps, index)


def _span(text: str, words: list[Word], parts: list[list[str]], letter: re.Pattern[str]) -> Span:
    lengths = (len(part) + len("".join(part)) for part in parts)
    ats = [0, *accumulate(lengths)]
    known: dict[int, _Spelled] = {}

    def place(index: int) -> tuple[int, int]:
        """From where to where a character is spelled; a gap is where the letter after it is."""
        at = bisect_right(ats, index) - 1
        word, spelled = words[at], known.get(at)
        if spelled is None:
            found = letter.finditer(text, word.start, word.end)
            spelled = known[at] = _Spelled(found, " ".join(parts[at]))
        if len(spelled.starts) != len(word.letters):
            return word.start, word.end
        number = min(spelled.letter(index - ats[at]), len(spelled.starts) - 1)
        return spelled.starts[number], spelled.ends[number]

    return lambda start, end: (place(start)[0], place(end - 1)[1])
