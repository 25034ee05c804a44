"""Takes the disguises off a text, one layer at a time, and remembers where everything was.

A layer undoes character escapes (HTML entities, percent, backslash) and folds characters
(full-width and mathematical letters, look-alikes, invisible characters, combining marks, tag
characters). Each unit of the source, such as ``&#105;``, becomes its text independently of what
stands around it, so that a text can be read in pieces cut between units.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from html.entities import html5
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.folding import FOLD, HIDDEN, ODD, one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LAYERS", "Layer", "has_escape", "open_unit", "plainer", "unfold"]

LAYERS: Final = 3
"""As many are taken off."""

# One character class and short, bounded alternatives: linear over any text.
_SPECIAL: Final = re.compile(rf"[&%\\{ODD}]")
_ODD: Final = re.compile(ODD)
_ENTITY: Final = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9A-Fa-f]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));")
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2}){1,4}")
_BACKSLASH: Final = re.compile(
    r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([nrt\"'/\\]))"
)
_ANY: Final = re.compile(
    rf"[^\x00-\x7f]+|{_ENTITY.pattern}|(?:%[0-9A-Fa-f]{{2}})+|{_BACKSLASH.pattern}"
)
_OPEN_UNIT: Final = re.compile(
    r"(?:&(?:#(?:\d{0,8}|[xX][0-9A-Fa-f]{0,7})|[A-Za-z][A-Za-z0-9]{0,31})?"
    r"|(?:%[0-9A-Fa-f]{2}){1,4}(?:%[0-9A-Fa-f]?)?|%[0-9A-Fa-f]?"
    r"|\\u[dD][89abAB][0-9A-Fa-f]{2}(?:\\(?:u[0-9A-Fa-f]{0,3})?)?"
    r"|\\(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?)\Z"
)
_OPEN_WIDTH: Final = 40
_LONG: Final = 2**17
_PIECE: Final = 2**16
_SEAM: Final = re.compile(r"[^\x21-\x7e]")
"""Behind it no unit goes on, nor is one of characters that belong together."""
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"}


class _Unit(NamedTuple):
    """Source characters ``start`` to ``end`` became ``text`` at ``at`` of the layer."""

    start: int
    end: int
    at: int
    text: str
    hidden: bool


class Layer:
    """A text with one layer of disguise taken off, and the way back to its source."""

    __slots__ = ("_ats", "_starts", "_units", "text")

    def __init__(self, text: str, units: list[_Unit]) -> None:
        self.text = text
        self._units = units
        self._starts = [unit.start for unit in units]
        self._ats = [unit.at for unit in units]

    def source_start(self, index: int) -> int:
        """Where in the source the character at ``index`` begins."""
        unit = self._unit_at(index)
        if unit is None:
            return index
        inside = index - unit.at
        return unit.start if inside < len(unit.text) else unit.end + inside - len(unit.text)

    def source_end(self, index: int) -> int:
        """Where in the source the character before ``index`` ends."""
        return self.source_start(index - 1) + self._width(index - 1) if index else 0

    def index(self, source: int) -> int:
        """How many characters of the layer come from the units before ``source``."""
        place = bisect_left(self._starts, source) - 1
        if place < 0:
            return source
        unit = self._units[place]
        return unit.at + (len(unit.text) + source - unit.end if source >= unit.end else 0)

    def snap(self, source: int) -> int:
        """``source``, or the start of the unit that it would cut."""
        place = bisect_left(self._starts, source) - 1
        if place < 0:
            return source
        unit = self._units[place]
        return unit.start if source < unit.end else source

    def hides(self, start: int, end: int) -> bool:
        """Whether something invisible stands in this span of the source."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end)
        return any(unit.hidden for unit in self._units[first:last])

    def _unit_at(self, index: int) -> _Unit | None:
        """The last unit that begins at or before ``index`` and has text there or before."""
        place = bisect_right(self._ats, index) - 1
        return self._units[place] if place >= 0 else None

    def _width(self, index: int) -> int:
        unit = self._unit_at(index)
        return unit.end - unit.start if unit and index < unit.at + len(unit.text) else 1


def has_escape(text: str) -> bool:
    """Whether some character stands in ``text`` with which an escape begins."""
    return "&" in text or "%" in text or "\\" in text


