"""Identifiers of India, Singapore, Korea and Australia."""

from __future__ import annotations

import re
from typing import Final

from gateway.scan.checksums import day_of_month, verhoeff, weighted
from gateway.scan.identifier import Format

__all__ = ["FORMATS"]

_PAN: Final = ("pan", "permanent account", "income tax")
_AADHAAR: Final = ("aadhaar", "aadhar", "adhaar", "uidai", "uid", "आधार")
_IN_PLATE: Final = ("registration", "vehicle", "number plate", "license plate", "rto", "car",
                    "bike", "plate", "reg")  # fmt: skip
_VOTER: Final = ("voter", "epic", "elector", "election")
_PASSPORT: Final = ("passport", "travel document")
_GSTIN: Final = ("gst", "gstin", "goods and services tax")
_NRIC: Final = ("nric", "fin", "identity card", "singapore")
_UEN: Final = ("uen", "unique entity", "business registration", "acra")
_RRN: Final = ("rrn", "resident registration", "주민등록", "주민번호")
_FRN: Final = ("frn", "foreigner registration", "alien registration", "외국인")
_KR_PASSPORT: Final = ("passport", "여권")
_KR_LICENCE: Final = ("driver", "driving", "license", "운전면허", "면허")
_BRN: Final = ("business registration", "brn", "사업자")
_ABN: Final = ("abn", "australian business number")
_ACN: Final = ("acn", "australian company number")
_TFN: Final = ("tfn", "tax file")
_MEDICARE: Final = ("medicare",)

_STATES: Final = frozenset(
    "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY "  # noqa: SIM905 - a list is longer
    "RJ SK TN TR TS UK UP WB".split(" ")
)
_HOLDERS: Final = frozenset("ABCFGHJLPTK")
_IN_PASSPORT_RULE: Final = re.compile(r"[A-PR-WY][1-9][0-9]{5}[1-9]")
_BASE_36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UEN_TYPES: Final = frozenset(
    "LP LL FC PF RF MQ MM NB CC CS MB FM GS DP CP NR CM CD MD HS VH CH MH CL XL CX HC RP TU TC "  # noqa: SIM905 - a list is longer
    "FB FN PA PB SS MC SM GA GB".split(" ")
)
_UEN_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWX0123456789"
_NRIC_LETTERS: Final = {"ST": "JZIHGFEDCBA", "FG": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}
_NRIC_SHIFTS: Final = {"S": 0, "F": 0, "T": 4, "G": 4, "M": 3}
_KR_PASSPORTS: Final = re.compile(r"[MSRODG](?:[0-9]{8}|[0-9]{3}[A-Z][0-9]{4})")
_RESIDENT: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def _pan(value: str) -> bool:
    return value[3] in _HOLDERS


def _aadhaar(value: str) -> bool:
    return value[0] in "23456789" and value != value[::-1] and verhoeff(value)


def _in_plate(value: str) -> bool:
    return value[:2] in _STATES


def _in_passport(value: str) -> bool:
    return _IN_PASSPORT_RULE.fullmatch(value) is not None


def _gstin(value: str) -> bool:
    return 1 <= int(value[:2]) <= 38 and value[13] == "Z" and value[12] != "0"


