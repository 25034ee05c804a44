"""Runs of single letters: where they stand, what joins letters, and what parts words.

The gap that stands most often joins letters; any other is a border of words. Where there are wider
gaps between words, every sign that stands among the letters is one of the sentence, and is spelled
as they are: ``a_@_b_._c_o`` is an address. Where there are none, only the marks of sentences are.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.scan.gates import BEYOND, WIDE, Gate
from gateway.scan.matcher import compile_exact
from gateway.scan.places import places

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FEWEST", "Run", "Word", "runs"]

FEWEST: Final = 5
"""Letters in a run."""
_WIDEST: Final = 5
"""Characters of a gap."""
_SAMPLE: Final = 256
_AHEAD: Final = 24
"""Characters before the first letter in which spelled signs may stand."""
_MARKS: Final = ".,;:!?'\"()[]{}\u3001\u3002\u300c\u300d"
_STOP: Final = "[.,;:!?]"
_ASCII: Final = "A-Za-z0-9"
_BEYOND: Final = re.compile(f"[{BEYOND}]")


class _Alphabet(NamedTuple):
    """Letters that are spelled one by one.

    Attributes:
        run: Where they stand; a run may begin with a character that is none.
        letter: One of them.
        gap: What is none.
        signs: Of such signs in a gap, say emoji, one is as good as another.
    """

    run: Any
    letter: re.Pattern[str]
    gap: re.Pattern[str]
    signs: str


class Word(NamedTuple):
    """Letters, and from where to where they are spelled."""

    letters: str
    start: int
    end: int


class Run(NamedTuple):
    """Some words, and an expression of each of their letters.

    Attributes:
        words: The words, and marks between them.
        letter: What a letter is.
        joint: What joins letters, where that is always the same.
    """

    words: list[Word]
    letter: re.Pattern[str]
    joint: str = ""


_ALPHABETS: Final = {
    Gate.SPELLED_WIDE: _Alphabet(
        compile_exact(
            rf"(?:^|[^{_ASCII}{WIDE}])[{_ASCII}{WIDE}]"
            rf"(?:[^{_ASCII}{WIDE}]{{1,{_WIDEST}}}[{_ASCII}{WIDE}]){{{FEWEST - 1},}}"
        ),
        re.compile(f"[{_ASCII}{BEYOND}]"),
        re.compile(f"[^{_ASCII}{BEYOND}]+"),
        f"[^\\x00-\\x7f{BEYOND}]{{1,{_WIDEST}}}",
    ),
    Gate.SPELLED: _Alphabet(
        compile_exact(
            rf"(?:^|[^{_ASCII}])[{_ASCII}]"
            rf"(?:[^{_ASCII}]{{1,{_WIDEST}}}[{_ASCII}]){{{FEWEST - 1},}}"
        ),
        re.compile(f"[{_ASCII}]"),
        re.compile(f"[^{_ASCII}]+"),
        f"[^\\x00-\\x7f]{{1,{_WIDEST}}}",
    ),
}


def runs(text: str, data: bytes | memoryview, gates: frozenset[Gate]) -> Iterator[Run]:
    """The runs of single letters in ``text``.

    Args:
        text: Any text.
        data: The same in UTF-8.
        gates: What may stand in it.
    """
    wide = [*_runs(Gate.SPELLED_WIDE, text, data)] if Gate.SPELLED_WIDE in gates else []
    wide = [run for run in wide if any(_BEYOND.search(word.letters) for word in run.words)]
    yield from wide
    starts = [run.words[0].start for run in wide]
    for run in _runs(Gate.SPELLED, text, data) if Gate.SPELLED in gates else ():
        before = bisect_right(starts, run.words[0].start) - 1
        if before < 0 or wide[before].words[-1].end <= run.words[0].start:
            yield run


def _runs(gate: Gate, text: str, data: bytes | memoryview) -> Iterator[Run]:
    alphabet, done = _ALPHABETS[gate], 0
    for start, end in places(alphabet.run, text, data):
        first = start + (alphabet.letter.match(text, start) is None)
        if first < done:
            continue
        # The run may end with the first letter of a word.
        last = end - _within_word(alphabet, text, end)
        run = _run(alphabet, text, (done, first, last))
        if run.words:
            done = run.words[-1].end
            yield run


def _within_word(alphabet: _Alphabet, text: str, at: int) -> bool:
    """Whether letters stand before and behind a place."""
    letter = alphabet.letter.match
    return letter(text, at) is not None and letter(text, at - 1) is not None


def _run(alphabet: _Alphabet, text: str, places: tuple[int, int, int]) -> Run:
    _done, start, end = places
    gaps = Counter(alphabet.gap.findall(text, start, min(end, start + _SAMPLE)))
    joint = _joint(gaps, alphabet.signs)
    if joint != alphabet.signs and any(_parts_words(gap, joint) for gap in gaps):
        char = f"[^\\s{re.escape(joint)}]"
        words = [*_exactly(alphabet, text, places, _Spelling.of(joint, char))]
        # An underscore stands in words, and would keep two of them together.
        return Run(words, re.compile(char), joint if joint != "_" else "")
    words = [*_loosely(alphabet, text, start, end, joint)]
    return Run(words, alphabet.letter, "" if joint == alphabet.signs else joint)


def _joint(gaps: Counter[str], varied: str) -> str:
    """The usual gap, or the expression of signs where these vary."""
    signs = sum(count for gap, count in gaps.items() if gap.strip() and not gap.isascii())
    ((joint, most),) = gaps.most_common(1)
    same = not joint.isascii() and 2 * most >= signs
    return varied if signs >= most and not same else joint


def _parts_words(gap: str, joint: str) -> bool:
    """Whether a gap is wider than one between letters, and no sign that is spelled like them."""
    pieces = gap.split(joint)
    return "" in pieces[1:-1] or any(re.search(r"\s", piece) for piece in pieces)


class _Spelling(NamedTuple):
    """How words are spelled that wider gaps part: expressions of a word, and of what parts two."""

    word: re.Pattern[str]
    between: re.Pattern[str]
    before: re.Pattern[str]
    stop: re.Pattern[str]
    step: int

    @classmethod
    def of(cls, joint: str, char: str) -> _Spelling:
        gap = re.escape(joint)
        return cls(
            re.compile(f"{char}(?:{gap}{char})*"),
            re.compile(f"[\\s{gap}]{{1,{_WIDEST}}}"),
            re.compile(rf"(?<![^\s{gap}])(?:{char}{gap})+\Z"),
            # What joins letters may end a sentence as well, spelled as they are.
            re.compile(rf"{gap}(?={_STOP}){gap}(?=\s|\Z)"),
            len(joint) + 1,
        )


def _exactly(
    alphabet: _Alphabet, text: str, places: tuple[int, int, int], spelling: _Spelling
) -> Iterator[Word]:
    """Words with all of their signs, from those before the first letter on."""
    done, start, end = places
    ahead = spelling.before.search(text, max(done, start - _AHEAD), start)
    at = ahead.start() if ahead else start
    while (found := spelling.word.match(text, at)) is not None:
        first, last = found.span()
        if last >= end and _within_word(alphabet, text, last):
            last -= spelling.step
        if last > first:
            stop = spelling.stop.match(text, last)
            letters = found[0][: last - first : spelling.step]
            last = stop.end() if stop else last
            yield Word(letters + (text[last - 1] if stop else ""), first, last)
        gap = spelling.between.match(text, last) if last > first else None
        if gap is None:
            at = _after(alphabet, text, found.end(), end)
            if at < 0:
                return
            continue
        at = gap.end()


def _after(alphabet: _Alphabet, text: str, at: int, end: int) -> int:
    """Where the run goes on behind what is not spelled; -1 where it does not."""
    letter = alphabet.letter.search(text, at, end) if at < end else None
    return letter.start() if letter else -1


def _loosely(alphabet: _Alphabet, text: str, start: int, end: int, joint: str) -> Iterator[Word]:
    """Letters between other gaps, and the marks of a sentence that stand there.

    Marks are spelled like letters: ``w-h-a-t-'-s-u-p-?`` is "what's up ?".
    """
    varied = joint == alphabet.signs
    gap = joint if varied else re.escape(joint)
    mark = "".join(one for one in _MARKS if one not in joint or varied)
    inside = f"(?:'{gap})?" if "'" in mark else ""
    letter = alphabet.letter.pattern
    word = re.compile(f"{letter}(?:{gap}{inside}{letter})*")
    marks = re.compile(f"[{re.escape(mark)}]")
    done = start
    for found in word.finditer(text, start, end):
        first, last = found.span()
        if first > done and (plain := "".join(marks.findall(text, done, first))):
            yield Word(plain, done, first)
        whole = found[0]
        plain = re.sub(joint, "", whole) if varied else whole[:: len(joint) + 1]
        yield Word(plain, first, last)
        done = last
    if (behind := re.compile(f"(?:{gap}{marks.pattern})+").match(text, done)) is not None:
        yield Word("".join(marks.findall(behind[0])), *behind.span())
