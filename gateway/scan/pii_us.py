"""Identifiers of the United States."""

from __future__ import annotations

import re
from typing import Final

from gateway.scan.checksums import weighted
from gateway.scan.identifier import Format
from gateway.scan.numbers import is_ssn, luhn

__all__ = ["FORMATS"]

_SSN: Final = (
    "ssn",
    "social security",
    "soc sec",
    "social-security",
    "social_security",
    "taxpayer",
)
_ITIN: Final = ("itin", "taxpayer", "tax id", "tax identification", "individual taxpayer")
_BANK: Final = (
    *("account number", "account no", "account #", "acct", "bank account", "checking", "savings"),
    *("account_number", "accountnumber", "direct deposit", "account:"),
)
_ROUTING: Final = ("routing", "aba", "rtn", "transit number", "fedwire")
_NPI: Final = ("npi", "national provider", "provider id", "provider number", "prescriber")
_MBI: Final = ("mbi", "medicare", "beneficiary")
_PASSPORT: Final = ("passport", "travel document")
_LICENSE: Final = (
    *("driver", "driving", "license", "licence", "dl", "dln", "permit", "lic", "cdl"),
    *("state id", "identification card"),
)
_DEA: Final = ("dea", "medical license", "medical licence", "prescriber", "physician license",
               "medical certificate", "registration number", "license")  # fmt: skip
_LETTER: Final = "[AC-HJKMNP-RT-Y]"
_MBI_RULE: Final = re.compile(
    rf"[1-9]{_LETTER}(?:{_LETTER}|[0-9])[0-9]{_LETTER}(?:{_LETTER}|[0-9])[0-9]{_LETTER}{{2}}[0-9]{{2}}"
)
"""All letters but S, L, O, I, B and Z, which look like digits (CMS)."""


def _itin(value: str) -> bool:
    """Groups that the IRS issues: 50 to 65, 70 to 88, 90 to 92 and 94 to 99."""
    group = int(value[3:5])
    issued = 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or group >= 94
    return value[0] == "9" and issued


def _routing(value: str) -> bool:
    """Districts of the Federal Reserve, and the check digit of the ABA."""
    district = int(value[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and value != "0" * 9 and weighted(value, (3, 7, 1) * 3) % 10 == 0


def _npi(value: str) -> bool:
    """The check digit of a card number with the prefix of US health applications."""
    return value[0] in "12" and luhn("80840" + value) and len(set(value)) > 1


def _mbi(value: str) -> bool:
    return _MBI_RULE.fullmatch(value) is not None


def _dea(value: str) -> bool:
    """A registrant's type, and the check digit of the Drug Enforcement Administration."""
    digits = value[2:]
    total = weighted(digits, (1, 2, 1, 2, 1, 2))
    return value[0] in "ABCDEFGHJKLMPRSTUX" and total % 10 == int(digits[6])


def _not_zero(value: str) -> bool:
    return len(set(value)) > 1


FORMATS: Final = (
    Format("US_SSN", r"999-99-9999", _SSN, is_ssn, 0.95, 0.85, 0.85),
    Format("US_SSN", r"999 99 9999|999\.99\.9999", _SSN, is_ssn, 0.95, 0.7, 0.55),
    Format("US_SSN", r"9{9}", _SSN, is_ssn, 0.7, 0.5),
    Format("US_ITIN", r"999[- ]99[- ]9999", _ITIN, _itin, 0.95, 0.85, 0.8),
    Format("US_ITIN", r"999-999999|99999-9999", _ITIN, _itin, 0.9, 0.6, 0.5),
    Format("US_ITIN", r"9{9}", _ITIN, _itin, 0.9, 0.5),
    Format("US_BANK_NUMBER", r"9{8,17}", _BANK, _not_zero, 0.65),
    Format("ABA_ROUTING_NUMBER", r"9{9}|9999-9999-9", _ROUTING, _routing, 0.95, 0.6),
    Format("US_NPI", r"9{10}", _NPI, _npi, 0.95, 0.6),
    Format("US_NPI", r"9999[- ]999[- ]999", _NPI, _npi, 0.95, 0.7, 0.55),
    Format("US_MBI", r"9ax9-?ax9-?aa99", _MBI, _mbi, 0.95, 0.85, 0.8),
    Format("US_PASSPORT", r"9{9}|a9{8}", _PASSPORT, _not_zero, 0.7),
    Format("MEDICAL_LICENSE", r"ax9{7}", _DEA, _dea, 0.95, 0.7, 0.55),
    Format(
        "US_DRIVER_LICENSE",
        r"a9{5,14}|aa9{3,7}|99aaa9{5,6}|a9{6}a|9{9}a|aa9{6}a|9{8}aa|9{3}aa9{4}|9{7,8}a|a9{18}",
        _LICENSE,
        bool,
        0.65,
    ),
    Format(
        "US_DRIVER_LICENSE",
        r"9{7,10}|9{12}|a9{3}-9{3}-9{2}-9{3}-9|a999-9999-9999",
        ("driver", "driving", "dl", "dln", "license number", "license no", "license #"),
        _not_zero,
        0.65,
        0.0,
    ),
)
