"""Check digits and number ranges of cards, bank accounts and social security numbers."""

from __future__ import annotations

from typing import Final

__all__ = ["card_issuer", "iban_expression", "is_iban", "is_ssn", "luhn"]

# ISO 13616 registry: length of the account numbers of each country.
_IBAN_LENGTHS: Final = {
    15: "NO",
    16: "BE",
    18: "DK FK FO FI GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
# ISO/IEC 7812 ranges: first and last prefix, and the lengths of the numbers.
_ISSUERS: Final = (
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),
    ("36", "36", (14, 16)),
    ("38", "39", (14, 16)),
    ("3528", "3589", (16,)),
    ("50", "50", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("56", "59", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("60", "69", (12, 13, 14, 15, 16, 17, 18, 19)),
)


def luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card_issuer(digits: str) -> bool:
    """Whether some issuer has card numbers that begin like this and are so long."""
    return any(
        first <= digits[: len(first)] <= last and len(digits) in lengths
        for first, last, lengths in _ISSUERS
    )


def iban_expression() -> str:
    """An expression of country, check digits and exactly as many characters as follow there."""
    parts = (
        f"(?:{countries.replace(' ', '|')})"
        rf"\d{{2}}(?:[ -]?[A-Z0-9]){{{length - 4}}}"
        for length, countries in _IBAN_LENGTHS.items()
    )
    return "|".join(parts)


def is_iban(value: str) -> bool:
    """Whether the check digits are right (ISO 13616, ISO/IEC 7064 MOD 97-10)."""
    plain = value.replace(" ", "").replace("-", "").upper()
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def is_ssn(digits: str) -> bool:
    """Whether such a number may have been issued: no zero part, no area 666 or from 900 on."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if area in ("000", "666") or area >= "900" or group == "00" or serial == "0000":
        return False
    # Printed in advertisements, never anybody's own; and keyboard runs.
    return digits not in ("078051120", "219099999", "123456789") and len(set(digits)) > 1
