"""Whether words are likely to meet where an expression without gaps says that they do.

``data`` and ``base`` are words, but in ``database`` no word ends between them. A joint is likely
where the words that letters are best told apart as meet as well, or where known words stand on both
sides of it. A short word is found in too many others: beside it known words are asked for.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gateway.scan.leet import READ
from gateway.scan.segments import ENGLISH, is_english, segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

__all__ = ["likely"]

_BESIDE: Final = 20
"""Letters beside a match that are looked at."""
_SHORT: Final = 3
_LETTERS: Final = re.compile(r"[^\W_]+")
_APOSTROPHES: Final = ("'", "\u2019")


def likely(text: str, start: int, end: int, joints: AbstractSet[int]) -> bool:
    """Whether all joints of a match are.

    Args:
        text: Letters without gaps.
        start: Where the match begins.
        end: Where it ends.
        joints: Where words meet in it, by the expression; where a sign stands they do.
    """
    plain = text.translate(READ)
    low = _beside(text, start, -1)
    high = _beside(text, end, 1)
    cuts = sorted({low, high, *joints})
    pieces = [plain[first:last] for first, last in pairwise(cuts)]
    best = set(_meetings(plain, low, high))
    for number, cut in enumerate(cuts[1:-1], 1):
        if not _is_within(text, cut):
            continue
        left, right = pieces[number - 1], pieces[number]
        if (cut not in best or _is_short(right)) and not _ends_known(left):
            return False
        if (cut not in best or _is_short(left)) and not _begins_known(left, right):
            return False
    return True


def _beside(text: str, at: int, step: int) -> int:
    """Where the letters beside a place end, or as many as are looked at."""
    for _ in range(_BESIDE):
        beyond = at if step > 0 else at - 1
        if not 0 <= beyond < len(text) or not text[beyond].isalnum():
            break
        at += step
    return at


def _meetings(plain: str, low: int, high: int) -> Iterator[int]:
    """Where the words meet that a part of the text is best told apart as."""
    for run in _LETTERS.finditer(plain, low, high):
        at = run.start()
        for word in segment(run[0], ENGLISH):
            yield at
            at += len(word)
        yield at


def _is_within(text: str, at: int) -> bool:
    """Whether a place is between two letters of which lists of words know something."""
    return text[at - 1 : at + 1].isascii() and text[at - 1].isalnum() and text[at].isalnum()


def _is_short(piece: str) -> bool:
    return 1 < len(piece) <= _SHORT


def _ends_known(left: str) -> bool:
    """Whether a known word stands at the end of a piece, or what is left of one: ``let's``."""
    run = _LETTERS.findall(left)[-1]
    word = segment(run, ENGLISH)[-1]
    return is_english(word) or (len(word) == 1 and left[:-1].endswith(_APOSTROPHES))


def _begins_known(left: str, right: str) -> bool:
    """Whether a known word begins a piece, behind a letter that belongs to the word before it."""
    first, *others = segment(_LETTERS.findall(right)[0], ENGLISH)
    if is_english(first):
        return True
    word = _LETTERS.findall(left)[-1] + first
    return len(first) == 1 and is_english(word) and all(map(is_english, others[:1]))
