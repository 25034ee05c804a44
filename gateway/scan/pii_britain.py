"""Identifiers of the United Kingdom."""

from __future__ import annotations

import re
from typing import Final

from gateway.scan.checksums import day_of_month, weighted
from gateway.scan.identifier import Format

__all__ = ["FORMATS"]

_NHS: Final = ("nhs", "national health", "health service", "patient number")
_NINO: Final = ("nino", "national insurance", "ni number", "ni no", "insurance number")
_PASSPORT: Final = ("passport", "travel document")
_PLATE: Final = ("registration", "vehicle", "number plate", "licence plate", "license plate", "vrn",
                 "reg", "car", "van", "plate")  # fmt: skip
_LICENCE: Final = ("driving", "driver", "licence", "license", "dvla")
_POSTCODE: Final = ("postcode", "post code", "postal code", "zip", "address")

_AREAS: Final = frozenset(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT "  # noqa: SIM905 - a list is longer
    "DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA "
    "LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE "
    "SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV "
    "YO ZE".split(" ")
)
_POST_RULE: Final = re.compile(
    r"(?:[A-PR-UWYZ][0-9]{1,2}|[A-PR-UWYZ][A-HK-Y][0-9]{1,2}|[A-PR-UWYZ][0-9][A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y][0-9][ABEHMNPRVWXY])[0-9][ABD-HJLNP-UW-Z]{2}|GIR0AA"
)
_NINO_RULE: Final = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")
_NO_NINO: Final = frozenset(("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"))
_PLATE_RULE: Final = re.compile(r"[A-HJ-PR-Y][A-HJ-PR-Y][0-9]{2}[A-HJ-PR-Z]{3}")
_PREFIX_RULE: Final = re.compile(r"[A-HJ-NPR-TV-Y][0-9]{1,3}[A-HJ-PR-Y][A-HJ-PR-Z]{2}")
_SUFFIX_RULE: Final = re.compile(r"[A-HJ-PR-Z]{3}[0-9]{1,3}[A-HJ-NPR-TV-Y]")
_LICENCE_RULE: Final = re.compile(
    r"(?=.{5})[A-Z]{1,5}9{0,4}[0-9][0156][0-9][0-3][0-9][0-9][A-Z9]{2}[A-Z0-9][A-Z]{2}"
)


def _nhs(value: str) -> bool:
    """The check digit of the NHS Data Dictionary; all digits alike are test numbers."""
    return weighted(value, range(10, 0, -1)) % 11 == 0 and len(set(value)) > 1


def _nino(value: str) -> bool:
    return _NINO_RULE.fullmatch(value) is not None and value[:2] not in _NO_NINO


def _postcode(value: str) -> bool:
    return _POST_RULE.fullmatch(value) is not None


def _area(value: str) -> bool:
    area = value.rstrip()[:-3].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").rstrip("0123456789")
    return _postcode(value) and (area in _AREAS or value == "GIR0AA")


def _plate(value: str) -> bool:
    """Since 2001: a memory tag, an age identifier (02 to 29, 51 to 79) and three letters."""
    age = int(value[2:4])
    return _PLATE_RULE.fullmatch(value) is not None and (2 <= age <= 29 or 51 <= age <= 79)


def _older_plate(value: str) -> bool:
    return any(rule.fullmatch(value) for rule in (_PREFIX_RULE, _SUFFIX_RULE))


def _licence(value: str) -> bool:
    """Surname, decade, month (women's plus 50), day, year, initials, and three of the DVLA."""
    if _LICENCE_RULE.fullmatch(value) is None:
        return False
    month = int(value[6:8])
    return day_of_month(value[8:10], str(month - 50 if month > 50 else month))


FORMATS: Final = (
    Format("UK_NHS", r"999 999 9999", _NHS, _nhs, 0.95, 0.7, 0.5),
    Format("UK_NHS", r"9{10}|999-999-9999", _NHS, _nhs, 0.95, 0.6),
    Format("UK_NINO", r"AA ?99 ?99 ?99 ?A|aa9{6}a", _NINO, _nino, 0.95, 0.7, 0.7),
    Format("UK_PASSPORT", r"aa9{7}", _PASSPORT, bool, 0.75, 0.5),
    Format("UK_DRIVING_LICENCE", r"a{1,5}9{6,10}xxxaa", _LICENCE, _licence, 0.95, 0.85, 0.8),
    Format("UK_POSTCODE", r"a{1,2}9x? 9aa", _POSTCODE, _area, 0.8, 0.6, 0.6),
    Format("UK_POSTCODE", r"a{1,2}9x? ?9aa|AAA ?9AA", _POSTCODE, _postcode, 0.7, 0.5),
    Format("UK_VEHICLE_REGISTRATION", r"aa99 ?aaa", _PLATE, _plate, 0.8, 0.6, 0.55),
    Format(
        "UK_VEHICLE_REGISTRATION",
        r"a9{1,3} ?aaa|AAA ?9{1,3}A|aaa9{1,3}a",
        _PLATE,
        _older_plate,
        0.65,
        0.5,
    ),
)
