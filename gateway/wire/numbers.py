"""What numbers say: card, account and telephone numbers are sent as numbers, too.

A number whose whole part has nine digits and more is a text: those digits and, where it has a
fraction, that. How it is written makes no difference: ``4.1e15`` says what ``4100000000000000.0``
and ``4100000000000000`` say.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

__all__ = ["Spelt", "said_by", "said_by_spelling"]

_LONG: Final = 9
_MOST: Final = 100
"""No number that a person has is longer."""


class Spelt(float):
    """A number with a fraction or an exponent that remembers how it was written.

    Attributes:
        source: As it was written; a float keeps the first 17 digits only.
    """

    __slots__ = ("source",)

    def __init__(self, source: str) -> None:
        self.source = source


def said_by(number: float) -> str | None:
    """What a number of JSON says; None where it is too short to be a text."""
    if type(number) is int:
        if abs(number) < 10 ** (_LONG - 1):
            return None
        # Python refuses to spell integers of more than 4 300 digits.
        return str(number) if abs(number) < 10**_MOST else None
    if abs(number) < 10 ** (_LONG - 1):
        return None
    return said_by_spelling(number.source if isinstance(number, Spelt) else repr(number))


def said_by_spelling(source: str) -> str | None:
    """The same of a number as JSON has it written.

    Args:
        source: A number in the grammar of JSON.
    """
    digits = source.removeprefix("-")
    if digits.isdecimal():
        return source if len(digits) >= _LONG else None
    try:
        number = Decimal(source)
    except InvalidOperation:
        # The exponent is beyond everything.
        return None
    if not number or not _LONG <= number.adjusted() + 1 <= _MOST:
        return None
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
