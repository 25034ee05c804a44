"""What is to become of a running text of a stream, worked out from the whole of it, naively.

Of JSON each name, string and long number is a text of its own; its spelling stays wherever
what it says does.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.scan.finding import Finding, Replacement, Scan
    from gateway.scan.stream import StreamScanner

__all__ = ["Fate", "Fates"]

_PART: Final = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"(?P<colon>\s*:)?|(?P<number>-?[0-9][0-9.eE+-]*)', re.DOTALL
)
_UNIT: Final = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)


@dataclass(frozen=True)
class Fate:
    """What may become of one running text.

    Attributes:
        may: All that may leave of it.
        scans: The texts in it, and what was found in each.
        blocked: The span that blocks, where one does.
    """

    may: str
    scans: tuple[tuple[str, Scan], ...]
    blocked: str | None = None

    @property
    def replaced(self) -> list[tuple[str, Replacement]]:
        """The spans that are to be replaced, and what stands there."""
        return [
            (text[one.start : one.end], one)
            for text, scan in self.scans
            for one in scan.replacements
        ]


@dataclass(frozen=True)
class Fates:
    """How texts fare with some scanners.

    Attributes:
        scan: Scans a whole text.
        stream: A scanner for a text, whose values are turned back unless it is a name.
    """

    scan: Callable[[str], Scan]
    stream: Callable[[bool], StreamScanner]

    def of(self, text: str) -> Fate:
        """The fate of a text that is what it says."""
        scanner = self._read(text)
        scan = self.scan(text)
        return Fate(scanner.take(scanner.settled), ((text, scan),), _blocked(text, scan))

    def of_json(self, source: str) -> Fate:
        """The fate of a source of JSON."""
        out, at = "", 0
        scans: list[tuple[str, Scan]] = []
        for part in _PART.finditer(source):
            out, at = out + source[at : part.start()], part.end()
            said, blocked = self._part(part, scans)
            out += said
            if blocked is not None:
                return Fate(out, tuple(scans), blocked)
        return Fate(out + source[at:], tuple(scans))

    def _part(self, part: re.Match[str], scans: list[tuple[str, Scan]]) -> tuple[str, str | None]:
        number, colon = part["number"], part["colon"] or ""
        said_by = None if number is None else _said_by(number)
        if number is not None and said_by is None:
            return number, None
        text = said_by or json.loads(f'"{part["string"]}"', strict=False)
        scan = self.scan(text)
        scans.append((text, scan))
        blocked = _blocked(text, scan, Action.TOKENISE if colon else Action.BLOCK)
        scanner = self._read(text, rewritable=not colon)
        if number is not None:
            said = scanner.take(scanner.settled)
            spelt = number if said == text else json.dumps(said, ensure_ascii=False)
            return ("" if blocked is not None else spelt), blocked
        if colon and blocked is not None:
            return '"', blocked
        said = _respelt(_UNIT.findall(part["string"]), text, scanner)
        return f'"{said}' + ("" if blocked is not None else f'"{colon}'), blocked

    def _read(self, text: str, *, rewritable: bool = True) -> StreamScanner:
        scanner = self.stream(rewritable)
        scanner.feed(text)
        scanner.close()
        return scanner


def _said_by(number: str) -> str | None:
    """What a number says, if it has nine digits before the point."""
    plain = f"{Decimal(number):f}"
    whole, point, _ = plain.partition(".")
    if len(whole.lstrip("-")) < 9:
        return None
    return plain.rstrip("0").rstrip(".") if point else plain


def _blocked(text: str, scan: Scan, least: Action = Action.BLOCK) -> str | None:
    found: list[Finding] = [one for one in scan.findings if one.action >= least]
    if not found:
        return None
    first = min(found, key=lambda one: one.start)
    return text[first.start : first.end]


def _respelt(units: list[str], text: str, scanner: StreamScanner) -> str:
    assert len(units) == len(text)
    out = ""
    for unit, char in zip(units, text, strict=True):
        if scanner.settled:
            said = scanner.take(1)
            out += unit if said == char else json.dumps(said, ensure_ascii=False)[1:-1]
    return out
