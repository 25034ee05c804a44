"""Texts written in base64 or hexadecimal inside of a text.

A run of at least 24 characters of the base64 alphabet is read in pieces of at most ``PIECE``; a
piece that decodes to readable text is that text.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.scan.matcher import compile_exact
from gateway.scan.regex import Regex

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RUN", "Piece", "has_run", "open_run", "pieces", "snap"]

PIECE: Final = 4096
SHORTEST: Final = 24
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
RUN: Final = Regex(f"[A-Za-z0-9+/_-]{{{SHORTEST}}}")
"""What must occur in a text that has such a piece; what looks for it looks for less."""
_RUNS: Final = compile_exact(f"[A-Za-z0-9+/_-]{{{SHORTEST},}}")
_IN_RUN: Final = bytes(ord("x") if chr(code) in _ALPHABET else ord(" ") for code in range(256))
_SHORTEST_RUN: Final = b"x" * SHORTEST
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_STANDARD: Final = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """A decoded text and how to find the way back.

    Attributes:
        start: Where in the text the piece begins.
        end: Where it ends.
        text: What it decodes to.
        ratio: Bytes and the characters that write them: (3, 4) for base64, (1, 2) for hex.
    """

    start: int
    end: int
    text: str
    ratio: tuple[int, int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the piece that write ``text[start:end]``."""
        size, chars = self.ratio
        first = len(self.text[:start].encode())
        last = first + len(self.text[start:end].encode())
        return (
            self.start + first // size * chars,
            min(self.start + -(-last // size) * chars, self.end),
        )


def has_run(data: bytes) -> bool:
    """Whether a text in UTF-8 has a run that is long enough to be read."""
    return _SHORTEST_RUN in data.translate(_IN_RUN)


def open_run(text: str) -> int:
    """Where the piece begins that more text could lengthen; the length of ``text`` if none does."""
    start = len(text.rstrip(_ALPHABET))
    return start + (len(text) - start) // PIECE * PIECE


def snap(text: str, index: int) -> int:
    """``index``, or the start of the piece that it would cut."""
    return next((start for start, end in _spans(text) if start < index < end), index)


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of ``text`` that decode to readable text."""
    for start, end in _spans(text):
        run = text[start:end]
        for data, ratio in _decodings(run):
            plain = _readable(data)
            if plain is not None:
                yield Piece(start, end, plain, ratio)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    # Every run is ASCII, so the bytes of its characters are one each.
    data = text.encode("utf-8", "replace")
    narrow = len(data) == len(text)
    char = byte = 0
    for match in _RUNS.finditer(data):
        start, end = match.span()
        char += start - byte if narrow else len(data[byte:start].decode())
        byte = start
        yield from _cut(char, char + end - start)


def _cut(start: int, end: int) -> Iterator[tuple[int, int]]:
    for at in range(start, end, PIECE):
        stop = min(at + PIECE, end)
        if stop - at >= SHORTEST:
            yield at, stop


def _decodings(run: str) -> Iterator[tuple[bytes, tuple[int, int]]]:
    if len(run) % 2 == 0 and _HEX.issuperset(run):
        yield bytes.fromhex(run), (1, 2)
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        yield base64.b64decode(whole.translate(_STANDARD) + "=" * (-len(whole) % 4)), (3, 4)
    except binascii.Error:
        return


def _readable(data: bytes) -> str | None:
    """The text that ``data`` is, if people or models could read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data[:-3].decode("utf-8", "ignore")
        if len(text.encode()) < len(data) - 6:
            return None
    strange = sum(not (char.isprintable() or char in "\t\r\n") for char in text[:256])
    return text if strange * 16 <= min(len(text), 256) else None
