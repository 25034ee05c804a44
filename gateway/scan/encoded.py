"""Base64 and hexadecimal in whole texts: short, in lines, without padding, as long as it is.

In a stream only runs of one line are read, and those in pieces; see ``decode``.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.gates import Gate
from gateway.scan.matcher import compile_exact
from gateway.scan.patches import Unit
from gateway.scan.places import places
from gateway.scan.plausible import is_letters, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.patches import Span

__all__ = ["encoded"]

_SHORTEST: Final = 16
_SAMPLE: Final = 256
"""Characters of a long run that tell whether it is text; four make whole bytes."""
_LONG: Final = 32
"""Characters of a run that decodes to text only by intent."""
_RUN: Final = compile_exact(f"[A-Za-z0-9+/_-]{{{_SHORTEST},}}")
_NEXT: Final = r"(?:[ \t]*\r?\n[ \t>]{0,8}[A-Za-z0-9+/_-]{2,})"
_BLOCK: Final = compile_exact(
    rf"(?:[A-Za-z0-9+/_-]{{4,}}{_NEXT}|[A-Za-z0-9+/_-]{{{_SHORTEST},}}){_NEXT}+={{0,2}}"
)
_LINE: Final = re.compile(r"[A-Za-z0-9+/_\-]+")
_STANDARD: Final = str.maketrans("-_", "+/")
_HEX: Final = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2})+)")


class _Way(NamedTuple):
    """So many bytes are written in so many characters, after some that say nothing."""

    size: int
    chars: int
    skipped: int


def encoded(text: str, data: bytes | memoryview, gates: frozenset[Gate]) -> Iterator[Unit]:
    """The runs of ``text`` that decode to readable text.

    Args:
        text: Any text.
        data: The same in UTF-8.
        gates: What may stand in it.
    """
    if Gate.ENCODED in gates:
        for span in places(_RUN, text, data):
            yield from _unit(text, [span])
    if Gate.LINES in gates:
        for start, end in places(_BLOCK, text, data):
            yield from _lines(text, start, end)


def _lines(text: str, start: int, end: int) -> Iterator[Unit]:
    """What lines say together, where the first or the last may be a word beside them."""
    lines = [one.span() for one in _LINE.finditer(text, start, end)]
    for first, last in ((0, 0), (1, 0), (0, 1), (1, 1)):
        part = lines[first : len(lines) - last]
        for unit in _unit(text, part) if len(part) > 1 else ():
            padded = end if text[end - 1] == "=" and not last else 0
            yield unit._replace(end=max(unit.end, padded))
            return


def _unit(text: str, lines: list[tuple[int, int]]) -> Iterator[Unit]:
    """What lines decode to when they are one, if that is text."""
    # A line has two characters at least, so that these are enough to tell, and too many to join.
    if len(lines) > 2 * _SAMPLE and not _any_readable(_joined(text, lines[:_SAMPLE])[:_SAMPLE]):
        return
    run = _joined(text, lines)
    if len(run) > 4 * _SAMPLE and not _any_readable(run[:_SAMPLE]):
        return
    for data, way in _decodings(run):
        plain = _readable(data)
        if plain is not None and (len(run) >= _LONG or is_letters(plain)):
            yield Unit(lines[0][0], lines[-1][1], plain, "encoded", _span(plain, lines, way))
            return


def _joined(text: str, lines: list[tuple[int, int]]) -> str:
    return "".join([text[start:end] for start, end in lines])


def _any_readable(run: str) -> bool:
    return any(_readable(data) is not None for data, _ in _decodings(run))


def _decodings(run: str) -> Iterator[tuple[bytes, _Way]]:
    found = _HEX.fullmatch(run)
    if found is not None:
        yield bytes.fromhex(found[1]), _Way(1, 2, found.start(1))
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        data = binascii.a2b_base64(whole.translate(_STANDARD) + "=" * (-len(whole) % 4))
    except binascii.Error:
        return
    yield data, _Way(3, 4, 0)


def _readable(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        # A run may end, or be cut, within a character.
        if error.start < len(data) - 3 or not error.start:
            return None
        text = data[: error.start].decode()
    return text if is_text(text) else None


def _span(plain: str, lines: list[tuple[int, int]], way: _Way) -> Span:
    lengths = [0, *accumulate(end - start for start, end in lines)]

    def place(index: int) -> int:
        """Where the character of the run stands that has this index in it."""
        line = bisect_right(lengths, index) - 1
        return lines[line][0] + index - lengths[line]

    def span(start: int, end: int) -> tuple[int, int]:
        first = len(plain[:start].encode())
        last = first + len(plain[start:end].encode())
        stop = way.skipped - (-last // way.size) * way.chars
        return (
            place(way.skipped + first // way.size * way.chars),
            place(min(stop, lengths[-1]) - 1) + 1,
        )

    return span
