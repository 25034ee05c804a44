"""Takes the disguises off a text, one layer at a time, and remembers where everything was.

A layer undoes character escapes (HTML entities, percent, backslash) and folds characters
(full-width and mathematical letters, look-alikes, invisible characters, combining marks, tag
characters). Each unit of the source, such as ``&#105;``, becomes its text independently of what
stands around it, so that a text can be read in pieces cut between units.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from html.entities import html5
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from gateway.scan.folding import FOLD, HIDDEN, ODD, one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LAYERS", "Layer", "has_escape", "open_unit", "plainer", "unfold", "way_back"]

LAYERS: Final = 3
"""As many are taken off."""

# One character class and short, bounded alternatives: linear over any text.
_SPECIAL: Final = re.compile(rf"&|%|\\|{ODD}{ODD}*")
_NOT_ODD: Final = re.compile(f"[^{ODD}]+")
_ODD: Final = re.compile(f"{ODD}{ODD}*")
_ENTITY: Final = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9A-Fa-f]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));")
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2}){1,4}")
_BACKSLASH: Final = re.compile(
    r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))"
)
# What may begin any of them comes first, so that the rest is asked for at few places.
_ANY: Final = re.compile(
    r"[&%\\\x80-\U0010ffff](?:"
    rf"(?<=&){_ENTITY.pattern[1:]}|(?<=%)[0-9A-Fa-f]{{2}}(?:%[0-9A-Fa-f]{{2}})*"
    rf"|(?<=\\)(?:[nrt\"'/\\]|{_BACKSLASH.pattern[2:]})|(?<=[^\x00-\x7f])[^\x00-\x7f]*)"
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
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"} | {one: one for one in "\"'/\\"}


@dataclass(slots=True, repr=False)
class _Units:
    """What parts of a source became, from left to right; a list for each of their properties.

    A text may be nothing but such parts, so that an object for each would be dear.

    Attributes:
        starts: Where each begins in the source.
        ends: Where it ends there.
        ats: Where what it became begins in the layer.
        stops: Where that ends.
        hidden: Whether it is invisible.
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    ats: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)

    def add(self, start: int, end: int, at: int, stop: int) -> None:
        """Adds one that is visible."""
        self.starts.append(start)
        self.ends.append(end)
        self.ats.append(at)
        self.stops.append(stop)
        self.hidden.append(False)

    def add_each(self, start: int, chars: str, at: int) -> str:
        """Adds characters, each of which becomes a text, and gives these."""
        codes = list(map(ord, chars))
        plain = list(map(FOLD.__getitem__, codes))
        end = start + len(codes)
        places = list(accumulate(map(len, plain), initial=at))
        self.starts += range(start, end)
        self.ends += range(start + 1, end + 1)
        self.ats += places[:-1]
        self.stops += places[1:]
        self.hidden += map(HIDDEN.__contains__, codes)
        return "".join(plain)

    def add_all(self, others: _Units, start: int, at: int) -> None:
        """Adds those of a part that begins at ``start`` of the source and ``at`` of the layer."""
        self.starts += [one + start for one in others.starts]
        self.ends += [one + start for one in others.ends]
        self.ats += [one + at for one in others.ats]
        self.stops += [one + at for one in others.stops]
        self.hidden += others.hidden


class Layer:
    """A text with one layer of disguise taken off, and the way back to its source."""

    __slots__ = ("_units", "text")

    def __init__(self, text: str, units: _Units) -> None:
        self.text = text
        self._units = units

    def source_start(self, index: int) -> int:
        """Where in the source the character at ``index`` begins."""
        units, place = self._units, self._place_at(index)
        if place < 0:
            return index
        beyond = index - units.stops[place]
        return units.starts[place] if beyond < 0 else units.ends[place] + beyond

    def source_end(self, index: int) -> int:
        """Where in the source the character before ``index`` ends."""
        return self.source_start(index - 1) + self._width(index - 1) if index else 0

    def index(self, source: int) -> int:
        """How many characters of the layer come from the units before ``source``."""
        units = self._units
        place = bisect_left(units.starts, source) - 1
        if place < 0:
            return source
        beyond = source - units.ends[place]
        return units.stops[place] + beyond if beyond >= 0 else units.ats[place]

    def snap(self, source: int) -> int:
        """``source``, or the start of the unit that it would cut."""
        units = self._units
        place = bisect_left(units.starts, source) - 1
        return units.starts[place] if place >= 0 and source < units.ends[place] else source

    def hides(self, start: int, end: int) -> bool:
        """Whether something invisible stands in this span of the source."""
        units = self._units
        first = bisect_left(units.starts, start)
        last = bisect_left(units.starts, end)
        return any(units.hidden[first:last])

    def _place_at(self, index: int) -> int:
        """The last unit that begins at or before ``index`` and has text there or before."""
        return bisect_right(self._units.ats, index) - 1

    def _width(self, index: int) -> int:
        units, place = self._units, self._place_at(index)
        inside = place >= 0 and index < units.stops[place]
        return units.ends[place] - units.starts[place] if inside else 1