def unfold(text: str) -> Layer | None:
    """``text`` with one layer of disguise taken off; ``None`` if it wears none."""
    if text.isascii() and not has_escape(text):
        return None
    # Characters that stand for one character each are where they were: only others are units.
    folded = text if text.isascii() else _one_by_one(text)
    parts: list[str] = []
    units: list[_Unit] = []
    done = length = 0
    for start, end, plain, hidden in _units(text, folded):
        parts += (folded[done:start], plain)
        length += start - done
        units.append(_Unit(start, end, length, plain, hidden))
        length += len(plain)
        done = end
    if not units and folded == text:
        return None
    return Layer("".join([*parts, folded[done:]]), units)


def plainer(text: str) -> str:
    """The text of ``unfold``, without the way back and for less; ``text`` if it wears none."""
    if text.isascii() and not has_escape(text):
        return text
    if len(text) <= _LONG:
        return _plain(text)
    # At once, each of what is replaced would be a text of its own in a list of all.
    plain = ""
    for piece in _pieces(text):
        plain += _plain(piece)
    return plain


def _plain(text: str) -> str:
    if has_escape(text):
        return _ANY.sub(_plainer, text)
    return _ODD.sub(lambda odd: FOLD[ord(text[odd.start()])], one_by_one(text))


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        seam = _SEAM.search(text, at + _PIECE)
        end = seam.end() if seam else len(text)
        yield text[at:end]
        at = end


def open_unit(text: str) -> int:
    """Where an escape begins that more text could complete; the length of ``text`` if none does.

    It may stand in the middle of a unit that is complete as far as it goes; ``Layer.snap`` helps.
    """
    if not has_escape(text):
        return len(text)
    found = _OPEN_UNIT.search(text, max(len(text) - _OPEN_WIDTH, 0))
    return found.start() if found else len(text)


def _plainer(found: re.Match[str]) -> str:
    part = found[0]
    if part[0] == "%":
        return _all_percent(part)
    if part[0] not in _ESCAPES:
        return part.translate(FOLD)
    unit = _ESCAPES[part[0]](part, 0)
    return part if unit is None else unit[1]


def _all_percent(run: str) -> str:
    try:
        return bytes.fromhex(run.replace("%", "")).decode()
    except UnicodeDecodeError:
        pass
    parts: list[str] = []
    at = 0
    while at < len(run):
        end, plain = _percent(run, at) or (at + 3, run[at : at + 3])
        parts.append(plain)
        at = end
    return "".join(parts)


def _one_by_one(text: str) -> str:
    if len(text) <= _LONG:
        return one_by_one(text)
    folded = ""
    for piece in _pieces(text):
        folded += one_by_one(piece)
    return folded


def _units(text: str, folded: str) -> Iterator[tuple[int, int, str, bool]]:
    """Start, end, meaning and invisibility of what does not stand for one character."""
    at = 0
    while (special := _SPECIAL.search(folded, at)) is not None:
        start, at = special.span()
        char = text[start]
        if char != folded[start] == ODD:
            yield start, at, FOLD[ord(char)], ord(char) in HIDDEN
        elif char in _ESCAPES and (unit := _ESCAPES[char](text, start)) is not None:
            at = unit[0]
            yield start, at, unit[1], False


def _entity(text: str, start: int) -> tuple[int, str] | None:
    found = _ENTITY.match(text, start)
    if found is None:
        return None
    decimal, hexadecimal, name = found.groups()
    if name is not None:
        plain = html5.get(name + ";")
    else:
        plain = _code_point(int(decimal) if decimal else int(hexadecimal, 16))
    return None if plain is None else (found.end(), plain)


def _percent(text: str, start: int) -> tuple[int, str] | None:
    found = _PERCENT.match(text, start)
    if found is None:
        return None
    data = bytes.fromhex(found[0].replace("%", ""))
    for count in range(1, len(data) + 1):
        try:
            return start + 3 * count, data[:count].decode()
        except UnicodeDecodeError:
            continue
    return None


def _backslash(text: str, start: int) -> tuple[int, str] | None:
    found = _BACKSLASH.match(text, start)
    if found is None:
        return None
    high, low, four, two, short = found.groups()
    if short is not None:
        return found.end(), _SHORT.get(short, short)
    if high is not None:
        code = 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00
    else:
        code = int(four or two, 16)
    plain = _code_point(code)
    return None if plain is None else (found.end(), plain)


def _code_point(code: int) -> str | None:
    return None if code > 0x10FFFF or 0xD800 <= code < 0xE000 or code == 0 else chr(code)


_ESCAPES: Final[dict[str, Callable[[str, int], tuple[int, str] | None]]] = {
    "&": _entity,
    "%": _percent,
    "\\": _backslash,
}
