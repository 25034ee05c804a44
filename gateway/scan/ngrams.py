"""The features of the embedded model: hashed n-grams of characters and of words, with their places.

All of it is arithmetic on arrays, so that a text costs a few passes of numpy and no loop over its
characters. A feature is a row of the model's table; two that share a row share a weight.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from gateway.scan.senses import words_by_sense

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BITS", "LONGEST", "Codes", "Grams", "codes_of", "grams"]

BITS: Final = 20
"""The table has two to this many rows."""
LONGEST: Final = 1 << 16
"""Most characters that are read at once."""
CHARS: Final = (3, 4, 5)
"""How many characters the n-grams of characters have."""
WORDS: Final = (1, 2, 3, 3)
"""How many words the n-grams of words span: one, two, two with one between, three."""
_REPEAT: Final = 8
"""Characters that count once where they stand again soon."""
_SOON: Final = 225
"""Within so many characters: any two such places stand in one of the widest windows."""
_FOUR_EQUAL: Final = b"\1\1\1"
"""How it looks where each of three characters is like the one before."""
_FEW: Final = 128
"""Of so many it is told faster one by one whether no two are alike."""
_FACTOR: Final = 0x9E3779B1
_FOUR: Final = CHARS.index(4)


def _number(value: int) -> NDArray[np.uint32]:
    """A number as an array without dimensions, which numpy takes in half the time of others."""
    return np.array(value, np.uint32)


_STEP: Final = _number(_FACTOR)
_STEP_OF_FOUR: Final = _number(pow(_FACTOR, 4, 1 << 32))
"""What leads from n-grams of four characters to those of eight."""
_PAIR: Final = _number(0x85EBCA77)
_SKIP: Final = _number(0xC2B2AE3D)
_THIRD: Final = _number(0x27D4EB2F)
_MIXED: Final = 0x165667B1
_MIX: Final = _number(_MIXED)
"""By this, hashes are multiplied before their upper bits are taken. As they are sums of multiples
of characters, it is done to these."""
_SENSES: Final = np.arange(256, dtype=np.uint32) * _number(0x5BD1E995 * _MIXED & 0xFFFFFFFF)
"""What stands for a sense in the place of a word."""
_SHIFT: Final = _number(32 - BITS)
_HALF: Final = np.array(16, np.uint64)
_NEAR: Final = np.array(_SOON, np.uint64)
_PLACE: Final = np.array(LONGEST - 1, np.uint64)
_TABLE: Final = 0x2100
"""Code points from here on are taken as they are; no script with cases is there."""

Codes: TypeAlias = "NDArray[np.uint32]"
"""Folded code points of a text, one for each of its characters."""
Places: TypeAlias = "NDArray[np.intp]"
"""Places in a text."""
_NOWHERE: Final[Places] = np.empty(0, np.intp)
_Rows: TypeAlias = "NDArray[np.uint32]"


class Senses(NamedTuple):
    """The words of a text whose sense is known, and the rows of their n-grams.

    Words between them are passed over: "ignore those of the old rules" has three.
    """

    starts: Places
    at_words: _Rows

    @property
    def words(self) -> list[_Rows]:
        """Per kind of n-gram the rows of those that begin with the first words."""
        return _whole(self.at_words, WORDS)


class Grams(NamedTuple):
    """The features of a text as rows of the table.

    Attributes:
        rows: All of them in one array, of which the others are parts: to look up many at once
            costs less than to do it part by part. First those of characters, length by length, then
            kind by kind those of words and behind these those of senses.
        at_chars: Per length of an n-gram the row of the one that begins at each character; those
            at the end that the text is too short for mean nothing.
        starts: Where words begin.
        at_words: The same per kind of n-gram of words for each word.
        senses: The same of the words whose sense is known.
        said: The characters at which what begins says nothing new, some of them twice.
        said_alone: The same of the end of the text by itself, as if nothing stood before it.
        begin: Where that begins.
    """

    rows: _Rows
    at_chars: _Rows
    starts: Places
    at_words: _Rows
    senses: Senses
    said: Places
    said_alone: Places
    begin: int

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Per character whether what begins there says nothing new."""
        return _marked(self.said, self.at_chars.shape[1])

    @property
    def alone(self) -> NDArray[np.bool_]:
        """The same of the end of the text by itself."""
        return _marked(self.said_alone, self.at_chars.shape[1] - self.begin)

    @property
    def chars(self) -> list[_Rows]:
        """Per length of an n-gram the rows of those that begin at the first characters."""
        return _whole(self.at_chars, CHARS)

    @property
    def words(self) -> list[_Rows]:
        """Per kind of n-gram of words the rows of those that begin with the first words."""
        return _whole(self.at_words, WORDS)


