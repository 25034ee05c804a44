"""Personal data: expressions find candidates, validators decide, words to the left raise a score.

Entity names are Presidio's. Scores: 0.9 and more for what carries check digits, 0.5 to 0.8 for
what is well-formed and plausible, less for what is only well-formed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from gateway.scan import (
    pii_asia,
    pii_britain,
    pii_dates,
    pii_europe,
    pii_germany,
    pii_names,
    pii_network,
    pii_places,
    pii_us,
)
from gateway.scan.detector import make
from gateway.scan.identifier import detector_of
from gateway.scan.numbers import card_issuer, iban_expression, is_iban, luhn
from gateway.scan.phone import INTERNATIONAL, NATIONAL, international, national_of
from gateway.scan.stand_ins import DOMAIN

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["PII", "national_phone"]

_CARD_WORDS: Final = (
    "card",
    "visa",
    "master",
    "amex",
    "american express",
    "credit",
    "debit",
    "kart",
)
_FILES: Final = ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "py", "json", "md")
_DIGITS: Final = frozenset("0123456789")


def _email(found: Candidate) -> float | None:
    local, _, domain = found.value.rpartition("@")
    if local.endswith(".") or ".." in local or found.before.endswith("@"):
        return None
    if domain.lower() == DOMAIN:
        return None
    if any(not label or label[0] == "-" or label[-1] == "-" for label in domain.split(".")):
        return None
    return None if domain.rpartition(".")[2].lower() in _FILES else 0.95


def _card(found: Candidate) -> float | None:
    if _touches_digits(found):
        return None
    digits = found.value.replace(" ", "").replace("-", "")
    if not card_issuer(digits) or not luhn(digits) or len(set(digits)) == 1:
        return None
    return 1.0 if _near(found.before, _CARD_WORDS) else 0.9


def _iban(found: Candidate) -> float | None:
    if found.before[-1:].isalnum() or found.after.isalnum():
        return None
    mixed = found.value not in (found.value.upper(), found.value.lower())
    return 0.95 if is_iban(found.value) and not mixed else None


def _touches_digits(found: Candidate) -> bool:
    """Whether the value is a part of a longer number, or of a word."""
    before = found.before[-2:]
    inside = len(before) == 2 and before[1] in ".,-" and before[0] in _DIGITS
    return before[-1:].isalnum() or before[-1:] == "_" or inside or found.after.isalnum()


def _near(before: str, words: tuple[str, ...]) -> bool:
    lowered = before.lower()
    return any(word in lowered for word in words)


_EXTENSION: Final = r"(?:,? ?(?:x|ext\.?) ?\d{1,6})?"
_LABEL: Final = "[A-Za-z0-9][A-Za-z0-9-]{0,62}"

PII: Final[tuple[Detector, ...]] = (
    make(
        "pii",
        "EMAIL_ADDRESS",
        rf"[A-Za-z0-9_][A-Za-z0-9_.%+'-]{{0,63}}@(?:{_LABEL}\.){{1,6}}[A-Za-z]{{2,24}}",
        _email,
    ),
    make("pii", "CREDIT_CARD", r"\b[2-6]\d{3}(?:[ -]?\d{4}){3}", _card, rule="card-16"),
    make("pii", "CREDIT_CARD", r"\b3\d{3}[ -]?\d{6}[ -]?\d{4,5}", _card, rule="card-14-15"),
    make("pii", "CREDIT_CARD", r"\b[2-6]\d{11,18}", _card, rule="card-plain"),
    make(
        "pii",
        "IBAN_CODE",
        iban_expression(),
        _iban,
        ignore_case=True,
        trigger="[A-Za-z]{2}[0-9]{2}",
    ),
    make(
        "pii",
        "PHONE_NUMBER",
        r"(?:\+|00)\d[\d ().\-/]{6,22}" + _EXTENSION,
        international,
        rule="phone",
        zones=INTERNATIONAL,
    ),
    detector_of(
        (
            *pii_us.FORMATS,
            *pii_britain.FORMATS,
            *pii_germany.FORMATS,
            *pii_europe.FORMATS,
            *pii_asia.FORMATS,
        )
    ),
    *pii_germany.DETECTORS,
    *pii_network.DETECTORS,
    *pii_dates.DETECTORS,
    *pii_names.DETECTORS,
    *pii_places.DETECTORS,
)


@cache
def national_phone(regions: tuple[str, ...]) -> Detector:
    """Finds telephone numbers of these countries, written without their code."""
    return make(
        "pii",
        "PHONE_NUMBER",
        r"(?:\(|\b\d)[\d ().\-/]{6,20}" + _EXTENSION,
        national_of(regions),
        rule="phone-national",
        regions=regions,
        zones=NATIONAL,
    )
