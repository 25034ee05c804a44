r"""Texts written as numbers: ``69 67``, ``0x69``, ``=69``, ``U+0069``, ``105 103``, ``\151``, bits.

A run of numbers is read where most of it says letters; a number that says no character splits it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.scan.gates import Gate
from gateway.scan.matcher import compile_exact
from gateway.scan.patches import Unit
from gateway.scan.places import places
from gateway.scan.plausible import is_letters
from gateway.scan.segments import known_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["numbered"]

_FEWEST: Final = 5
"""Numbers in a run."""
_HEX, _DECIMAL = 16, 10
_GAP: Final = r"[ ,;:\-\r\n\t]"
_NONE: Final = "\0"
_SAID: Final = re.compile(f"[^{_NONE}]{{{_FEWEST},}}")
_CERTAIN: Final = 24
"""So many characters are letters only by intent."""
_PLAIN: Final = bytes(code if 32 <= code < 127 or code in (9, 10, 13) else 0 for code in range(256))
_SEVERAL: Final = ((0xC2, 0xE0, 2), (0xE0, 0xF0, 3), (0xF0, 0xF5, 4))
"""First bytes of UTF-8 sequences: from, up to, length."""


class _Notation(NamedTuple):
    """One way to write characters as numbers.

    Attributes:
        gate: Stands open where there may be some.
        run: A run of them.
        each: One of them; its first group are the digits.
        base: Of its digits.
        wide: Whether it is of a code point, and not of a byte.
    """

    gate: Gate
    run: Any
    each: re.Pattern[str]
    base: int
    wide: bool


def _notation(gate: Gate, sign: str, digits: str, base: int, gap: str) -> _Notation:
    run = compile_exact(rf"{sign}{digits}(?:{gap}{sign}{digits}){{{_FEWEST - 1},}}\b")
    return _Notation(gate, run, re.compile(f"{sign}({digits})"), base, "+" in sign)


_NOTATIONS: Final = (
    _notation(Gate.PAIRS, r"\b", "[0-9A-Fa-f]{2}", 16, _GAP + "{1,3}"),
    _notation(Gate.PAIRS, r"0[xX]", "[0-9A-Fa-f]{2}", 16, _GAP + "{0,3}"),
    _notation(Gate.PAIRS, "=", "[0-9A-Fa-f]{2}", 16, r"(?:=?\r?\n)?"),
    _notation(Gate.PAIRS, r"[Uu]\+", "[0-9A-Fa-f]{4,6}", 16, _GAP + "{0,3}"),
    _notation(Gate.NUMBERS, r"\b", "[0-9]{2,3}", 10, _GAP + "{1,3}"),
    _notation(Gate.NUMBERS, r"\b", "[0-7]{3}", 8, _GAP + "{1,3}"),
    _notation(Gate.NUMBERS, r"\\", "[0-7]{3}", 8, ""),
    _notation(Gate.BITS, "", "[01]{8}", 2, _GAP + "{0,3}"),
    _notation(Gate.BITS, "", "[01]{7}", 2, _GAP + "{1,3}"),
)


def numbered(text: str, data: bytes | memoryview, gates: frozenset[Gate]) -> Iterator[Unit]:
    """The runs of numbers in ``text`` that say something.

    Args:
        text: Any text.
        data: The same in UTF-8.
        gates: What may stand in it.
    """
    for notation in _NOTATIONS:
        if notation.gate in gates:
            for start, end in places(notation.run, text, data):
                yield from _said(notation, text, start, end)


def _said(notation: _Notation, text: str, start: int, end: int) -> Iterator[Unit]:
    chars, firsts = _characters(_codes(notation, text, start, end), wide=notation.wide)
    parts = [one.span() for one in _SAID.finditer(chars) if _means(one[0])]

    @cache
    def numbers() -> list[tuple[int, int]]:
        return [one.span() for one in notation.each.finditer(text, start, end)]

    for first, last in parts:

        def span(one: int, other: int, base: int = first) -> tuple[int, int]:
            at = numbers()
            return at[firsts[base + one]][0], at[firsts[base + other] - 1][1]

        whole = first == 0 and last == len(chars)
        begin, stop = (start, end) if whole else span(0, last - first)
        yield Unit(begin, stop, chars[first:last], "code points", span)


def _codes(notation: _Notation, text: str, start: int, end: int) -> Sequence[int]:
    digits, base = notation.each.findall(text, start, end), notation.base
    if base == _HEX and not notation.wide:
        return bytes.fromhex("".join(digits))
    return [*map(int, digits)] if base == _DECIMAL else [int(one, base) for one in digits]


def _means(part: str) -> bool:
    """Chance makes letters of few numbers, but hardly a word that is known."""
    return is_letters(part) and (len(part) >= _CERTAIN or known_share(part.split()) > 0)


def _characters(codes: Sequence[int], *, wide: bool) -> tuple[str, Sequence[int]]:
    """The characters that codes or bytes say, and at which of them each begins, and the end."""
    if max(codes) < _SEVERAL[0][0]:
        return bytes(codes).translate(_PLAIN).decode(), range(len(codes) + 1)
    chars: list[str] = []
    firsts: list[int] = []
    at = 0
    while at < len(codes):
        char, size = _character(codes, at, wide=wide)
        chars.append(char)
        firsts.append(at)
        at += size
    return "".join(chars), [*firsts, at]


def _character(codes: Sequence[int], at: int, *, wide: bool) -> tuple[str, int]:
    code = codes[at]
    if code < 128:
        return (chr(code) if code >= 32 or code in (9, 10, 13) else _NONE), 1
    for first, limit, size in _SEVERAL:
        if first <= code < limit and all(128 <= one < 192 for one in codes[at + 1 : at + size]):
            try:
                return bytes(codes[at : at + size]).decode(), size
            except UnicodeDecodeError:
                break
    known = (code < 256 or wide) and code <= 0x10FFFF and chr(code).isprintable()
    return (chr(code) if known else _NONE), 1
