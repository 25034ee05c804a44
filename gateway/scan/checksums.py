"""Check digits and dates in identifiers, each after the rule of who issues them.

All take the compact form: upper-case letters and digits, with no separators, of a length that the
caller has checked.
"""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "alternating",
    "crosswise",
    "day_of_month",
    "icao",
    "is_date",
    "mod_11_10",
    "verhoeff",
    "weighted",
]

_MULTIPLY: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTE: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def weighted(digits: str, weights: Iterable[int]) -> int:
    """The sum of the digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def crosswise(digits: str, weights: Iterable[int]) -> int:
    """The sum of the digits of those products."""
    products = (int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
    return sum(product // 10 + product % 10 for product in products)


def alternating(letter: str) -> str:
    """A letter as the two digits of its place in the alphabet: A is 01."""
    return f"{ord(letter) - 64:02d}"


def icao(value: str) -> int:
    """The check digit of a machine-readable travel document (ICAO Doc 9303, part 3)."""
    return sum(int(char, 36) * (7, 3, 1)[at % 3] for at, char in enumerate(value)) % 10


def mod_11_10(digits: str) -> bool:
    """Whether the last digit is right (ISO/IEC 7064 MOD 11,10)."""
    check = 5
    for digit in digits:
        check = ((check or 10) * 2 % 11 + int(digit)) % 10
    return check == 1


def verhoeff(digits: str) -> bool:
    """Whether the last digit is right after Verhoeff's scheme."""
    check = 0
    for at, digit in enumerate(reversed(digits)):
        check = _MULTIPLY[check][_PERMUTE[at % 8][int(digit)]]
    return check == 0


def day_of_month(day: str, month: str) -> bool:
    """Whether some year has such a day."""
    return 1 <= int(month) <= 12 and 1 <= int(day) <= monthrange(2000, int(month))[1]


def is_date(year: int, month: str, day: str) -> bool:
    """Whether that year has such a day."""
    return 1 <= int(month) <= 12 and 1 <= int(day) <= monthrange(year, int(month))[1]
