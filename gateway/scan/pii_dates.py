"""Dates, as numbers and with the names of months in several languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.checksums import day_of_month
from gateway.scan.detector import CONTEXT, make

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["DETECTORS"]

_BIRTH: Final = ("born", "birth", "dob", "geboren", "geburt", "geb.", "naissance", "né le",
                 "née le", "nacimiento", "nacido", "nacida", "nascita", "nato il", "nata il",
                 "urodz", "syntymä", "생년월일")  # fmt: skip
_DATED: Final = re.compile(
    r"\b(?:today|yesterday|tomorrow|date|dated|on|since|until|till|from|by|before|after|expir\w*|due"
    r"|exp|valid|issued|heute|am|seit|bis|vom|datum|le|du|depuis|fecha|el|desde|hasta|il|dal|data"
    r")(?: is| was|:|\.|)\s*$"
)
_MONTHS: Final = (
    "jan(?:uary|uar|vier|v)?|feb(?:ruary|ruar)?|février|fevrier|mar(?:ch|zo|s)?|märz|apr(?:il|ile)?"
    "|avril|abril|may|mai|mayo|maggio|june?|juni|juin|junio|giugno|july?|juli|juillet|julio|luglio"
    "|aug(?:ust)?|août|agosto|sep(?:t|tember|tembre|tiembre)?|oct(?:ober|obre|ubre)?|okt(?:ober)?"
    "|ottobre|nov(?:ember|embre|iembre)?|dec(?:ember|embre)?|dez(?:ember)?|décembre|diciembre"
    "|dicembre|enero|gennaio|febrero|febbraio"
)
_PARTS: Final = re.compile(r"\d+")


def _numeric(found: Candidate) -> tuple[float, int] | float | None:
    """Day, month and year in any order that is used, with or without a time."""
    if _joined(found):
        return None
    date = re.split(r"[T ]", found.value, maxsplit=1)[0]
    parts = _PARTS.findall(date)
    if len(parts) == 2:
        return _partial(found, parts)
    first, second, third = parts
    if len(first) == 4:
        fits = day_of_month(third, second)
    else:
        fits = day_of_month(first, second) or day_of_month(second, first)
    if not fits or len(first) + len(third) < 3:
        return None
    if _near(found.before):
        return 0.85
    return 0.6 if 4 in (len(first), len(third)) else _short_year(found, date)


def _short_year(found: Candidate, date: str) -> float | None:
    """Two digits for the year: with dots it may be a version, with hyphens a part number."""
    if "/" in date or _told(found):
        return 0.5
    return None if "." in date else 0.3


def _partial(found: Candidate, parts: list[str]) -> float | None:
    """A month with a day or a year, where something says that it is a date."""
    first, second = parts
    if len(second) == 4:
        fits = 1 <= int(first) <= 12 and 1900 <= int(second) <= 2100
    else:
        fits = len(second) == 2 and (day_of_month(first, second) or day_of_month(second, first))
    if not fits:
        return None
    if _near(found.before):
        return 0.8
    return 0.5 if _told(found) else None


def _named(found: Candidate) -> float | None:
    if _joined(found):
        return None
    days = [int(part) for part in _PARTS.findall(found.value) if len(part) < 3]
    if days and not 1 <= days[0] <= 31:
        return None
    if _near(found.before):
        return 0.85
    years = any(len(part) == 4 for part in _PARTS.findall(found.value))
    return 0.6 if years else 0.5


def _joined(found: Candidate) -> bool:
    before, after = found.before[-1:], found.after
    if (
        before.isalnum()
        or after.isalnum()
        or before in ("_", "/", "\\", "=")
        or after in ("_", "/")
    ):
        return True
    return before in ("-", ".", ",", ":") and found.before[-2:-1].isdigit()


def _near(before: str) -> bool:
    lowered = before[-40:].lower()
    return any(word in lowered for word in _BIRTH)


def _told(found: Candidate) -> bool:
    before = found.before
    if not found.after and len(before) < CONTEXT and not before.strip():
        return True
    return _DATED.search(before[-24:].lower()) is not None


_TIME: Final = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"

DETECTORS: Final[tuple[Detector, ...]] = (
    make(
        "pii",
        "DATE_TIME",
        rf"\b(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME}|\d{{4}}/\d{{1,2}}/\d{{1,2}}"
        r"|\d{1,2}(?:/\d{1,2}/|-\d{1,2}-|\.\d{1,2}\.)\d{2,4}|\d{1,2}/(?:\d{2}|\d{4}))\b",
        _numeric,
        rule="date",
        trigger="[0-9]",
    ),
    make(
        "pii",
        "DATE_TIME",
        rf"\b(?:\d{{1,2}}(?:st|nd|rd|th|\.)?[ -](?:of |de )?(?:{_MONTHS})"
        r"(?:[ .,-]{1,2}(?:de )?\d{2,4})?"
        rf"|(?:{_MONTHS})\.? (?:\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{4}}))\b",
        _named,
        ignore_case=True,
        rule="date-with-month",
        trigger="[0-9]",
    ),
)
