"""JSON that stands inside a string, such as the arguments of a tool call."""

from __future__ import annotations

import json
from math import isinf
from typing import Any, Final, NoReturn

from gateway.wire.numbers import Spelt

__all__ = ["MAX_DEPTH", "dump_embedded", "parse_embedded"]

MAX_DEPTH: Final = 64
"""Levels of objects and lists."""


def parse_embedded(raw: str) -> dict[str, Any] | list[Any] | None:
    """The object or list that a string spells.

    None where the string is not JSON, only a scalar, or where taking it apart would hide a part
    of it from the reader of its leaves: duplicate keys, NaN and Infinity, numbers that overflow
    to it, lone surrogates, more than 64 levels. Such a string is a text as it stands. Control
    characters in strings stand for themselves, as many a parser takes them.
    """
    try:
        value = _DECODER.decode(raw)
        if "\\u" in raw:
            dump_embedded(value).encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, (dict, list)) or not _is_shallow(value):
        return None
    return value


def dump_embedded(value: Any) -> str:
    """The shortest spelling; letters beyond ASCII stand for themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has a key twice")
    return value


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _finite(source: str) -> float:
    value = Spelt(source)
    if isinf(value):
        raise ValueError("Infinity is not JSON")
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, strict=False
)


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return True
    return False
