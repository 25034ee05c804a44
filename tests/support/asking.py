"""Parameters and conditions in few words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from gateway.policy.matrix import Bounds, Condition
from gateway.terms import Parameters

__all__ = ["asked", "at_least", "at_most", "one_of", "system", "tools"]


def asked(*stated: str, **values: Any) -> Parameters:
    """Parameters with these values, of which some are stated; what is no tuple stands alone."""
    each = {word: value if isinstance(value, tuple) else (value,) for word, value in values.items()}
    return Parameters(MappingProxyType(each), frozenset(stated))


def at_most(word: str, most: float | str) -> Condition:
    return Condition(word, bounds=Bounds(lte=most))


def at_least(word: str, least: float | str) -> Condition:
    return Condition(word, bounds=Bounds(gte=least))


def one_of(word: str, *values: Any) -> Condition:
    return Condition(word, bounds=Bounds(one_of=values))


def tools(**said: Any) -> Condition:
    return Condition("tools", **said)


def system(**said: Any) -> Condition:
    return Condition("system", **said)