def _checked_gstin(value: str) -> bool:
    """The check character of the GST network: base 36, alternate digits doubled."""
    if not _gstin(value):
        return False
    places = [_BASE_36.index(char) * (1 + at % 2) for at, char in enumerate(value[:14])]
    total = sum(place // 36 + place % 36 for place in places)
    return value[14] == _BASE_36[-total % 36]


def _nric(value: str) -> bool:
    letters = next((table for kinds, table in _NRIC_LETTERS.items() if value[0] in kinds), None)
    if letters is None:
        return False
    total = weighted(value[1:8], (2, 7, 6, 5, 4, 3, 2)) + _NRIC_SHIFTS[value[0]]
    return value[8] == letters[total % 11]


def _business_uen(value: str) -> bool:
    return value[8] == "XMKECAWLJDB"[weighted(value, (10, 4, 9, 3, 8, 2, 7, 1)) % 11]


def _company_uen(value: str) -> bool:
    total = weighted(value[:9], (10, 8, 6, 4, 9, 7, 5, 3, 1))
    return 1819 <= int(value[:4]) <= 2100 and value[9] == "ZKCMDNERGWH"[total % 11]


def _other_uen(value: str) -> bool:
    if value[0] not in "RST" or value[3:5] not in _UEN_TYPES:
        return False
    try:
        places = [_UEN_LETTERS.index(char) for char in value[:9]]
    except ValueError:
        return False
    weights = (4, 3, 5, 3, 10, 2, 2, 5, 7)
    total = sum(place * weight for place, weight in zip(places, weights, strict=True))
    return value[9] == _UEN_LETTERS[(total - 5) % 11]


def _resident(value: str) -> bool:
    return value[6] in "1234" and day_of_month(value[4:6], value[2:4])


def _checked_resident(value: str) -> bool:
    """As numbered until October 2020; since then the last six digits are drawn."""
    check = (11 - weighted(value[:12], _RESIDENT) % 11) % 10
    return _resident(value) and int(value[7:9]) <= 95 and check == int(value[12])


def _foreigner(value: str) -> bool:
    return value[6] in "5678" and day_of_month(value[4:6], value[2:4])


def _checked_foreigner(value: str) -> bool:
    check = (13 - weighted(value[:12], _RESIDENT) % 11) % 10
    return _foreigner(value) and check == int(value[12])


def _kr_passport(value: str) -> bool:
    return _KR_PASSPORTS.fullmatch(value) is not None


def _kr_licence(value: str) -> bool:
    """Begins with a region, from 11 (Seoul) to 28."""
    return 11 <= int(value[:2]) <= 28


def _business(value: str) -> bool:
    """The check digit of the National Tax Service."""
    total = weighted(value[:9], (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(value[8]) * 5 // 10
    return -total % 10 == int(value[9]) and len(set(value)) > 1


def _abn(value: str) -> bool:
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    return value[:2] >= "11" and (weighted(value, weights) - 10) % 89 == 0


def _acn(value: str) -> bool:
    return -weighted(value[:8], range(8, 0, -1)) % 10 == int(value[8]) and value != "0" * 9


def _tfn(value: str) -> bool:
    return weighted(value, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0 and len(set(value)) > 1


def _medicare(value: str) -> bool:
    check = weighted(value[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10
    return value[0] in "23456" and check == int(value[8]) and value[9] != "0"


FORMATS: Final = (
    Format("IN_PAN", r"a{5}9{4}a", _PAN, _pan, 0.9, 0.75, 0.65),
    Format("IN_PAN", r"a{5}9{4}a", _PAN, bool, 0.7, 0.5),
    Format("IN_AADHAAR", r"9{4}[ :-]9{4}[ :-]9{4}", _AADHAAR, _aadhaar, 0.98, 0.85, 0.7),
    Format("IN_AADHAAR", r"9{12}", _AADHAAR, _aadhaar, 0.98, 0.7, 0.4),
    Format(
        "IN_VEHICLE_REGISTRATION",
        r"AA[ -]?9{1,2}[ -]?A{1,3}[ -]?9{4}|aa9{1,2}a{1,3}9{4}",
        _IN_PLATE,
        _in_plate,
        0.85,
        0.7,
        0.6,
    ),
    Format(
        "IN_VEHICLE_REGISTRATION",
        r"aa9{4}|aaa9{4}|9{2,3}[ -]?aa[ -]?9{1,4}|99[ -]?aa[ -]?9{4}[ -]?a{1,2}",
        _IN_PLATE,
        bool,
        0.65,
    ),
    Format("IN_VOTER", r"a{3}9{7}", _VOTER, bool, 0.8),
    Format("IN_PASSPORT", r"a9{7}", _PASSPORT, _in_passport, 0.75),
    Format("IN_GSTIN", r"99a{5}9{4}axax", _GSTIN, _gstin, 0.9, 0.7, 0.7),
    Format("IN_GSTIN", r"99a{5}9{4}axax", _GSTIN, _checked_gstin, 0.98, 0.95, 0.95),
    Format("SG_NRIC_FIN", r"a9{7}a", _NRIC, _nric, 0.95, 0.85, 0.8),
    Format("SG_NRIC_FIN", r"a9{7}a", _NRIC, bool, 0.65, 0.5),
    Format("SG_UEN", r"9{8}a", _UEN, _business_uen, 0.95, 0.7, 0.55),
    Format("SG_UEN", r"9{9}a", _UEN, _company_uen, 0.95, 0.8, 0.65),
    Format("SG_UEN", r"a99aa9{4}a", _UEN, _other_uen, 0.95, 0.9, 0.85),
    Format("KR_RRN", r"9{6}-?9{7}", _RRN, _resident, 0.85, 0.5),
    Format("KR_RRN", r"9{6}-9{7}", _RRN, _checked_resident, 0.95, 0.9, 0.8),
    Format("KR_RRN", r"9{13}", _RRN, _checked_resident, 0.95, 0.7, 0.45),
    Format("KR_FRN", r"9{6}-?9{7}", _FRN, _foreigner, 0.85, 0.5),
    Format("KR_FRN", r"9{6}-9{7}", _FRN, _checked_foreigner, 0.95, 0.9, 0.8),
    Format("KR_FRN", r"9{13}", _FRN, _checked_foreigner, 0.95, 0.7, 0.45),
    Format("KR_PASSPORT", r"a9{3}a9{4}", _KR_PASSPORT, _kr_passport, 0.85, 0.6, 0.55),
    Format("KR_PASSPORT", r"a9{8}", _KR_PASSPORT, _kr_passport, 0.75),
    Format("KR_DRIVER_LICENSE", r"99-99-9{6}-99", _KR_LICENCE, _kr_licence, 0.85, 0.7, 0.6),
    Format("KR_DRIVER_LICENSE", r"99 99 9{6} 99|9{12}", _KR_LICENCE, _kr_licence, 0.8, 0.5),
    Format("KR_BRN", r"999-99-9{5}", _BRN, _business, 0.95, 0.8, 0.7),
    Format("KR_BRN", r"9{10}", _BRN, _business, 0.95, 0.6),
    Format("AU_ABN", r"99 999 999 999", _ABN, _abn, 0.98, 0.85, 0.7),
    Format("AU_ABN", r"9{11}", _ABN, _abn, 0.98, 0.75, 0.45),
    Format("AU_ACN", r"999 999 999", _ACN, _acn, 0.95, 0.65, 0.4),
    Format("AU_ACN", r"9{9}", _ACN, _acn, 0.95, 0.55),
    Format("AU_TFN", r"999 999 999", _TFN, _tfn, 0.95, 0.65, 0.4),
    Format("AU_TFN", r"9{9}", _TFN, _tfn, 0.95, 0.55),
    Format("AU_MEDICARE", r"9{4} 9{5} 9", _MEDICARE, _medicare, 0.95, 0.85, 0.7),
    Format("AU_MEDICARE", r"9{10}", _MEDICARE, _medicare, 0.95, 0.6),
)
