"""What rules say of parameters, in the words of ``gateway.terms.PARAMETERS``.

A condition holds, does not hold, or cannot be told: a parameter may have no value, several that
disagree, one spelt in another API's way, or none that the format can say. What the gateway cannot
tell counts against the request each time:

- ``surely``: ``require``, and the ``when`` of an allow rule. It must hold.
- ``possibly``: the ``when`` of a deny rule or an override. It is enough that it may hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gateway.policy.globs import MAX_MODEL, GlobTable
from gateway.terms import EFFORTS, PARAMETERS, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.terms import Parameters

__all__ = [
    "Bounds",
    "Condition",
    "describe",
    "judge",
    "known",
    "name_matches",
    "possibly",
    "rank",
    "surely",
]

_RANKS: Final = {effort: place for place, effort in enumerate(EFFORTS)}
_SWITCHES: Final = frozenset({"stream", "tainted"})
_UNORDERED: Final = _SWITCHES | {"tool_choice", "response_format"}
_COUNTED: Final = frozenset({"images", "audio", "files"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a value may lie; what is None bounds nothing.

    Attributes:
        lte: The greatest value; for ``reasoning_effort`` a word of ``EFFORTS``.
        gte: The least value, likewise.
        one_of: The values there may be.
    """

    lte: float | str | None = None
    gte: float | str | None = None
    one_of: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule says of one parameter; all of it must hold.

    Attributes:
        word: The parameter, a word of ``PARAMETERS``.
        present: Whether the request states it: names it at all, or for ``tools``, ``system``,
            ``images``, ``audio`` and ``files`` has at least one.
        bounds: Where its value lies.
        names: For ``tools``: globs of which each tool's name matches at least one.
        any_name: For ``tools``: globs of which at least one tool's name matches one.
        count: For ``tools``: how many there are.
        pinned: For ``system``: the only system text there is.
        prefix: For ``system``: what the first system text begins with.

    Raises:
        ValueError: There is no such parameter, or a bound has no place in the order of its values.
    """

    word: str
    present: bool | None = None
    bounds: Bounds | None = None
    names: tuple[str, ...] | None = None
    any_name: tuple[str, ...] | None = None
    count: Bounds | None = None
    pinned: str | None = None
    prefix: str | None = None

    def __post_init__(self) -> None:
        if self.word not in PARAMETERS:
            raise ValueError(f"{self.word!r} is no parameter")
        _check_bounds(self.word, self.bounds)
        _check_bounds("n", self.count)


def _check_bounds(word: str, bounds: Bounds | None) -> None:
    ends = () if bounds is None else (bounds.lte, bounds.gte)
    if any(end is not None and rank(word, end) is None for end in ends):
        raise ValueError(f"{word} has no such bound")


def surely(condition: Condition, parameters: Parameters | None) -> bool:
    """Whether a condition holds, whatever the gateway does not know."""
    return judge(condition, parameters) is True


def possibly(condition: Condition, parameters: Parameters | None) -> bool:
    """Whether a condition may hold, for all that the gateway does not know."""
    return judge(condition, parameters) is not False


def judge(condition: Condition, parameters: Parameters | None) -> bool | None:
    """Whether a condition holds; None where that cannot be told."""
    word, bounds = condition.word, condition.bounds
    if parameters is None or not known(word, parameters):
        return None
    values = parameters.values.get(word, ())
    if bounds is not None and condition.present is None and len(values) == 1:
        return _lies(word, bounds, values[0])  # what most conditions are
    return _all(_parts(condition, parameters, values))


def known(word: str, parameters: Parameters) -> bool:
    """Whether the format can say a parameter, and the request says it in no other API's way."""
    return word not in parameters.foreign and word not in parameters.inexpressible


def rank(word: str, value: Value | None) -> float | None:
    """What orders the values of a parameter; None for a value that has no place in the order."""
    if word == "reasoning_effort":
        return _RANKS.get(value) if isinstance(value, str) else None
    if word in _UNORDERED or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if value == value else None  # noqa: PLR0124 - NaN has no place


def name_matches(globs: tuple[str, ...], name: str) -> bool:
    """Whether a tool's name matches one of the globs, as names of models do."""
    return bool(_table(globs).find(name))


