"""Strict JSON by the standard library alone: slow, and obviously right."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

__all__ = ["NotStrict", "same", "strict"]

_MAX_CONTAINERS = 100_000
_MAX_BRACKETS = 1_000_000


class NotStrict(Exception):
    """The text is not JSON, or two parsers could read it in two ways."""


def strict(data: bytes, *, max_depth: int = 64) -> Any:
    """The value of a text that is strict JSON within the limits.

    Raises:
        NotStrict: It is not.
    """
    if data.count(b"[") + data.count(b"{") > _MAX_BRACKETS:
        raise NotStrict("too many brackets")
    try:
        text = data.decode()
        if _depth(text) > max_depth:
            raise NotStrict("too deep")
        value = _DECODER.decode(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise NotStrict from error
    if _containers(value) > _MAX_CONTAINERS:
        raise NotStrict("too many objects and arrays")
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types; 1, 1.0 and true are three."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    # -0.0 is equal to 0.0, and another number.
    return bool(one == other) and repr(one) == repr(other)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*+"', "", text, flags=re.DOTALL):
        depth += (bracket in "[{") - (bracket in "]}")
        deepest = max(deepest, depth)
    return deepest


def _containers(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, (dict, list)) + sum(map(_containers, inside))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise NotStrict("a key twice")
    return dict(pairs)


def _integer(digits: str) -> int:
    value = int(digits)
    if not -(2**63) <= value < 2**64:
        raise NotStrict("beyond 64 bits")
    return value


def _constant(_: str) -> NoReturn:
    raise NotStrict("no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
