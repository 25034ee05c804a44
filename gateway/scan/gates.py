"""Tells in one pass which disguises may stand in a text at all."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from gateway.scan.matcher import Automaton

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BEYOND", "WIDE", "Gate", "open_gates", "open_gates_of"]

_NATO: Final = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|"
    "oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu"
)

_RANGES: Final = ((0x370, 0x1FFF), (0x3041, 0xD7FF), (0xF900, 0xFDFF), (0xFE70, 0xFEFC))
WIDE: Final = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in _RANGES)
"""Letters of other alphabets than the Latin one, in a class of RE2 and Hyperscan."""
BEYOND: Final = "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES)
"""The same in a class of Python."""


class Gate(IntEnum):
    """What may stand in a text."""

    ENCODED = 0
    SPELLED = 1
    NUMBERS = 2
    PAIRS = 3
    BITS = 4
    MORSE = 5
    LEET = 6
    NATO = 7
    LINES = 8
    SPELLED_WIDE = 9


_EXPRESSIONS: Final = {
    Gate.ENCODED: r"[A-Za-z0-9+/_-]{16}",
    Gate.LINES: (
        r"[A-Za-z0-9+/_-]{16}[ \t]*\r?\n|"
        r"[A-Za-z0-9+/_-]{4}[ \t]*\r?\n[ \t>]*[A-Za-z0-9+/_-]{2,}[ \t]*\r?\n"
    ),
    Gate.SPELLED: r"(?:^|[^A-Za-z0-9])[A-Za-z0-9](?:[^A-Za-z0-9]{1,5}[A-Za-z0-9]){4}",
    Gate.SPELLED_WIDE: (
        rf"[{WIDE}](?:[^0-9A-Za-z{WIDE}]{{1,5}}[0-9A-Za-z{WIDE}]){{3}}[^0-9A-Za-z{WIDE}]"
    ),
    Gate.NUMBERS: r"[0-9]{2,3}(?:[ ,;\-\n\r]{1,3}[0-9]{2,3}){5}|(?:\\[0-7]{3}){5}",
    Gate.PAIRS: (r"[0-9A-Fa-f]{2}(?:[ ,:;\-\n\r]{0,2}(?:0x|U\+00|=)?[0-9A-Fa-f]{2}){5}"),
    Gate.BITS: r"[01]{7,8}(?:[ ,;\-\n\r]{0,2}[01]{7,8}){4}",
    Gate.MORSE: r"[.\-_]{1,6}(?:[ /|\n\t]{1,5}[.\-_]{1,6}){5}",
    Gate.LEET: (
        r"[A-Za-z][0134578@$!|+][A-Za-z0-9@$]|[0134578@$][A-Za-z]{2}|[A-Za-z]{2}[0134578@$]"
    ),
    # Two of them are many in prose, and more would make the automaton large.
    Gate.NATO: rf"(?i)(?:{_NATO})[^A-Za-z]{{1,4}}(?:{_NATO})",
}
_AUTOMATON: Final = Automaton([_EXPRESSIONS[gate] for gate in Gate])


def open_gates(data: bytes | memoryview) -> frozenset[Gate]:
    """The disguises that may stand in a text in UTF-8; of the others none does."""
    return frozenset(map(Gate, _AUTOMATON.occurring(data)))


def open_gates_of(pieces: Iterable[bytes]) -> frozenset[Gate]:
    """The same of a text that is given in pieces."""
    return frozenset(map(Gate, _AUTOMATON.occurring_in(pieces)))