def has_escape(text: str) -> bool:
    """Whether some character stands in ``text`` with which an escape begins."""
    return "&" in text or "%" in text or "\\" in text


def unfold(text: str) -> Layer | None:
    """``text`` with one layer of disguise taken off; ``None`` if it wears none."""
    if text.isascii() and not has_escape(text):
        return None
    # Characters that stand for one character each are where they were: only others are units.
    folded = text if text.isascii() else _one_by_one(text)
    units = _Units()
    plain = "".join(_parts(text, folded, units))
    return Layer(plain, units) if units.starts or folded != text else None


def way_back(text: str) -> Layer | None:
    """The layer of ``unfold`` without its text, which of a long text is as much once more."""
    if len(text) <= _LONG:
        return unfold(text)
    units = _Units()
    at = length = 0
    for piece in _pieces(text):
        folded, own = piece if piece.isascii() else one_by_one(piece), _Units()
        size = sum(map(len, _parts(piece, folded, own)))
        units.add_all(own, at, length)
        at += len(piece)
        length += size
    return Layer("", units) if units.starts else None


def plainer(text: str) -> str:
    """The text of ``unfold``, without the way back and for less; ``text`` if it wears none."""
    if text.isascii() and not has_escape(text):
        return text
    if len(text) <= _LONG:
        return _plain(text)
    # At once, each of what is replaced would be a text of its own in a list of all.
    same = 0
    for piece in _pieces(text):
        if _plain(piece) != piece:
            break
        same += len(piece)
    else:
        return text
    plain = text[:same]
    for piece in _pieces(text, same):
        plain += _plain(piece)
    return plain


def _plain(text: str) -> str:
    if has_escape(text):
        return _ANY.sub(_plainer, text)
    return _ODD.sub(lambda odd: text[odd.start() : odd.end()].translate(FOLD), one_by_one(text))


def _pieces(text: str, at: int = 0) -> Iterator[str]:
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
    unit = _escaped(part, 0)
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


def _parts(text: str, folded: str, units: _Units) -> Iterator[str]:
    """The layer under a text, part by part; notes what does not stand for one character.

    Args:
        text: The source.
        folded: The same, its characters folded that stand for one.
        units: Where to note it.
    """
    done = length = 0
    for special in _SPECIAL.finditer(folded):
        start, end = special.span()
        if folded[start] == ODD:
            # One that stands in the text itself stands for itself.
            for own in _NOT_ODD.finditer(text, start, end):
                yield folded[done : own.start()]
                length += own.start() - done
                yield units.add_each(own.start(), own[0], length)
                length, done = units.stops[-1], own.end()
        elif start >= done and (unit := _escaped(text, start)) is not None:
            yield folded[done:start]
            yield unit[1]
            length += start - done
            units.add(start, unit[0], length, length + len(unit[1]))
            length, done = units.stops[-1], unit[0]
    yield folded[done:]


def _escaped(text: str, start: int) -> tuple[int, str] | None:
    """The end and the meaning of the escape that begins there; None where none does."""
    read = _ESCAPES.get(text[start])
    return None if read is None else read(text, start)


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
    short = _SHORT.get(text[start + 1 : start + 2])
    if short is not None:
        return start + 2, short
    found = _BACKSLASH.match(text, start)
    if found is None:
        return None
    high, low, four, two = found.groups()
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
