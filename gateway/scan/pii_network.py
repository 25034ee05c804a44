"""Addresses of machines, wallets and pages: IP, MAC, Bitcoin, Ethereum, URL."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.wallets import is_base58check, is_bech32, is_eip55
from gateway.scan.zones import Around, Zones, outside

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["DETECTORS"]

_VERSION_WORDS: Final = ("version", "release", "revision", "build", "section", "chapter", " ver")
_ADDRESS_WORDS: Final = ("ip", "addr", "host", "src", "dst", "source", "dest", "route", "gateway",
                         "loopback", "unspecified", "bind", "listen", "server", "prefix",
                         "subnet")  # fmt: skip
_FEWEST_COLONS: Final = 6
"""In an address of IPv6 without ``::``, whose end may be one of IPv4."""
_DIGITS: Final = frozenset("0123456789")
_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAINS: Final = "com|org|net|edu|gov|mil|info|biz|site|online|shop"
"""Top level domains that are told from file names and attributes even without a scheme."""
_COUNTRIES: Final = "au|br|ca|ch|cn|de|es|eu|fr|il|in|it|jp|kr|nl|nz|pl|ru|se|sg|uk|us|za"
_SECOND: Final = "ac|co|com|edu|gov|net|org"


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
    if "::" not in found.value and found.value.count(":") < _FEWEST_COLONS:
        return None
    try:
        address = IPv6Address(found.value)
    except AddressValueError:
        return None
    digits = sum(char in _DIGITS for char in found.value)
    if digits and len(found.value) > 4:
        return _address_score(address)
    # In prose and code ``::`` and ``a::b`` are seldom addresses.
    return 0.5 if _is_meant(found) else 0.3


def _is_meant(found: Candidate) -> bool:
    before = found.before
    if found.value == "::1" and (not before or before[-1] in " \t\n[('\"="):
        return True
    return not before or _near(before[-24:], _ADDRESS_WORDS)


def _address_score(address: IPv4Address | IPv6Address) -> float:
    """Nobody is found by the address of every machine for itself, or of none; yet it is one."""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return 0.5
    return 0.55 if address.is_private else 0.8


def _mac(found: Candidate) -> float | None:
    before, after = found.before[-1:], found.after
    if before.isalnum() or before in (":", "-", ".", "_") or after.isalnum() or after in (":", "-"):
        return None
    digits = {char for char in found.value.upper() if char.isalnum()}
    return 0.75 if len(digits) > 1 else None


def _bitcoin(found: Candidate) -> float | None:
    if _in_word(found):
        return None
    value = found.value
    right = is_bech32(value) if value[:3].lower() == "bc1" else is_base58check(value)
    return 0.95 if right else None


def _ethereum(found: Candidate) -> float | None:
    if _in_word(found):
        return None
    digits = found.value[2:]
    if digits in (digits.lower(), digits.upper()):
        return 0.6 if len(set(digits)) > 4 else None
    return 0.95 if is_eip55(found.value) else None


def _url(found: Candidate) -> tuple[float, int] | None:
    if found.before[-1:].isalnum():
        return None
    value = found.value.rstrip(".,;:!?'*")
    if value.endswith(")") and "(" not in value:
        value = value[:-1]
    return (0.6, len(value)) if len(value) > 10 else None


def _domain(found: Candidate) -> float | None:
    before, after = found.before[-1:], found.after
    if before.isalnum() or before in ("@", ".", "-", "_", "/", "\\", "$") or before > "\u024f":
        return None
    return None if after.isalnum() or after in ("@", "(", "_", "-", "=") else 0.5


def _in_word(found: Candidate) -> bool:
    before, after = found.before[-1:], found.after
    return before.isalnum() or before == "_" or after.isalnum() or after == "_"


def _near(before: str, words: tuple[str, ...]) -> bool:
    lowered = before.lower()
    return any(word in lowered for word in words)


# What addresses have that are ones; what stands before comes before these.
_IPV4: Final = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:\z|[^0-9A-Za-z.]|\.(?:\z|[^0-9]))"
_GROUP: Final = "[0-9A-Fa-f]{1,4}:"
_IPV6: Final = f"(?:(?:{_GROUP}){{{_FEWEST_COLONS}}}|(?:{_GROUP}){{1,6}}:|::)"
_HEX: Final = "[0-9A-Fa-f]"
_MAC: Final = (
    rf"(?:{_HEX}{{2}}(?:[:-]{_HEX}{{2}}){{5}}|{_HEX}{{4}}(?:\.{_HEX}{{4}}){{2}})"
    r"(?:\z|[^0-9A-Za-z:-])"
)

DETECTORS: Final[tuple[Detector, ...]] = (
    make(
        "pii",
        "IP_ADDRESS",
        r"\b\d{1,3}(?:\.\d{1,3}){3,5}",
        _ipv4,
        rule="ipv4",
        zones=Zones(Around(outside("0-9A-Za-z._-") + _IPV4)),
    ),
    make(
        "pii",
        "IP_ADDRESS",
        r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}(?:\.\d{1,3}){0,4})?",
        _ipv6,
        rule="ipv6",
        # Times of day look like an address, but for what all addresses have.
        trigger=f"::|(?:{_GROUP}){{{_FEWEST_COLONS}}}",
        zones=Zones(Around(outside("0-9A-Za-z:.") + _IPV6)),
    ),
    make(
        "pii",
        "MAC_ADDRESS",
        r"\b(?:[0-9A-F]{2}(?:(?::[0-9A-F]{2}){5}|(?:-[0-9A-F]{2}){5})|[0-9A-F]{4}(?:\.[0-9A-F]{4}){2})\b",
        _mac,
        ignore_case=True,
        zones=Zones(Around(outside("0-9A-Za-z:._-") + _MAC)),
    ),
    make("pii", "CRYPTO", r"\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\b", _bitcoin, rule="bitcoin"),
    make("pii", "CRYPTO", r"\b(?:bc1|BC1)[0-9A-Za-z]{11,71}\b", _bitcoin, rule="bitcoin-segwit"),
    make("pii", "CRYPTO", r"\b0x[0-9A-Fa-f]{40}\b", _ethereum, rule="ethereum"),
    make(
        "pii",
        "URL",
        r"\b(?:https?|ftp)://[^\s<>\"'`{}|\\^\[\]]{4,500}",
        _url,
        ignore_case=True,
        rule="url",
    ),
    make(
        "pii",
        "URL",
        rf"\b(?:{_LABEL}\.){{1,4}}(?:{_DOMAINS}|(?:{_SECOND})\.(?:{_COUNTRIES}))\b",
        _domain,
        rule="domain",
    ),
)
