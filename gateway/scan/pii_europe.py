"""Identifiers of Spain, Italy, France, Poland and Finland."""

from __future__ import annotations

import re
from typing import Final

from gateway.scan.checksums import is_date, weighted
from gateway.scan.identifier import Format
from gateway.scan.numbers import luhn

__all__ = ["FORMATS"]

_NIF: Final = ("nif", "dni", "documento nacional", "identificación", "identificacion")
_NIE: Final = ("nie", "extranjero", "identificación", "identificacion", "tie")
_ES_PASSPORT: Final = ("pasaporte", "passport")
_FISCAL: Final = ("codice fiscale", "cf", "fiscal code", "tax code", "codice_fiscale")
_IT_LICENCE: Final = ("patente", "licenza", "driving", "driver")
_IT_VAT: Final = ("iva", "p.iva", "partita iva", "piva", "vat")
_IT_PASSPORT: Final = ("passaporto", "passport")
_IT_CARD: Final = ("carta d'identità", "carta di identità", "carta d'identita", "carta identita",
                   "identity card", "cie", "documento d'identit")  # fmt: skip
_NIR: Final = ("sécurité sociale", "securite sociale", "nir", "insee", "numéro de sécu", "nss")
_PESEL: Final = ("pesel",)
_HETU: Final = ("hetu", "henkilötunnus", "personal identity code", "personbeteckning")

_NIF_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_NO_LICENCE: Final = frozenset("AEIOQV")
_FISCAL_RULE: Final = re.compile(
    r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"
)
_FISCAL_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
                      22, 25, 24, 23)  # fmt: skip
_HETU_LETTERS: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CENTURIES: Final = {
    "+": 1800,
    **dict.fromkeys("-YXWVU", 1900),
    **dict.fromkeys("ABCDEF", 2000),
}
_PESEL_CENTURIES: Final = (1900, 2000, 2100, 2200, 1800)


def _nif(value: str) -> bool:
    return value[-1] == _NIF_LETTERS[int(value[:-1]) % 23]


def _nie(value: str) -> bool:
    if value[0] not in "XYZ":
        return False
    return value[-1] == _NIF_LETTERS[int(str("XYZ".index(value[0])) + value[1:-1]) % 23]


def _fiscal(value: str) -> bool:
    return _FISCAL_RULE.fullmatch(value) is not None


def _checked_fiscal(value: str) -> bool:
    """The last letter, as the decree of 23 December 1976 has it."""
    if not _fiscal(value):
        return False
    places = [int(char) if char.isdigit() else ord(char) - 65 for char in value[:15]]
    total = sum(_FISCAL_ODD[at] for at in places[::2]) + sum(places[1::2])
    return value[15] == chr(65 + total % 26)


def _it_licence(value: str) -> bool:
    """Two letters and seven digits, or U1 and what the ministry gave out since 2005."""
    if value[:2] == "U1":
        return _NO_LICENCE.isdisjoint(value[2:9])
    return value[2:9].isdigit() and value[:2].isalpha()


def _it_vat(value: str) -> bool:
    return luhn(value) and len(set(value)) > 1 and value[:7] != "0" * 7


def _national_vat(value: str) -> bool:
    return value[:2] == "IT" and _it_vat(value[2:])


def _nir(value: str) -> bool:
    """Sex, year and month, place, order, and a key of 97; Corsica's 2A and 2B stand for 19, 18."""
    number = value[:13].replace("2A", "19").replace("2B", "18")
    if value[0] not in "1278" or not number.isdigit():
        return False
    month = int(value[3:5])
    born = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return born and 97 - int(number) % 97 == int(value[13:])


def _pesel(value: str) -> bool:
    """A day of birth, with the century in the month, and a check digit."""
    month = int(value[2:4])
    year = _PESEL_CENTURIES[month // 20] + int(value[:2])
    right = weighted(value, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    return right and is_date(year, str(month % 20), value[4:6])


def _hetu(value: str) -> bool:
    """A day of birth, a number from 002 on and a check character; the hyphen is dropped."""
    sign = value[6:-4] or "-"
    year = _CENTURIES.get(sign)
    serial, check = value[-4:-1], value[-1]
    if year is None or not serial.isdigit() or int(serial) < 2:
        return False
    if not is_date(year + int(value[4:6]), value[2:4], value[:2]):
        return False
    return check == _HETU_LETTERS[int(value[:6] + serial) % 31]


FORMATS: Final = (
    Format("ES_NIF", r"9{7,8}[- ]?a", _NIF, _nif, 0.95, 0.8, 0.7),
    Format("ES_NIE", r"a-?9{7,8}-?a", _NIE, _nie, 0.95, 0.85, 0.8),
    Format("ES_PASSPORT", r"aaa9{6}", _ES_PASSPORT, bool, 0.8),
    Format("IT_FISCAL_CODE", r"a{6}xxaxxaxxxa", _FISCAL, _checked_fiscal, 0.98, 0.95, 0.95),
    Format("IT_FISCAL_CODE", r"a{6}xxaxxaxxxa", _FISCAL, _fiscal, 0.7, 0.5, 0.4),
    Format("IT_DRIVER_LICENSE", r"aa9{7}a|a9x{7}a", _IT_LICENCE, _it_licence, 0.8),
    Format("IT_VAT_CODE", r"9{11}", _IT_VAT, _it_vat, 0.95, 0.6),
    Format("IT_VAT_CODE", r"AA ?9{11}|aa9{11}", _IT_VAT, _national_vat, 0.95, 0.85, 0.8),
    Format("IT_PASSPORT", r"aa9{7}", _IT_PASSPORT, bool, 0.75),
    Format("IT_IDENTITY_CARD", r"AA ?9{7}|aa9{7}|9{7}aa|aa9{5}aa", _IT_CARD, bool, 0.75),
    Format("FR_NIR", r"9 ?99 ?99 ?9x ?999 ?999 ?99", _NIR, _nir, 0.98, 0.85, 0.7),
    Format("PL_PESEL", r"9{11}", _PESEL, _pesel, 0.95, 0.7, 0.4),
    Format("FI_PERSONAL_IDENTITY_CODE", r"9{6}[-+]999x|9{6}a999x", _HETU, _hetu, 0.98, 0.9, 0.85),
)
