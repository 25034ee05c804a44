"""What single characters stand for once their disguise is taken off.

Sources: Unicode NFKC (UAX #15), the confusables of UTS #39 for the Cyrillic, Greek, Armenian and
Latin look-alikes of ASCII letters, default-ignorable code points (UAX #44), tag characters and
variation selectors as carriers of hidden ASCII; enclosed letters, regional indicators, small
capitals and Braille cells, which show a letter that no table of Unicode names.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import Final

import numpy as np

__all__ = ["FOLD", "HIDDEN", "ODD", "one_by_one"]

_CONFUSABLES: Final = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУҮԌԚԜаеорсухіѕјһԁԛԝӏвкмнтгпи"
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοινρτυκχεγηωσ"
        "օսոհցյքգɡɩıƖǀאӀ‚‘’“”‐‑‒–—−⁄∕∶․",  # noqa: RUF001 - look-alikes are the point
        "ABESIJKMHOPCTXYYGQWaeopcyxisjhdqwlbkmhtrnu"
        "ABEZHIKMNOPTYXaoivptukxeynwo"
        "ounhgjqqgiiIlxl,''\"\"------//:.",
        strict=True,
    )
)
_ENCLOSED: Final = (0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
"""Where the letters from A to Z begin that stand in brackets, squares, circles or flags."""
_SMALL_LETTERS: Final = dict(
    zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True)
)
_CELLS: Final = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵⠀⠂⠲⠦⠖"
_SMALL_LETTERS.update(zip(_CELLS, "abcdefghijklmnopqrstuvwxyz ,.?!", strict=True))
_IGNORED: Final = frozenset(
    chain(
        (0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
        (*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F)),
        (*range(0x2060, 0x2070), *range(0xFFF0, 0xFFFC), 0xE0001, 0xE007F),
    )
)
_MARKS: Final = (
    range(0x0300, 0x0370),
    range(0x0483, 0x048A),
    range(0x1AB0, 0x1B00),
    range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100),
    range(0xFE20, 0xFE30),
)
_LONGEST: Final = 4
"""Compatibility forms longer than this are ornaments, not disguises."""


class _Fold(dict[int, str]):
    """A table for ``str.translate`` that works out each character once."""

    def __missing__(self, code: int) -> str:
        value = _fold(code)
        # Bounded, because there are bounded many code points.
        self[code] = value
        return value


def _fold(code: int) -> str:
    carried = _carried(code)
    if carried is not None:
        return carried
    char = chr(code)
    drawn = _drawn(code)
    if drawn is not None:
        return drawn
    if code in _IGNORED or any(code in marks for marks in _MARKS):
        return ""
    if unicodedata.category(char) in ("Zs", "Zl", "Zp"):
        return " "
    plain = unicodedata.normalize("NFKD", _CONFUSABLES.get(char, char))
    base = "".join(_CONFUSABLES.get(one, one) for one in plain if not unicodedata.combining(one))
    return base if base.isascii() and 0 < len(base) <= _LONGEST else _composed(char)


def _drawn(code: int) -> str | None:
    """The letter that a sign shows which Unicode does not say to be one."""
    if 0x249C <= code < 0x249C + 26:
        return chr(ord("a") + code - 0x249C)
    for first in _ENCLOSED:
        if first <= code < first + 26:
            return chr(ord("A") + code - first)
    return _SMALL_LETTERS.get(chr(code))


def _composed(char: str) -> str:
    composed = unicodedata.normalize("NFKC", char)
    return composed if len(composed) == 1 else char


def _carried(code: int) -> str | None:
    """The character that a tag character or a variation selector carries."""
    if 0xE0020 <= code <= 0xE007E:
        return chr(code - 0xE0000)
    if 0xFE00 <= code <= 0xFE0F:
        return _byte(code - 0xFE00)
    if 0xE0100 <= code <= 0xE01EF:
        return _byte(code - 0xE0100 + 16)
    return None


def _byte(value: int) -> str:
    return chr(value) if 32 <= value < 127 else ""


FOLD: Final = _Fold()
"""Code point to the text that it stands for; for ``str.translate``."""
HIDDEN: Final = frozenset(
    chain(
        (0x00AD, 0x200B, 0x2060, 0x2062, 0x2063, 0x2064, 0xFEFF, *range(0x202A, 0x202F)),
        (*range(0xE0020, 0xE007F), *range(0xE0100, 0xE01F0)),
    )
)
"""Code points that no reader sees and that honest prose has no use for in a sentence."""
ODD: Final = "\ufdd0"
"""Stands for what is no one character, or hidden; by Unicode itself no character."""


class _OneByOne(dict[int, str]):
    """The part of ``FOLD`` that turns one visible character into one, for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        plain = FOLD[code] if code > 127 else chr(code)
        value = plain if len(plain) == 1 and code not in HIDDEN else ODD
        self[code] = value
        return value


_ONE_BY_ONE: Final = _OneByOne()
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+(?:[\x00-\x7f]{1,3}[^\x00-\x7f]+)*")
_LONG: Final = 64
"""Characters from which on it is faster to look up all of a text at once."""
_PLANE: Final = 1 << 16
_KNOWN: Final = np.zeros(_PLANE, np.uint16)
"""What stands for each character of two bytes in UTF-16; 0 where that is not known, or is none."""
_KNOWN[:128] = range(128)


def one_by_one(text: str) -> str:
    """The text with the one character that each stands for, or ``ODD``; ASCII stands for itself."""
    if len(text) >= _LONG:
        units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        found = _KNOWN.take(units)
        if found.all() or (_learnt(units[found == 0]) and (found := _KNOWN.take(units)).all()):
            return found.tobytes().decode("utf-16-le")
    return _FOREIGN.sub(_one_by_one, text)


def _learnt(units: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> bool:
    """Notes what stands for characters; whether all of them have two bytes."""
    codes = set(units.tolist())
    for code in codes:
        if code and not 0xD800 <= code < 0xE000 and (plain := ord(_ONE_BY_ONE[code])) < _PLANE:
            _KNOWN[code] = plain
    return bool(_KNOWN.take(list(codes)).all())


def _one_by_one(found: re.Match[str]) -> str:
    return found[0].translate(_ONE_BY_ONE)
