"""Base64 and hexadecimal in whole texts: short, in lines, without padding, as long as it is.

In a stream only runs of one line are read, and those in pieces; see ``decode``.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.patches import Unit
from gateway.scan.plausible import is_letters, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.patches import Span

__all__ = ["encoded"]

_SHORTEST: Final = 16
_LONG: Final = 32
"""Characters of a run that decodes to text only by intent."""
_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{4,}"
    r"(?:[ \t]*\r?\n[ \t>]{0,8}[A-Za-z0-9+/_\-]{2,})*={0,2}"
)
_LINE: Final = re.compile(r"[A-Za-z0-9+/_\-]+")
_STANDARD: Final = str.maketrans("-_", "+/")
_HEX: Final = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2})+)")


class _Way(NamedTuple):
    """So many bytes are written in so many characters, after some that say nothing."""

    size: int
    chars: int
    skipped: int


def encoded(text: str) -> Iterator[Unit]:
    """The runs of ``text`` that decode to readable text."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        if end - start < _SHORTEST:
            continue
        lines = [one.span() for one in _LINE.finditer(text, start, end)]
        whole = _lines(text, lines) if len(lines) > 1 else None
        if whole is not None:
            yield whole._replace(end=max(whole.end, end if text[end - 1] == "=" else 0))
            continue
        for first, last in lines:
            if last - first >= _SHORTEST and (unit := _unit(text, [(first, last)])) is not None:
                yield unit


def _lines(text: str, lines: list[tuple[int, int]]) -> Unit | None:
    """What lines say together, where the first or the last may be a word beside them."""
    for first, last in ((0, 0), (1, 0), (0, 1), (1, 1)):
        part = lines[first : len(lines) - last]
        if len(part) > 1 and (unit := _unit(text, part)) is not None:
            return unit
    return None


def _unit(text: str, lines: list[tuple[int, int]]) -> Unit | None:
    """What lines decode to when they are one; None where that is no text."""
    run = "".join(text[start:end] for start, end in lines)
    for data, way in _decodings(run):
        plain = _readable(data)
        if plain is not None and (len(run) >= _LONG or is_letters(plain)):
            return Unit(lines[0][0], lines[-1][1], plain, "encoded", _span(plain, lines, way))
    return None


def _decodings(run: str) -> Iterator[tuple[bytes, _Way]]:
    found = _HEX.fullmatch(run)
    if found is not None:
        yield bytes.fromhex(found[1]), _Way(1, 2, found.start(1))
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        data = base64.b64decode(whole.translate(_STANDARD) + "=" * (-len(whole) % 4))
    except binascii.Error:
        return
    yield data, _Way(3, 4, 0)


def _readable(data: bytes) -> str | None:
    for cut in range(4):
        try:
            text = data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
        return text if is_text(text) else None
    return None


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