@lru_cache(maxsize=4096)
def _table(globs: tuple[str, ...]) -> GlobTable[bool]:
    return GlobTable([((glob,), True) for glob in globs])


def _parts(
    condition: Condition, parameters: Parameters, values: tuple[Value, ...]
) -> Iterator[bool | None]:
    """Whether each thing holds that a condition says."""
    word = condition.word
    if condition.present is not None:
        found = _present(word, parameters, values)
        yield None if found is None else found is condition.present
    if condition.bounds is not None:
        yield _all_lie(word, condition.bounds, values)
    if condition.names is not None:
        yield _all(_named(condition.names, tool) for tool in values)
    if condition.any_name is not None:
        yield _any(_named(condition.any_name, tool) for tool in values)
    if condition.count is not None:
        yield _lies("n", condition.count, len(values))
    if condition.pinned is not None:
        yield values == (condition.pinned,)
    if condition.prefix is not None:
        yield bool(values) and str(values[0]).startswith(condition.prefix)


def _all(truths: Iterable[bool | None]) -> bool | None:
    found = set(truths)
    return False if False in found else None if None in found else True


def _any(truths: Iterable[bool | None]) -> bool | None:
    found = set(truths)
    return True if True in found else None if None in found else False


def _present(word: str, parameters: Parameters, values: tuple[Value, ...]) -> bool | None:
    if word in {"tools", "system"}:
        return bool(values)
    if word in _COUNTED and word not in parameters.stated:
        return any(values) if values else None
    return word in parameters.stated


def _all_lie(word: str, bounds: Bounds, values: tuple[Value, ...]) -> bool | None:
    """Whether a parameter lies within bounds; its values must agree."""
    found = {_lies(word, bounds, value) for value in values}
    return found.pop() if len(found) == 1 else None


def _lies(word: str, bounds: Bounds, value: Value) -> bool | None:
    """Whether a value lies within bounds; None where the two cannot be compared."""
    if word in _UNORDERED:
        comparable = isinstance(value, bool if word in _SWITCHES else str)
        return value in (bounds.one_of or ()) if comparable else None
    place = rank(word, value)
    if place is None:
        return None
    if bounds.lte is not None and place > _place(bounds.lte):
        return False
    if bounds.gte is not None and place < _place(bounds.gte):
        return False
    return bounds.one_of is None or any(place == rank(word, one) for one in bounds.one_of)


def _place(end: float | str) -> float:
    return _RANKS[end] if isinstance(end, str) else end


def _named(globs: tuple[str, ...], tool: Value) -> bool | None:
    """Whether a tool's name matches; None for what is no name, or too long to be tried."""
    if not isinstance(tool, str) or len(tool) > MAX_MODEL:
        return None
    return name_matches(globs, tool)


def describe(condition: Condition) -> str:
    """A condition in words of the policy: names of parameters and bounds, and no texts."""
    word = condition.word
    parts = [] if condition.present is None else [f"{word} {_presence(condition.present)}"]
    parts += _bounds_in_words(word, condition.bounds)
    if condition.names is not None:
        parts.append(f"{word} only of {', '.join(condition.names) or 'no name'}")
    if condition.any_name is not None:
        parts.append(f"one of {word} {', '.join(condition.any_name)}")
    parts += _bounds_in_words(f"number of {word}", condition.count)
    if condition.pinned is not None:
        parts.append(f"the pinned {word} text")
    if condition.prefix is not None:
        parts.append(f"the {word} text's fixed beginning")
    return " and ".join(parts)


def _presence(present: bool) -> str:  # noqa: FBT001 - a word for a truth value
    return "present" if present else "absent"


def _bounds_in_words(what: str, bounds: Bounds | None) -> list[str]:
    if bounds is None:
        return []
    parts = [] if bounds.gte is None else [f"{what} >= {_shown(bounds.gte)}"]
    parts += [] if bounds.lte is None else [f"{what} <= {_shown(bounds.lte)}"]
    if bounds.one_of is not None:
        values = ", ".join(_shown(value) for value in bounds.one_of)
        parts.append(f"{what} {'=' if len(bounds.one_of) == 1 else 'one of'} {values}")
    return parts


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
