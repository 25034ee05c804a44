"""Personal data: expressions find candidates, validators decide, words to the left raise a score.

Entity names are Presidio's. Scores: 0.9 and more for what carries check digits, 0.5 to 0.8 for
what is well-formed and plausible, less for what is only well-formed.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.numbers import card_issuer, iban_expression, is_iban, is_ssn, luhn
from gateway.scan.phone import international, national
from gateway.scan.stand_ins import DOMAIN

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["PII"]

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
_SSN_WORDS: Final = ("ssn", "social security", "soc sec", "social-security", "taxpayer", "itin")
_VERSION_WORDS: Final = ("version", "release", "revision", "build", "section", "chapter", " ver")
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
    return 0.95 if is_iban(found.value) else None


def _ssn(found: Candidate) -> float | None:
    if _touches_digits(found) or found.before[-1:] == "-" or found.after == "-":
        return None
    value = found.value
    context = _near(found.before, _SSN_WORDS)
    if value.isdigit():
        return 0.7 if context and is_ssn(value) else None
    separator = value[3]
    if value[6] != separator or not is_ssn(value.replace(separator, "")):
        return None
    return 0.95 if context else 0.85 if separator == "-" else 0.55


def _ipv4(found: Candidate) -> float | None:
    before = found.before[-1:]
    if before.isalnum() or before in (".", "_", "-") or found.after.isalnum():
        return None
    try:
        address = IPv4Address(found.value)
    except AddressValueError:
        return None
    if _near(found.before[-24:], _VERSION_WORDS):
        return 0.2
    return _address_score(address)


def _ipv6(found: Candidate) -> float | None:
    before = found.before[-1:]
    if before.isalnum() or before in (":", ".") or found.after.isalnum() or found.after == ":":
        return None
    try:
        address = IPv6Address(found.value)
    except AddressValueError:
        return None
    digits = sum(char in _DIGITS for char in found.value)
    return _address_score(address) if digits and len(found.value) > 4 else 0.3


def _address_score(address: IPv4Address | IPv6Address) -> float:
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return 0.4
    return 0.55 if address.is_private else 0.8


def _touches_digits(found: Candidate) -> bool:
    """Whether the value is a part of a longer number, or of a word."""
    before = found.before[-2:]
    inside = len(before) == 2 and before[1] in ".,-" and before[0] in _DIGITS
    return before[-1:].isalnum() or before[-1:] == "_" or inside or found.after.isalnum()


def _near(before: str, words: tuple[str, ...]) -> bool:
    lowered = before.lower()
    return any(word in lowered for word in words)


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
    make("pii", "IBAN_CODE", iban_expression(), _iban, ignore_case=True),
    make("pii", "US_SSN", r"\b\d{3}[ .-]\d{2}[ .-]\d{4}", _ssn, rule="ssn"),
    make("pii", "US_SSN", r"\b\d{9}\b", _ssn, rule="ssn-plain"),
    make("pii", "PHONE_NUMBER", r"(?:\+|00)\d[\d ().\-/]{6,22}", international, rule="phone"),
    make("pii", "PHONE_NUMBER", r"(?:\(|\b\d)[\d ().\-/]{6,20}", national, rule="phone-national"),
    make("pii", "IP_ADDRESS", r"\b\d{1,3}(?:\.\d{1,3}){3,5}", _ipv4, rule="ipv4"),
    make(
        "pii",
        "IP_ADDRESS",
        r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}(?:\.\d{1,3}){0,4})?",
        _ipv6,
        rule="ipv6",
    ),
)
