r"""What stands for a value that was taken out of a text: its shapes, and how it is found again.

A stand-in is ``<EMAIL_ADDRESS_7f3a9c21d0>``, or has the format of what it stands for: an e-mail
address under ``.invalid`` (RFC 2606), a telephone number of the country code 999, which nobody
has, or a card number that begins with 9999, which no issuer has (ISO/IEC 7812 gives 9 to nations).

Models copy them with small changes. What is found again in spite of those: other case, spaces
and ends of lines inside, a backslash before a sign as Markdown and JSON write it, missing angle
brackets; escapes and invisible characters are undone by the normaliser, as in every text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.normalise import unfold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.scan.detector import Candidate, Detector

__all__ = [
    "DIGITS",
    "DOMAIN",
    "STAND_IN",
    "UNKNOWN_STAND_IN",
    "bracketed",
    "canonical",
    "detectors_of",
    "formatted",
]

STAND_IN: Final = "stand_in"
"""The kind of the detectors that find stand-ins."""
UNKNOWN_STAND_IN: Final = "UNKNOWN_STAND_IN"
"""What a stand-in is called that was not issued to this caller for this conversation."""
DIGITS: Final = 10
"""Hexadecimal digits that tell stand-ins of one entity apart: 40 bits."""
DOMAIN: Final = "stand-in.invalid"
"""Under which stand-ins of e-mail addresses are, and no real one (RFC 2606)."""

_PHONE: Final = "+999"
_CARD: Final = "9999"
_LAYERS: Final = 3
_SIGNS: Final = re.compile(r"[^0-9a-z]+")
# Between the parts of a name: an underscore, which Markdown escapes, or what a model makes of it,
# also where it breaks its lines.
_GAP: Final = r"(?:\\{0,2}[_ \n-]|\r\n){0,3}"
_ESCAPED_GAP: Final = r"\\{1,2}_"


def bracketed(entity: str, tag: bytes) -> str:
    """The stand-in of a value of ``entity``; ``tag`` has at least five bytes."""
    return f"<{entity}_{tag.hex()[:DIGITS]}>"


def formatted(entity: str, tag: bytes) -> str:
    """A stand-in that keeps the format of ``entity``; ``tag`` has at least eight bytes."""
    if entity == "EMAIL_ADDRESS":
        return f"u{tag.hex()[:DIGITS]}@{DOMAIN}"
    number = int.from_bytes(tag[:8])
    if entity == "PHONE_NUMBER":
        return f"{_PHONE}{number % 10**10:010d}"
    digits = f"{_CARD}{number % 10**11:011d}"
    digits += _luhn_digit(digits)
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def canonical(written: str) -> str:
    """One spelling for all the ways in which a stand-in may be written."""
    for _ in range(_LAYERS):
        layer = unfold(written)
        if layer is None:
            break
        written = layer.text
    return _SIGNS.sub("", written.lower())


def detectors_of(entities: Iterable[str]) -> list[Detector]:
    """Finds stand-ins of these entities, known or not."""
    names = sorted(set(entities))
    if not names:
        return []
    found = [
        make("stand_in", STAND_IN, _spellings(names), _bracketed, ignore_case=True, rule="stand-in")
    ]
    if "EMAIL_ADDRESS" in names:
        pattern = rf"u[0-9a-f]{{{DIGITS}}}@{re.escape(DOMAIN)}"
        found.append(
            make("stand_in", STAND_IN, pattern, _email, ignore_case=True, rule="stand-in-email")
        )
    if "PHONE_NUMBER" in names:
        pattern = r"\+999(?:[ ().-]{0,2}\d){10}"
        found.append(make("stand_in", STAND_IN, pattern, _number, rule="stand-in-phone"))
    if "CREDIT_CARD" in names:
        pattern = r"9999(?:[ -]?\d{4}){3}"
        found.append(make("stand_in", STAND_IN, pattern, _number, rule="stand-in-card"))
    return found


def _spellings(names: Iterable[str]) -> str:
    """An expression for bracketed stand-ins, as they are or with all of their signs escaped.

    A backslash that stands before an unescaped one belongs to the text around it.
    """
    some = [re.escape(name) for name in names]
    plain = "|".join(name.replace("_", _GAP) for name in some)
    escaped = "|".join(name.replace("_", _ESCAPED_GAP) for name in some)
    tag, room = f"[0-9a-f]{{{DIGITS}}}", r"[ \t]{0,2}"
    return (
        rf"\\{{1,2}}<{room}(?:{escaped}){_ESCAPED_GAP}{tag}{room}\\{{1,2}}>"
        rf"|(?:<{room})?(?:{plain}){_GAP}{tag}(?:{room}>)?"
    )


def _bracketed(found: Candidate) -> float | tuple[float, int] | None:
    value = found.value
    opened, closed = "<" in value, value.endswith(">")
    if not opened and (_is_word(found.before[-1:]) or (not closed and _is_word(found.after))):
        return None
    if closed and not opened:
        # The sign is not the stand-in's own: it ends a tag in which this stands.
        return 1.0, len(value[:-1].rstrip("\\ \t"))
    return None if not closed and _is_word(found.after) else 1.0


def _email(found: Candidate) -> float | None:
    before, after = found.before[-1:], found.after
    return None if _is_word(before) or (after.isascii() and after.isalpha()) else 1.0


def _number(found: Candidate) -> float | None:
    before, after = found.before[-1:], found.after
    joined = _is_word(before) and found.value[0] != "+"
    return None if joined or (after.isascii() and after.isdigit()) else 1.0


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _luhn_digit(digits: str) -> str:
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(digits[::-1])]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return str(-total % 10)
