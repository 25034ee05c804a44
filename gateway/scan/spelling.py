"""Words spelled out letter by letter: ``i g n o r e``, ``i.g.n.o.r.e``, Morse, ``India Golf``.

The gap that stands most often joins letters; any other is a border of words. Where there is none,
or a word is long and unknown, the words are told apart by what they are.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.gates import Gate
from gateway.scan.matcher import compile_exact
from gateway.scan.patches import Unit
from gateway.scan.places import places
from gateway.scan.segments import known_share, segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.scan.patches import Span

__all__ = ["spelled"]

_FEWEST: Final = 5
"""Letters in a run."""
_LONGEST: Final = 16
_SHORTEST: Final = 3
"""Letters of a word that might be one of any language."""
_SEVERAL: Final = 3
_MOST: Final = 0.6
_SURE: Final = 0.8
_VOWEL: Final = re.compile("[AEIOUYaeiouy]")
_TOGETHER: Final = 512
"""Letters of which it is asked together whether they say something."""
_KNOWN: Final = 0.5
"""The part of a run's letters that words have which are known."""
_RUN: Final = compile_exact(rf"\b[A-Za-z0-9](?:[^A-Za-z0-9]{{1,5}}[A-Za-z0-9]){{{_FEWEST - 1},}}")
_LETTER: Final = re.compile("[A-Za-z0-9]")
_GAP: Final = re.compile("[^A-Za-z0-9]+")
_SIGNS: Final = "[^\\x00-\\x7f]{1,5}"
"""Of such signs in a gap, say emoji, one is as good as another."""
_MARKS: Final = ".,;:!?'\"()[]{}"
_NO_ASCII: Final = re.compile("[^\\x00-\\x7f]+")
_SAMPLE: Final = 256
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
_WIDER: Final = re.compile(r"[ \t]*[\r\n/|]+[ \t\r\n/|]*|[ \t]{2,}")
"""What stands between words of Morse or a spelling alphabet."""


class _Word(NamedTuple):
    """Letters, and from where to where they are spelled."""

    letters: str
    start: int
    end: int


def spelled(text: str, data: bytes | memoryview, gates: frozenset[Gate]) -> Iterator[Unit]:
    """The runs of letters in ``text`` that spell words.

    Args:
        text: Any text.
        data: The same in UTF-8.
        gates: What may stand in it.
    """
    if Gate.SPELLED in gates:
        for start, end in places(_RUN, text, data):
            # The run may end with the first letter of a word.
            last = end - (text[end : end + 1].isalnum() and text[end - 1].isalnum())
            yield from _units("spelled", text, [*_singles(text, start, last)], _LETTER)
    if Gate.MORSE in gates:
        for start, end in places(_MORSE_RUN, text, data):
            words = [*_words(text, start, end, _morse)]
            yield from _units("Morse", text, words, _MORSE_LETTER)
    if Gate.NATO in gates:
        for start, end in places(_NATO_RUN, text, data):
            words = [*_words(text, start, end, _nato)]
            yield from _units("spelling alphabet", text, words, _NATO_LETTER)


def _singles(text: str, start: int, end: int) -> Iterator[_Word]:
    """Letters between wider gaps, and marks of a sentence that stand there, as words of their own.

    Marks are spelled like letters: ``w_h_a_t_'_s u_p_?`` is "what's up ?".
    """
    gaps = Counter(_GAP.findall(text, start, min(end, start + _SAMPLE)))
    joint = _joint(gaps)
    varied = joint == _SIGNS
    gap = joint if varied else re.escape(joint)
    mark = "".join(one for one in _MARKS if one not in joint or varied)
    inside = f"(?:'{gap})?" if "'" in mark else ""
    word = re.compile(f"[A-Za-z0-9](?:{gap}{inside}[A-Za-z0-9])*")
    marks = re.compile(f"[{re.escape(mark)}]")
    done = start
    for found in word.finditer(text, start, end):
        first, last = found.span()
        if first > done and (plain := "".join(marks.findall(text, done, first))):
            yield _Word(plain, done, first)
        whole = found[0]
        yield _Word(_NO_ASCII.sub("", whole) if varied else whole[:: len(joint) + 1], first, last)
        done = last
    if (behind := re.compile(f"(?:{gap}{marks.pattern})+").match(text, done)) is not None:
        yield _Word("".join(marks.findall(behind[0])), *behind.span())


def _joint(gaps: Counter[str]) -> str:
    """The usual gap, or the expression of signs where these vary."""
    signs = sum(count for gap, count in gaps.items() if gap.strip() and not gap.isascii())
    ((joint, most),) = gaps.most_common(1)
    return _SIGNS if signs >= most else joint


def _words(text: str, start: int, end: int, read: Callable[[str], str]) -> Iterator[_Word]:
    done = start
    for gap in _WIDER.finditer(text, start, end):
        yield _Word(read(text[done : gap.start()]), done, gap.start())
        done = gap.end()
    yield _Word(read(text[done:end]), done, end)


def _morse(word: str) -> str:
    return "".join([_MORSE.get(code, "#") for code in word.replace("_", "-").split()])


def _nato(word: str) -> str:
    return "".join([name[0].lower() for name in _NATO_LETTER.findall(word)])


def _units(name: str, text: str, words: list[_Word], letter: re.Pattern[str]) -> Iterator[Unit]:
    """What words say, a few at a time, where most of it is known."""
    for few in _by_length([word for word in words if word.letters]):
        parts = [_parts(word.letters) for word in few]
        known = known_share(part for word in parts for part in word)
        if known >= _KNOWN or _like_words(few):
            plain = " ".join(" ".join(word) for word in parts)
            yield Unit(few[0].start, few[-1].end, plain, name, _span(text, few, parts, letter))


def _parts(letters: str) -> list[str]:
    """The words of letters without a gap; one word where it would fall to pieces."""
    parts = [*segment(letters)]
    if len(letters) <= _LONGEST and known_share(parts) < _SURE:
        return [letters]
    for at in range(len(parts) - 1, 0, -1):
        if parts[at].startswith("'"):
            parts[at - 1 : at + 1] = [parts[at - 1] + parts[at]]
    return parts


def _like_words(words: list[_Word]) -> bool:
    """Whether letters stand in groups that might be words of any language."""
    likely = [
        one.letters
        for one in words
        if _SHORTEST <= len(one.letters) <= _LONGEST and _VOWEL.search(one.letters)
    ]
    return len(likely) >= _SEVERAL and sum(map(len, likely)) >= _MOST * sum(
        len(one.letters) for one in words
    )


def _by_length(words: list[_Word]) -> Iterator[list[_Word]]:
    few: list[_Word] = []
    length = 0
    for word in words:
        few.append(word)
        length += len(word.letters)
        if length >= _TOGETHER:
            yield few
            few, length = [], 0
    if few:
        yield few


def _span(text: str, words: list[_Word], parts: list[list[str]], letter: re.Pattern[str]) -> Span:
    lengths = (len(part) + len("".join(part)) for part in parts)
    ats = [0, *accumulate(lengths)]

    def place(index: int) -> tuple[int, int]:
        """From where to where a character is spelled; a gap is where the letter after it is."""
        at = bisect_right(ats, index) - 1
        word, part = words[at], " ".join(parts[at])
        before = len(part[: index - ats[at]].replace(" ", ""))
        spelled = [one.span() for one in letter.finditer(text, word.start, word.end)]
        if before < len(spelled) == len(word.letters):
            return spelled[before]
        return (word.start, word.end) if len(spelled) != len(word.letters) else spelled[-1]

    return lambda start, end: (place(start)[0], place(end - 1)[1])
