"""What rules say of parameters, in the words of ``gateway.terms.PARAMETERS``.

A condition is asked in two ways, and what the gateway cannot know counts against the request each
time: a parameter without a value, spelt in another API's way, or one that the format cannot say.

- ``surely``: ``require``, and the ``when`` of an allow rule. It must hold for every value.
- ``possibly``: the ``when`` of a deny rule or an override. It is enough that it may hold for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gateway.policy.globs import MAX_MODEL, GlobTable
from gateway.terms import EFFORTS, Value

if TYPE_CHECKING:
    from gateway.terms import Parameters

__all__ = ["Bounds", "Condition", "describe", "known", "name_matches", "possibly", "rank", "surely"]

_RANKS: Final = {effort: place for place, effort in enumerate(EFFORTS)}
_WORDS: Final = frozenset({"tool_choice", "response_format"})
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
    """

    word: str
    present: bool | None = None
    bounds: Bounds | None = None
    names: tuple[str, ...] | None = None
    any_name: tuple[str, ...] | None = None
    count: Bounds | None = None
    pinned: str | None = None
    prefix: str | None = None


def surely(condition: Condition, parameters: Parameters | None) -> bool:
    """Whether a condition holds, whatever the gateway does not know."""
    if parameters is None or not known(condition.word, parameters):
        return False
    if condition.present not in {None, _present(condition.word, parameters)}:
        return False
    values = parameters.values.get(condition.word, ())
    if condition.word == "tools":
        return _tools_fit(condition, values, unknown=False)
    if condition.word == "system":
        return _system_fits(condition, values)
    bounds = condition.bounds
    return bounds is None or (
        bool(values) and all(_lies(condition.word, bounds, value) is True for value in values)
    )


def possibly(condition: Condition, parameters: Parameters | None) -> bool:
    """Whether a condition may hold, for all that the gateway does not know."""
    if parameters is None or not known(condition.word, parameters):
        return True
    if condition.present not in {None, _present(condition.word, parameters)}:
        return False
    values = parameters.values.get(condition.word, ())
    if condition.word == "tools":
        return _tools_fit(condition, values, unknown=True)
    if condition.word == "system":
        return _system_fits(condition, values)
    bounds = condition.bounds
    return (
        bounds is None
        or not values
        or any(_lies(condition.word, bounds, value) is not False for value in values)
    )


def known(word: str, parameters: Parameters) -> bool:
    """Whether the format can say a parameter, and the request says it in no other API's way."""
    return word not in parameters.foreign and word not in parameters.inexpressible


def rank(word: str, value: Value | None) -> float | None:
    """What orders the values of a parameter; None for a value that has no place in the order."""
    if word == "reasoning_effort":
        return _RANKS.get(value) if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # noqa: PLR0124 - NaN has no place
        return None
    return value


def name_matches(globs: tuple[str, ...], name: str) -> bool:
    """Whether a tool's name matches one of the globs, as names of models do."""
    return bool(_table(globs).find(name))


@lru_cache(maxsize=4096)
def _table(globs: tuple[str, ...]) -> GlobTable[bool]:
    return GlobTable([(globs, True)])


def _present(word: str, parameters: Parameters) -> bool:
    values = parameters.values.get(word, ())
    if word in {"tools", "system"}:
        return bool(values)
    if word in _COUNTED:
        return any(values) or word in parameters.stated
    return word in parameters.stated


def _lies(word: str, bounds: Bounds, value: Value) -> bool | None:
    """Whether a value lies within bounds; None where the two cannot be compared."""
    if word == "stream" or word in _WORDS:
        comparable = isinstance(value, bool if word == "stream" else str)
        return value in (bounds.one_of or ()) if comparable else None
    place = rank(word, value)
    if place is None:
        return None
    return (
        (bounds.lte is None or place <= (rank(word, bounds.lte) or 0))
        and (bounds.gte is None or place >= (rank(word, bounds.gte) or 0))
        and (bounds.one_of is None or any(place == rank(word, one) for one in bounds.one_of))
    )


def _tools_fit(condition: Condition, tools: tuple[Value, ...], *, unknown: bool) -> bool:
    names = [name for name in tools if isinstance(name, str)]
    if condition.names is not None and not all(
        name_matches(condition.names, name) for name in names
    ):
        return False
    if condition.any_name is not None and not any(
        name_matches(condition.any_name, name) or (unknown and len(name) > MAX_MODEL)
        for name in names
    ):
        return False
    return condition.count is None or _lies("n", condition.count, len(tools)) is True


def _system_fits(condition: Condition, texts: tuple[Value, ...]) -> bool:
    if condition.pinned is not None and texts != (condition.pinned,):
        return False
    return condition.prefix is None or (
        bool(texts) and isinstance(texts[0], str) and texts[0].startswith(condition.prefix)
    )


def describe(condition: Condition) -> str:
    """A condition in words of the policy: names of parameters and bounds, and no texts."""
    word = condition.word
    parts = [] if condition.present is None else [f"{word} {_presence(condition.present)}"]
    parts += _bounds_in_words(word, condition.bounds)
    if condition.names is not None:
        parts.append(f"{word} only of {', '.join(condition.names)}")
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
