"""What is written for one parameter so that several conditions hold of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from gateway.policy.matrix import Condition, name_matches, rank
from gateway.terms import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.terms import Changes, Value

__all__ = ["MAX_TOKENS", "Target", "is_range", "target"]

MAX_TOKENS: Final = "max_tokens"
"""The one parameter whose upper bound a request may leave to the gateway to state."""

_RANGES: Final = frozenset(
    {MAX_TOKENS, "temperature", "top_p", "n", "reasoning_tokens", "reasoning_effort"}
)
"""The parameters for which a value between bounds can be written."""


class Target(Protocol):
    """What one parameter is made to say."""

    def change(self, values: tuple[Value, ...]) -> Changes:
        """The change that these values need; none if they are right already."""


def target(word: str, conditions: Sequence[Condition]) -> Target | None:
    """What makes conditions hold together; None if nothing does, or nothing can be written."""
    if not all(_writable(condition) for condition in conditions):
        return None
    if word == "tools":
        return _Tools(tuple(one.names for one in conditions if one.names is not None))
    return _system(conditions) if word == "system" else _range(word, conditions)


def is_range(condition: Condition) -> bool:
    """Whether a condition says between which bounds a value lies, and nothing else."""
    bounds = condition.bounds
    return (
        condition.word in _RANGES
        and condition.present is None
        and bounds is not None
        and bounds.one_of is None
        and (bounds.lte is not None or bounds.gte is not None)
    )


def _writable(condition: Condition) -> bool:
    """Whether the gateway can make so all that a condition says."""
    word = condition.word
    if word == "tools":
        return condition.names is not None and condition == Condition(word, names=condition.names)
    if word == "system":
        forms = (Condition(word, pinned=condition.pinned), Condition(word, prefix=condition.prefix))
        return condition in forms and condition != Condition(word)
    return is_range(condition)


@dataclass(frozen=True, slots=True)
class _Range:
    word: str
    least: float | None
    most: float | None

    def change(self, values: tuple[Value, ...]) -> Changes:
        """The least of the values, moved no further than the bounds ask.

        Where there is no value, or one without a place in the order, it is the upper bound.
        """
        places = [rank(self.word, value) for value in values]
        ranked = [place for place in places if place is not None]
        wanted = min(ranked) if ranked and len(ranked) == len(places) else self.most
        if wanted is None or (self.least is not None and wanted < self.least):
            wanted = self.least
        elif self.most is not None and wanted > self.most:
            wanted = self.most
        if wanted is None or (places and all(self._fits(place) for place in places)):
            return {}
        return {self.word: EFFORTS[int(wanted)] if self.word == "reasoning_effort" else wanted}

    def _fits(self, place: float | None) -> bool:
        return (
            place is not None
            and (self.least is None or place >= self.least)
            and (self.most is None or place <= self.most)
        )


@dataclass(frozen=True, slots=True)
class _Tools:
    globs: tuple[tuple[str, ...], ...]

    def change(self, values: tuple[Value, ...]) -> Changes:
        """The tools whose names every rule lets stay."""
        staying = tuple(tool for tool in values if isinstance(tool, str) and self._stays(tool))
        return {} if staying == values else {"tools": staying}

    def _stays(self, tool: str) -> bool:
        return all(name_matches(globs, tool) for globs in self.globs)


@dataclass(frozen=True, slots=True)
class _Pinned:
    text: str

    def change(self, values: tuple[Value, ...]) -> Changes:
        """This text instead of all others."""
        return {} if values == (self.text,) else {"system": self.text}


@dataclass(frozen=True, slots=True)
class _Prefix:
    text: str

    def change(self, values: tuple[Value, ...]) -> Changes:
        """This text before the others, unless the first begins with it."""
        fits = values and str(values[0]).startswith(self.text)
        return {} if fits else {"system_prefix": self.text}


def _range(word: str, conditions: Iterable[Condition]) -> Target | None:
    bounds = [one.bounds for one in conditions if one.bounds is not None]
    most = [place for one in bounds if (place := rank(word, one.lte)) is not None]
    least = [place for one in bounds if (place := rank(word, one.gte)) is not None]
    if most and least and max(least) > min(most):
        return None
    return _Range(word, max(least, default=None), min(most, default=None))


def _system(conditions: Sequence[Condition]) -> Target | None:
    pinned = {one.pinned for one in conditions if one.pinned is not None}
    prefixes = [one.prefix for one in conditions if one.prefix is not None]
    longest = max(prefixes, key=len, default="")
    if len(pinned) > 1 or not all(longest.startswith(prefix) for prefix in prefixes):
        return None
    for text in pinned:
        return _Pinned(text) if text.startswith(longest) else None
    return _Prefix(longest)
