"""The plaintext of a record's sealed part: a JSON object of what only auditors may read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["spell"]

_LARGE: Final = 2**18
_PIECE: Final = 2**16
_RAW: Final = (bytes, bytearray)


def spell(sealed: Mapping[str, Any]) -> bytes | bytearray:
    """The plaintext, taken now: the caller may change the values afterwards.

    Where it is large it is a ``bytearray``, and no second copy of it was made.

    Args:
        sealed: Any JSON value per name; bytes are a text in UTF-8, with U+FFFD for what is not. A
            large ``bytearray`` is used up: it becomes the plaintext.

    Raises:
        AuditUnavailable: A value is none that JSON can hold.
    """
    large = {name: one for name, one in sealed.items() if type(one) in _RAW and len(one) > _LARGE}
    rest = {name: _plain(one) for name, one in sealed.items() if name not in large}
    if not large:
        return _dumped(rest)
    spelt = bytearray(_dumped(rest)[:-1])
    for name, text in large.items():
        spelt += b"," * (len(spelt) > 1) + _dumped(name) + b':"'
        spelt = _with_text(spelt, text)
        spelt += b'"'
    spelt += b"}"
    return spelt


def _with_text(spelt: bytearray, text: bytes | bytearray) -> bytearray:
    """What is spelt, with a text behind it as it stands in a JSON string."""
    if type(text) is bytearray:
        _spell_in_place(text)
        text[:0] = spelt
        return text
    for start, end in _pieces(text):
        spelt += _spelt(text[start:end])
    return spelt


def _spell_in_place(text: bytearray) -> None:
    """Spells a text in its own place, from its end on: no piece of it becomes shorter."""
    pieces = list(_pieces(text))
    to = len(text)
    for start, end in pieces:
        to += len(_spelt(text[start:end])) - (end - start)
    for at in range(len(text), to, _PIECE):
        text += bytes(min(_PIECE, to - at))
    for start, end in reversed(pieces):
        piece = _spelt(text[start:end])
        text[to - len(piece) : to] = piece
        to -= len(piece)


def _spelt(text: bytes | bytearray) -> bytes:
    return orjson.dumps(text.decode("utf-8", "replace"))[1:-1]


def _pieces(text: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Where pieces begin and end; none cuts a character."""
    start = 0
    while start < len(text):
        end = _seam(text, start + _PIECE)
        yield start, end
        start = end


def _seam(text: bytes | bytearray, at: int) -> int:
    """The first place from ``at`` on at which a character, or what is none, begins (RFC 3629)."""
    for place in range(at, at + 3):
        if place >= len(text) or text[place] & 0xC0 != 0x80:
            return min(place, len(text))
    # No character has four bytes that only go on with one.
    return at + 3


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if type(value) in _RAW else value


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    # Slower, but it also takes what JSON allows and orjson does not: half of a surrogate pair.
    try:
        return json.dumps(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise AuditUnavailable(f"the sealed part is no JSON: {type(error).__name__}") from None
