"""The plaintext of a record's sealed part: a JSON object of what only auditors may read."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["spell"]

_LARGE: Final = 2**18
_PIECE: Final = 2**16


def spell(sealed: Mapping[str, Any]) -> bytes | bytearray:
    """The plaintext, taken now: the caller may change the values afterwards.

    Where it is large it is a ``bytearray``, and no second copy of it was made.

    Args:
        sealed: Any JSON value per name; bytes are a text in UTF-8, with U+FFFD for what is not.

    Raises:
        AuditUnavailable: A value is none that JSON can hold.
    """
    large = {name: one for name, one in sealed.items() if type(one) is bytes and len(one) > _LARGE}
    rest = {name: _plain(one) for name, one in sealed.items() if name not in large}
    if not large:
        return _dumped(rest)
    spelt = bytearray(_dumped(rest)[:-1])
    for name, text in large.items():
        spelt += b"," * (len(spelt) > 1) + _dumped(name) + b':"'
        for piece in _pieces(text):
            spelt += orjson.dumps(piece)[1:-1]
        spelt += b'"'
    spelt += b"}"
    return spelt


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if type(value) is bytes else value


def _pieces(text: bytes) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for at in range(0, len(text), _PIECE):
        yield decoder.decode(text[at : at + _PIECE], at + _PIECE >= len(text))


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
