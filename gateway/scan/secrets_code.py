"""Secrets in code and files of settings, where more than a sign stands between name and value.

A type, the beginning of a literal, a call, what to fall back to; or the name is a value itself, and
the secret is that of the member, the line or the element behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.secrets_assigned import NAME, SOME, assigned

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["CODE"]

_NAMED: Final = re.compile(rf"[A-Za-z0-9_.-]*?{NAME}[A-Za-z0-9_.-]{{0,16}}", re.IGNORECASE)
"""A name as a whole, for the 64 characters before a value."""
_TYPE: Final = (
    r"(?:(?:&?'static )?&?str|&?string|std::string|nsstring|bytes|any|object|secretstr|"
    r"optional\[str\]|str ?\| ?none|string ?\| ?(?:null|undefined)|char\[\])\??"
)
_MAKERS: Final = (
    r"(?:string::from|(?:new )?string|(?:new )?(?:pydantic\.)?secretstr|secret|some|bytes|str|"
    r"httpbasicauth)"
)
_LITERAL: Final = rf"(?:{_MAKERS}?\(\s{{0,12}})?(?:@|[bfru]{{1,2}})?[\"'`]{{1,3}}"
_SIGN: Final = (
    rf"(?:\s{{0,3}}(?::\s{{0,2}}{_TYPE}\s{{0,2}}=|:=|=>|<-|[=:]{{1,3}}|\|\||\?\?|\?:|\bor\b)"
    r"\s{0,12}|,? {0,12})"
)
_MEMBER: Final = r"[\"'`]?,?\s{0,24}[\"'`]?value[\"'`]?\s{0,2}[:=]\s{0,2}(?:[\"'`]|bearer ){0,2}"
_ELEMENT: Final = r"</key>\s{0,24}<string>|(?:\s[^<>\n]{1,48})?>\s{0,3}(?:<!\[CDATA\[)?"
_BLOCK: Final = r"[\"']?:\s?(?:[|>][+-]?\n\s{1,24}|![A-Za-z:/._-]{1,24}\s[\"']?)"


def _named(found: Candidate) -> float | None:
    """What an assignment to the last telling name before it would be."""
    names = [*_NAMED.finditer(found.before)]
    if not names:
        return None
    last = found.before[-1:]
    sign = last if last in ('"', "'", "`", ">") else "="
    return assigned(found._replace(before=names[-1][0] + sign))


CODE: Final[tuple[Detector, ...]] = (
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"{NAME}[A-Za-z0-9_.-]{{0,16}}[\"'`]?\]?\)?{_SIGN}{_LITERAL}"
        r"([^\s\"'`<>(){}\[\]]{6,512})[\"'`]",
        _named,
        group=1,
        ignore_case=True,
        rule="literal",
        zones=SOME,
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"{NAME}[A-Za-z0-9_.-]{{0,16}}(?:{_MEMBER}|{_ELEMENT}|{_BLOCK})"
        r"([^\s\"'`,;<>(){}\[\]&]{6,512})",
        _named,
        group=1,
        ignore_case=True,
        rule="beside",
        zones=SOME,
    ),
)
"""What is a secret because of the name beside it, in code and settings."""
