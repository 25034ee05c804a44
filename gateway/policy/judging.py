"""Many conditions judged at once, so that what follows from the judgements can be remembered."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from gateway.policy.matrix import judge, known, rank

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from gateway.policy.matrix import Condition
    from gateway.terms import Parameters, Value

__all__ = ["Judging"]

_UNORDERED: Final = frozenset({"tools", "system", "stream", "tool_choice", "response_format"})


class Judging:
    """Conditions that are asked of the same requests.

    Args:
        conditions: The conditions.
    """

    __slots__ = ("_others", "_scales")

    def __init__(self, conditions: Iterable[Condition]) -> None:
        by_word: dict[str, list[Condition]] = {}
        for condition in dict.fromkeys(conditions):
            by_word.setdefault(condition.word, []).append(condition)
        scales = {word for word, some in by_word.items() if _is_scale(word, some)}
        self._scales = tuple(_Scale(word, by_word[word]) for word in scales)
        self._others = tuple(
            one for word, some in by_word.items() if word not in scales for one in some
        )

    def __bool__(self) -> bool:
        return bool(self._scales or self._others)

    def key(self, parameters: Parameters) -> Hashable:
        """What all judgements follow from: requests with the same key are judged alike."""
        return (
            tuple([scale.place(parameters) for scale in self._scales]),
            tuple([judge(condition, parameters) for condition in self._others]),
        )


def _is_scale(word: str, conditions: Sequence[Condition]) -> bool:
    return (
        len(conditions) > 1
        and word not in _UNORDERED
        and all(one.present is None for one in conditions)
    )


class _Scale:
    """The bounds of one parameter in several conditions, in their order."""

    __slots__ = ("_gte", "_lte", "_single", "_word")

    def __init__(self, word: str, conditions: Iterable[Condition]) -> None:
        bounds = [one.bounds for one in conditions if one.bounds is not None]
        self._word = word
        self._lte = _places(word, [one.lte for one in bounds])
        self._gte = _places(word, [one.gte for one in bounds])
        self._single = frozenset(_places(word, [it for one in bounds for it in one.one_of or ()]))

    def place(self, parameters: Parameters) -> Hashable:
        """Between which bounds the parameter's values lie."""
        if not known(self._word, parameters):
            return None
        return tuple([self._cell(value) for value in parameters.values.get(self._word, ())])

    def _cell(self, value: Value) -> Hashable:
        place = rank(self._word, value)
        if place is None:
            return None
        single = place if place in self._single else None
        return bisect_left(self._lte, place), bisect_right(self._gte, place), single


def _places(word: str, values: Iterable[Value | None]) -> list[float]:
    return sorted(place for value in values if (place := rank(word, value)) is not None)
