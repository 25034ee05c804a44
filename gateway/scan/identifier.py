"""Identifiers that many issuers write alike: one expression finds candidates for all of them.

Nine digits may be a bank's routing number, a tax number or a doctor's number. So all formats are
in one expression, and a candidate is asked which formats it has, whose rules it keeps, and what
the words to its left say. What is left are its readings; there may be several.

A shape is a regular expression in which ``9`` stands for a digit, ``A`` for an upper-case letter,
``a`` for any letter of ASCII, ``X`` and ``x`` for a digit or such a letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits, punctuation
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import CONTEXT, Reading, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.scan.detector import Candidate, Detector

__all__ = ["Format", "detector_of"]

_SIGNATURE: Final = str.maketrans(
    ascii_lowercase + ascii_uppercase + digits, "a" * 26 + "A" * 26 + "9" * 10
)
_SEPARATORS: Final = " -./:"
_COMPACT: Final = str.maketrans(ascii_lowercase, ascii_uppercase, _SEPARATORS)
_PLACEHOLDER: Final = re.compile(r"\{[^}]*\}|[9AaXx]")
_CANDIDATES: Final = {"9": "[0-9]", "A": "[A-Z]", "a": "[A-Za-z]", "X": "[A-Z0-9]",
                      "x": "[A-Za-z0-9]"}  # fmt: skip
_SIGNATURES: Final = {"9": "9", "A": "A", "a": "[Aa]", "X": "[A9]", "x": "[Aa9]"}
_SPACED: Final = str.maketrans(dict.fromkeys(punctuation + digits, " "))
_SHORT: Final = 5
"""Words of so few letters count as whole words only: *itin* is part of *waiting*."""
_LATIN: Final = "\u024f"
_LEAST: Final = 0.3
_CARD: Final = "9999 9999 9999 9999"
"""How the numbers of cards are printed: three groups of one are no number by themselves."""
_CARD_SIZES: Final = (len(_CARD), len(_CARD) - 5)
_CERTAIN: Final = 0.7
"""What scores so much by itself stays when the words to the left speak of something else."""


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """One way of writing one kind of identifier.

    Attributes:
        entity: What it is.
        shape: What it looks like.
        words: What people write to the left of it, in lower case.
        valid: Whether the compact value keeps the issuer's rules.
        told: Its score after one of the words.
        alone: Its score where the whole text is nothing else.
        bare: Its score anywhere; with letters in it only if they are upper case.
    """

    entity: str
    shape: str
    words: tuple[str, ...]
    valid: Callable[[str], bool] = bool
    told: float = 0.75
    alone: float = 0.5
    bare: float = 0.0


def detector_of(formats: Sequence[Format]) -> Detector:
    """One detector for all formats, which may be of many entities."""
    first, *others = dict.fromkeys(one.entity for one in formats)
    shapes = dict.fromkeys(
        _written(one, _CANDIDATES)
        for one in (_CARD.replace(" ", "[ -]"), *(one.shape for one in formats))
    )
    return make(
        "pii",
        first,
        rf"\b(?:{'|'.join(shapes)})\b",
        _Judge(formats),
        rule="identifier",
        others=tuple(others),
        trigger="[0-9]",
    )


def _written(shape: str, letters: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: letters.get(found[0], found[0]), shape)


class _Judge:
    """What a candidate may be."""

    def __init__(self, formats: Sequence[Format]) -> None:
        shaped = [(re.compile(_written(one.shape, _SIGNATURES)), one) for one in formats]
        words = {one: _Words(one.words) for one in formats}

        @lru_cache(maxsize=4096)
        def fitting(signature: str) -> _Fitting | None:
            if "9" not in signature:
                return None
            fits = [one for shape, one in shaped if shape.fullmatch(signature)]
            return _Fitting([(one, words[one]) for one in fits]) if fits else None

        self._fitting = fitting

    def __call__(self, found: Candidate) -> list[Reading] | None:
        if _is_part(found):
            return None
        value = found.value
        if _is_of_card(found):
            return None
        for end in _ends(value):
            fitting = self._fitting(value[:end].translate(_SIGNATURE))
            if fitting is not None:
                alone = end == len(value) and _is_alone(found)
                readings = fitting.readings(found.before, value[:end], alone=alone)
                if readings:
                    return readings
        return None


class _Fitting:
    """The formats of one signature."""

    __slots__ = ("_all", "_bare", "_words")

    def __init__(self, formats: Sequence[tuple[Format, _Words]]) -> None:
        self._all = formats
        self._bare = [(one, words) for one, words in formats if one.bare >= _LEAST]
        self._words = _Words(dict.fromkeys(word for one, _ in formats for word in one.words))

    def readings(self, before: str, value: str, *, alone: bool) -> list[Reading]:
        """What a value with this signature may be."""
        lowered = before.lower()
        words = frozenset(lowered.translate(_SPACED).split())
        some = self._words.occur(lowered, words)
        # Most numbers are not spoken of, and need no arithmetic.
        formats = self._all if some or alone else self._bare
        if not formats:
            return []
        compact = value.translate(_COMPACT)
        upper = value == value.upper()
        scores: dict[tuple[str, bool], float] = {}
        for one, its in formats:
            if one.valid(compact):
                told = some and its.occur(lowered, words)
                score = _score(one, told=told, alone=alone, upper=upper)
                scores[one.entity, told] = max(score, scores.get((one.entity, told), 0.0))
        least = _CERTAIN if any(told for _, told in scores) else _LEAST
        return [
            Reading(entity, score, len(value))
            for (entity, told), score in scores.items()
            if score >= (_LEAST if told else least)
        ]


class _Words:
    """Words that tell what follows them."""

    __slots__ = ("_long", "_short")

    def __init__(self, words: Iterable[str]) -> None:
        self._short = frozenset(one for one in words if _is_short(one))
        self._long = tuple(one for one in words if not _is_short(one))

    def occur(self, lowered: str, words: frozenset[str]) -> bool:
        """Whether one of them stands in ``lowered``, whose words are ``words``."""
        if not self._short.isdisjoint(words):
            return True
        return any(one in lowered for one in self._long)


def _is_short(word: str) -> bool:
    return len(word) <= _SHORT and word.isascii() and word.isalpha()


def _score(one: Format, *, told: bool, alone: bool, upper: bool) -> float:
    bare = one.bare if upper else 0.0
    if told:
        return max(one.told, bare)
    return max(one.alone, bare) if alone else bare


def _is_part(found: Candidate) -> bool:
    """Whether the value is a part of a longer word or number."""
    before, after = found.before[-2:], found.after
    if _is_letter(before[-1:]) or _is_letter(after) or after in ("@", "-"):
        return True
    if before[-1:] in ("$", "€", "£", "@", "&", "="):
        return True
    return len(before) == 2 and before[1] in "-./," and before[0].isalnum()


def _is_of_card(found: Candidate) -> bool:
    """Whether the value is the number of a card, or all of one but its first group."""
    size = len(found.value)
    if size not in _CARD_SIZES:
        return False
    whole = found.value if size == len(_CARD) else found.before[-5:] + found.value
    return whole.translate(_SIGNATURE).replace("-", " ") == _CARD


def _is_letter(char: str) -> bool:
    """Whether it makes a longer word of the value; Hangul and the like stand beside a value."""
    return char == "_" or (char.isalnum() and char <= _LATIN)


def _is_alone(found: Candidate) -> bool:
    before = found.before
    return not found.after and len(before) < CONTEXT and not before.strip()


def _ends(value: str) -> list[int]:
    """Where a value may end: at its end, or before a separator, the longest first."""
    if value.isalnum():
        return [len(value)]
    return [len(value), *(at for at in range(len(value) - 1, 4, -1) if value[at] in _SEPARATORS)]
