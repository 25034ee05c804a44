"""Strings of which one stands in every match of an expression, in whatever alphabet.

They are asked for before an expression is compiled: where none of them stands it matches nowhere.
``needs`` asks for words of ASCII and knows what stands beside them; here they may run together.
"""

from __future__ import annotations

from re import _constants as sre  # type: ignore[attr-defined]
from sys import intern
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["APART", "Telling", "telling"]

Telling: TypeAlias = "tuple[str, ...]"
"""Sets of lower-case strings; of each of them one stands in every match. Each is kept as one text
with ``APART`` between its strings, as sets of them would take eight times as much."""
APART: Final = "\0"
_MOST: Final = 2
"""Sets that are kept of an expression; the others are hardly ever asked."""
_RARE: Final = 1.0
_REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT)


def telling(nodes: Iterable[Any]) -> Telling:
    """The sets that are met most rarely.

    Args:
        nodes: The expression, as Python's parser gives it.
    """
    ranked = sorted(set(_sets(nodes)), key=lambda one: (_chance(one), sorted(one)))
    kept = [one for one in ranked if _chance(one) < _RARE][:_MOST]
    # Expressions are put together of the same words, which are kept once.
    return tuple(intern(APART.join(sorted(one))) for one in kept)


def _chance(strings: frozenset[str]) -> float:
    """How likely one of them stands in a text, by and large."""
    return sum(2.0 ** -len(one.encode()) for one in strings)


def _sets(nodes: Iterable[Any]) -> Iterator[frozenset[str]]:
    said = ""
    for op, value in nodes:
        if op is sre.LITERAL:
            said += chr(value)
            continue
        if said:
            yield frozenset({said.lower()})
            said = ""
        if op is sre.SUBPATTERN:
            yield from _sets(value[3])
        elif op is sre.BRANCH:
            ways = [min(_sets(one), key=_chance, default=None) for one in value[1]]
            if None not in ways:
                yield frozenset().union(*(way for way in ways if way))
        elif op in _REPEATS and value[0]:
            yield from _sets(value[2])
    if said:
        yield frozenset({said.lower()})
