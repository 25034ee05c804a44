"""Identifiers of Germany."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.checksums import alternating, crosswise, icao, mod_11_10, weighted
from gateway.scan.detector import make
from gateway.scan.identifier import Format

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["DETECTORS", "FORMATS"]

_TAX_ID: Final = ("steuer-id", "steuerid", "steueridentifikation", "identifikationsnummer", "idnr",
                  "steuer id", "tin", "tax id")  # fmt: skip
_TAX_NUMBER: Final = ("steuernummer", "steuer-nr", "steuer nr", "st.-nr", "st-nr", "stnr",
                      "finanzamt", "steuerbescheid")  # fmt: skip
_PASSPORT: Final = ("reisepass", "passnummer", "pass-nr", "passport", "dokumentennummer", "pass",
                    "passnr", "mrz")  # fmt: skip
_ID_CARD: Final = ("personalausweis", "ausweis", "identity card", "id card", "perso")
_PENSION: Final = ("rentenversicherung", "sozialversicherung", "versicherungsnummer", "rvnr",
                   "svnr", "sv-nummer", "sv-nr", "rente", "drv")  # fmt: skip
_HEALTH: Final = ("krankenvers", "versichertennummer", "versicherten-nr", "kvnr", "krankenkasse",
                  "gesundheitskarte", "egk", "gkv", "versichertenkarte")  # fmt: skip
_VAT: Final = ("ust-id", "ustid", "umsatzsteuer", "ust-idnr", "vat", "mwst")
_DOCTOR: Final = (
    "lanr",
    "arztnummer",
    "arzt-nr",
    "arztnr",
    "behandelnder arzt",
    "physician number",
)
_PRACTICE: Final = ("bsnr", "betriebsst", "praxisnummer", "arztpraxis", "kassenärztliche")
_LICENCE: Final = ("führerschein", "fuehrerschein", "fahrerlaubnis", "driving licence",
                   "driver's license", "driving license", "license number")  # fmt: skip
_PLATE: Final = ("kennzeichen", "nummernschild", "kfz", "fahrzeug", "zulassung", "pkw", "lkw",
                 "license plate", "licence plate")  # fmt: skip
_POSTCODE: Final = ("plz", "postleitzahl", "anschrift", "wohnhaft", "wohnort")  # fmt: skip
_REGIONS: Final = frozenset(
    ("01", "02", "03", "17", "20", "35", "38", "46", "51", "52", "71", "72", "73", "74", "78", "83",
     "88", "93", "98")
)  # fmt: skip
"""Of the associations of statutory health insurance physicians."""
_DOCUMENT: Final = frozenset("CFGHJKLMNPRTVWXYZ0123456789")
_CARD: Final = frozenset("LMNPRTVWXY")


def _tax_id(value: str) -> bool:
    return value[0] != "0" and mod_11_10(value)


def _tax_number(value: str) -> bool:
    """The unified form begins with the number of a federal state."""
    return 1 <= int(value[:2]) <= 16


def _passport(value: str) -> bool:
    """Eight or nine characters and their check digit, which is printed in the machine's lines."""
    return (
        _DOCUMENT.issuperset(value)
        and value[0].isalpha()
        and value[-1].isdigit()
        and icao(value[:-1]) == int(value[-1])
    )


def _id_card(value: str) -> bool:
    """Nine characters, or ten with the check digit."""
    known = value[0] in _CARD and _DOCUMENT.issuperset(value) and "Z" not in value
    return known and (len(value) == 9 or (value[9].isdigit() and icao(value[:9]) == int(value[9])))


def _pension(value: str) -> bool:
    """Section 4 of the VKVV; a day of birth may be 50 more to tell equal numbers apart."""
    day, month = int(value[2:4]), int(value[4:6])
    if not (1 <= day <= 31 or 51 <= day <= 81) or not 1 <= month <= 12:
        return False
    digits = value[:8] + alternating(value[8]) + value[9:11]
    return crosswise(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10 == int(value[11])


def _health(value: str) -> bool:
    """Section 290 of SGB V, annex 1."""
    return crosswise(alternating(value[0]) + value[1:9], (1, 2) * 5) % 10 == int(value[9])


def _vat(value: str) -> bool:
    return value[:2] == "DE" and value[2] != "0" and mod_11_10(value[2:])


def _doctor(value: str) -> bool:
    """The seventh digit checks the six before it (KBV, section 75 of SGB V)."""
    return -weighted(value[:6], (4, 9) * 3) % 10 == int(value[6]) and value != "0" * 9


def _practice(value: str) -> bool:
    return value[:2] in _REGIONS


def _postcode(value: str) -> bool:
    return 1001 <= int(value) <= 99998


def _plate(value: str) -> bool:
    return value[-1].isdigit() or value[-1] in "EH"


def _register(found: Candidate) -> float | None:
    return None if found.before[-1:].isalnum() or found.after.isalnum() else 0.75


FORMATS: Final = (
    Format("DE_TAX_ID", r"9{11}|99 999 999 999", _TAX_ID, _tax_id, 0.95, 0.6),
    Format("DE_TAX_NUMBER", r"9{13}", _TAX_NUMBER, _tax_number, 0.85),
    Format("DE_TAX_NUMBER", r"999/999/9{5}|999/9999/9999|99/999/9{5}", _TAX_NUMBER, bool, 0.85),
    Format("DE_PASSPORT", r"ax{7,8}9", _PASSPORT, _passport, 0.9, 0.6),
    Format("DE_ID_CARD", r"AX{8,9}|a9x{7,8}", _ID_CARD, _id_card, 0.8),
    Format("DE_SOCIAL_SECURITY", r"99 ?9{6} ?a ?999", _PENSION, _pension, 0.95, 0.85, 0.8),
    Format("DE_HEALTH_INSURANCE", r"a9{9}", _HEALTH, _health, 0.95, 0.7, 0.45),
    Format("DE_VAT_ID", r"AA ?999 ?999 ?999|aa9{9}", _VAT, _vat, 0.95, 0.85, 0.8),
    Format("DE_LANR", r"9{9}", _DOCTOR, _doctor, 0.9, 0.55),
    Format("DE_BSNR", r"9{9}", _PRACTICE, _practice, 0.8, 0.5),
    Format("DE_FUEHRERSCHEIN", r"aa9{8}x|axx9{7}x|ax{9}9", _LICENCE, bool, 0.8),
    Format("DE_KFZ", r"A{1,3}[ -]A{1,2}[ -]?9{1,4}A?", _PLATE, _plate, 0.75, 0.5),
    Format("DE_PLZ", r"9{5}", _POSTCODE, _postcode, 0.6, 0.5),
)
DETECTORS: Final[tuple[Detector, ...]] = (
    make("pii", "DE_HANDELSREGISTER", r"\bHR[AB][ -]{0,2}\d{1,6}\b", _register),
)
