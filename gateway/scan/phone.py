"""Telephone numbers: well-formed candidates, judged by the numbering plans of ``phonenumbers``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import phonenumbers

from gateway.scan.phone_plans import may_be_valid
from gateway.scan.zones import Around, Zones, outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.detector import Candidate, Check

__all__ = ["INTERNATIONAL", "NATIONAL", "PLANS", "international", "national_of"]

PLANS: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""The countries whose numbering plans are known (ISO 3166-1)."""
_FORMATTED: Final = ("US", "CA")
"""Where numbers are written so alike that their form tells them."""
_WORDS: Final = re.compile(
    r"phone|\b(?:call(?:ed|ing|s)?|tel|telef\w+|téléph\w+|mobile?|mobiles|cell|cellular|fax|sms"
    r"|whatsapp|contact|dial|ring|rang|reach|text me|handy|handynummer|rufnummer|portable|appel\w*"
    r"|móvil|llam\w*|cellulare|komórk\w*"
    r"|(?:my|her|his|their|our|your|home|work|office|us|uk|american|israeli) number)\b|전화|휴대폰"
)
_NEAR: Final = 40
"""Characters before a number in which such a word tells."""
_TOLD: Final = Around(
    r"(?i)phone|call|tel|téléph|mobil|cell|fax|sms|whatsapp|contact|dial|ring|rang|reach|text me"
    r"|handy|rufnummer|portable|appel|móvil|llam|komórk|number|전화|휴대폰",
    after=_NEAR,
)
"""Where one of the words may stand before: each of them begins so."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_AS_IN_US: Final = re.compile(
    "(?:1|(?!1))[^0-9]*[0-9]{3}[^0-9]+[0-9]{3}[^0-9]+[0-9]{4}[^0-9,x]*(?:(?:[,x]|ext).*)?"
)
_MOST_BEFORE: Final = 24
"""Characters of a number before its first group of three digits, of which it has three."""
INTERNATIONAL: Final = Zones(Around(outside("0-9A-Za-z") + r"\+[0-9]"), _TOLD)
"""Where ``international`` may confirm a number: ``00`` is for nothing without a word."""
NATIONAL: Final = Zones(
    Around("[0-9]{3}[^0-9]+[0-9]{3}[^0-9]+[0-9]{4}", before=_MOST_BEFORE), _TOLD
)
"""Where what ``national_of`` gives may confirm one."""
_INSIDE: Final = tuple("+_/.,-")
_ENDS: Final = " ().-/"


def international(found: Candidate) -> tuple[float, int] | None:
    """A number with its country code, after ``+`` or ``00``."""
    if found.before[-1:].isalnum() or _runs_on(found):
        return None
    value = found.value
    if value.startswith("00") and not _told(found.before):
        return None
    number = "+" + value[2:] if value.startswith("00") else value
    shift = len(value) - len(number)
    return next(
        ((0.8, shift + end) for end in _ends(number) if _valid(number[:end], "US")),
        None,
    )


def national_of(regions: tuple[str, ...]) -> Check:
    """Finds numbers without a country code: formatted as in the US, or after a telling word."""
    formatted = [region for region in _FORMATTED if region in regions]

    def national(found: Candidate) -> tuple[float, int] | None:
        before = found.before[-1:]
        if before.isalnum() or before in _INSIDE or _runs_on(found):
            return None
        told = _told(found.before)
        for end in _ends(found.value):
            number = found.value[:end]
            if told and _is_of(number, regions):
                return 0.7, end
            if formatted and _formatted(number) and _is_of(number, formatted):
                return 0.6, end
        return None

    return national


def _is_of(number: str, regions: Sequence[str]) -> bool:
    return any(_valid(number, region) for region in regions)


def _runs_on(found: Candidate) -> bool:
    """Whether the last digit and the next character are of one word."""
    return found.value[-1:].isdigit() and found.after.isalnum()


def _formatted(number: str) -> bool:
    """Whether it is written as people in the US write one: (212) 555-0123, 212.555.0123."""
    return _AS_IN_US.fullmatch(number) is not None


def _ends(value: str) -> list[int]:
    """Where the value may end: at its last digit, or before a group at a blank."""
    end = len(value.rstrip(_ENDS))
    ends = [end]
    while len(ends) < 4 and (end := value.rfind(" ", 0, end)) > 6:
        ends.append(len(value[:end].rstrip(_ENDS)))
    return [end for end in ends if end > 6]


def _told(before: str) -> bool:
    near = before[-_NEAR:]
    # In a column of numbers there is no word, and many numbers.
    return _LETTER.search(near) is not None and _WORDS.search(near.lower()) is not None


@lru_cache(maxsize=2048)
def _valid(number: str, region: str) -> bool:
    if not may_be_valid(number, region):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