def _marked(places: Places, size: int) -> NDArray[np.bool_]:
    found = np.zeros(size, np.bool_)
    found[places] = True
    return found


def _whole(rows: _Rows, lengths: tuple[int, ...]) -> list[_Rows]:
    size = rows.shape[1]
    return [
        one[: size - length + 1]
        for one, length in zip(rows, lengths, strict=True)
        if length <= size or length == 1
    ]


def _folded(code: int) -> int:
    """What stands for a character: lower case, any digit as 0, any blank as a space."""
    char = chr(code)
    if char.isdigit():
        return ord("0")
    if char.isspace() or not code:
        return ord(" ")
    lower = char.lower()
    return ord(lower) if len(lower) == 1 else code


_ASCII: Final = bytes(_folded(code) if code < 128 else code for code in range(256))


@cache
def _fold_table() -> NDArray[np.uint32]:
    return np.array([_folded(code) for code in range(_TABLE)], np.uint32)


@cache
def _word_table() -> NDArray[np.bool_]:
    return np.array([chr(code).isalnum() or code in (39, 95) for code in range(_TABLE)])


@cache
def _powers() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The powers of the factor and of its inverse, for the hashes of words."""
    up = np.full(LONGEST + 1, _FACTOR, np.uint32)
    down = np.full(LONGEST + 1, pow(_FACTOR, -1, 1 << 32), np.uint32)
    up[0] = down[0] = 1
    rising = np.multiply.accumulate(up, dtype=np.uint32)
    return rising, np.multiply.accumulate(down, dtype=np.uint32)


def codes_of(text: str) -> Codes:
    """The folded code points of ``text``."""
    if text.isascii():
        return np.frombuffer(text.encode().translate(_ASCII), np.uint8).astype(np.uint32)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    wide = np.where((codes >= 0xFF01) & (codes <= 0xFF5E), codes - np.uint32(0xFEE0), codes)
    return np.where(wide < _TABLE, _fold_table().take(wide, mode="clip"), wide)


def grams(codes: Codes, *, wide: bool, begin: int = 0) -> Grams:
    """The features of at most ``LONGEST`` code points.

    Args:
        codes: The folded code points.
        wide: Whether there are any beyond ASCII among them.
        begin: Where the end begins of which it is asked as well what it says by itself.
    """
    size = len(codes)
    mixed = np.multiply(codes, _MIX)
    starts, words = _words(codes, mixed, wide=wide)
    known, senses = _senses(words, wide=wide)
    count, told = len(words), len(known)
    # What stands in places of which nothing is meant is not asked for, but is some row.
    rows = np.empty(len(CHARS) * size + len(WORDS) * (count + told), np.uint32)
    at_chars = rows[: len(CHARS) * size].reshape(len(CHARS), size)
    at_words = rows[len(CHARS) * size :].reshape(len(WORDS), -1)
    _char_grams(mixed, at_chars)
    # Of four characters on, a hash of eight is that of two halves.
    fours = at_chars[_FOUR, : max(size - 3, 0)]
    said, said_alone = _repeated(codes, fours, begin)
    _word_grams(np.concatenate((words, senses)) if told else words, at_words)
    np.right_shift(rows, _SHIFT, rows)
    sense_rows = Senses(starts[known], at_words[:, count:])
    return Grams(rows, at_chars, starts, at_words[:, :count], sense_rows, said, said_alone, begin)


def _char_grams(mixed: Codes, found: _Rows) -> None:
    """Puts the hashes of the n-grams of characters there, each length in a row."""
    size = len(mixed)
    rolling = np.multiply(mixed[:-1], _STEP)
    np.add(rolling, mixed[1:], rolling)
    for length, row in zip(CHARS, found, strict=True):
        if length > size:
            break
        longer = row[: size - length + 1]
        np.multiply(rolling[:-1], _STEP, longer)
        np.add(longer, mixed[length - 1 :], longer)
        rolling = longer


def _repeated(codes: Codes, fours: Codes, begin: int) -> tuple[Places, Places]:
    """At which characters something begins that was just there, so that it counts once.

    That are runs of at least four equal characters (rulers, tables, padding) but for their end, and
    eight characters that stand in the 225 before as well: a sentence said twelve times over is as
    suspect as said once. Some places may be there twice.

    Args:
        codes: The characters.
        fours: The hashes of all n-grams of four of them.
        begin: Where the end begins that is asked for as well.

    Returns:
        Those of all, and those of the end by itself.
    """
    found = alone = _NOWHERE
    same = np.equal(codes[1:], codes[:-1])
    if _FOUR_EQUAL in same.tobytes():
        found = (same[1:-1] & same[:-2] & same[2:]).nonzero()[0]
        alone = _behind(found, begin)
    if len(codes) > _REPEAT:
        eights = np.multiply(fours[:-4], _STEP_OF_FOUR)
        np.add(eights, fours[4:], eights)
        if len(eights) > _FEW or len(set(eights.tolist())) < len(eights):
            again, more = _again(eights, begin)
            if not len(found):
                return again, more
            return np.concatenate((found, again)), np.concatenate((alone, more))
    return found, alone


def _behind(places: Places, begin: int) -> Places:
    """Those of some places that stand in the end of a text, from where that begins."""
    return places[places >= begin] - begin if begin else places


def _again(hashes: Codes, begin: int) -> tuple[Places, Places]:
    """The places of the hashes that stand at one soon before as well; the same of the end."""
    keys = hashes.astype(np.uint64)
    np.left_shift(keys, _HALF, keys)
    np.bitwise_or(keys, _places()[: len(keys)], keys)
    keys.sort()
    later, earlier = keys[1:], keys[:-1]
    again = np.less_equal(np.subtract(later, earlier), _NEAR).nonzero()[0]
    places = _placed(later.take(again))
    if not begin or not len(again):
        return places, places
    # What was said before the end begins, the end by itself does not say again.
    return places, _behind(places[_placed(earlier.take(again)) >= begin], begin)


def _placed(keys: NDArray[np.uint64]) -> Places:
    return np.bitwise_and(keys, _PLACE).astype(np.intp)


@cache
def _places() -> NDArray[np.uint64]:
    return np.arange(LONGEST, dtype=np.uint64)


def _word_grams(words: _Rows, found: _Rows) -> None:
    """Puts the hashes of the n-grams of words there, each kind in a row."""
    found[0] = words
    if len(words) > 1:
        pairs, apart, triples = found[1, :-1], found[2, :-2], found[3, :-2]
        np.multiply(words[:-1], _PAIR, pairs)
        np.add(pairs, words[1:], pairs)
        last = words[2:]
        np.multiply(words[:-2], _SKIP, apart)
        np.add(apart, last, apart)
        np.multiply(pairs[:-1], _THIRD, triples)
        np.add(triples, last, triples)


@cache
def _sense_table() -> NDArray[np.uint8]:
    """The sense of the word, or of the two words, that have a row; 0: none."""
    table = np.zeros(1 << BITS, np.uint8)
    for number, word in words_by_sense():
        codes = codes_of(word)
        hashes = _words(codes, codes * _MIX, wide=not word.isascii())[1]
        if len(hashes) > 1:
            hashes = hashes[:1] * _PAIR + hashes[1:2]
        table[hashes >> _SHIFT] = number
    return table


def _senses(words: _Rows, *, wide: bool) -> tuple[Places, _Rows]:
    """Which words have a known sense, and what stands for them in its place."""
    table = _sense_table()
    sense = table.take(np.right_shift(words, _SHIFT))
    if wide:
        pairs = words[:-1] * _PAIR + words[1:]
        np.maximum(sense[:-1], table.take(np.right_shift(pairs, _SHIFT)), out=sense[:-1])
    known = sense.nonzero()[0]
    return known, _SENSES.take(sense.take(known))


def _words(codes: Codes, mixed: Codes, *, wide: bool) -> tuple[Places, _Rows]:
    """Where words begin, and their hashes. A character of a script without blanks is a word."""
    size = len(codes)
    word = np.zeros(size + 2, np.bool_)
    _word_table().take(codes, None, word[1:-1], "clip")
    sums = np.empty(size + 1, np.uint32)
    sums[0] = 0
    up, down = _powers()
    np.add.accumulate(np.multiply(mixed, up[:size]), 0, None, sums[1:])
    if wide:
        starts, ends = _wide_words(codes, word[1:-1])
        return starts, (sums.take(ends) - sums.take(starts)) * down.take(starts)
    edges = np.not_equal(word[1:], word[:-1]).nonzero()[0]
    starts, at_edges = edges[::2], sums.take(edges)
    return starts, np.multiply(np.subtract(at_edges[1::2], at_edges[::2]), down.take(starts))


def _wide_words(codes: Codes, word: NDArray[np.bool_]) -> tuple[Places, Places]:
    high = codes >= _TABLE
    sign = ((codes >= 0x3000) & (codes <= 0x303F)) | (codes >= 0xFE00) | (codes < 0x2E80)
    word = np.where(high, ~sign, word)
    alone = (codes >= 0x3040) & (codes <= 0x9FFF)
    joined = word & ~alone
    goes_on = joined[1:] & joined[:-1]
    first, last = word.copy(), word.copy()
    first[1:] &= ~goes_on
    last[:-1] &= ~goes_on
    return np.flatnonzero(first), np.flatnonzero(last) + 1
