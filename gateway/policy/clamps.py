"""What an allowed request must say before it leaves, so that it satisfies the rules that allow it.

``require`` is judged on the request as it came. If what one rule clamps would break what another
requires, the rules are taken in the order of their ids, and one that cannot be satisfied together
with those before it does not count as having allowed the request; its scanners and limits stay.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from gateway.policy.matrix import Bounds, known, name_matches, rank, surely
from gateway.terms import EFFORTS, Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.policy.matrix import Condition
    from gateway.policy.rule import Rule
    from gateway.terms import Value

__all__ = ["holds", "reconcile", "unmet"]

_OPEN: Final = "max_tokens"
"""The one parameter whose upper bound a request may leave to the gateway to state."""


def holds(rule: Rule, parameters: Parameters | None) -> bool:
    """Whether an allow rule that is about a request allows it, as far as its parameters go."""
    return all(surely(condition, parameters) for condition in rule.when) and not unmet(
        rule, parameters
    )


def unmet(rule: Rule, parameters: Parameters | None) -> tuple[Condition, ...]:
    """What a rule requires and does not find, or clamps and cannot write."""
    required = (one for one in rule.require if not _met(one, parameters))
    clamped = (one for one in rule.clamp if parameters is None or not known(one.word, parameters))
    return (*required, *clamped)


def reconcile(
    rules: Sequence[Rule], parameters: Parameters
) -> tuple[Sequence[Rule], dict[str, Any]]:
    """The rules that can be satisfied together, and the changes that do so."""
    changes = _together(rules, parameters)
    if changes is not None:
        return rules, changes
    chosen: list[Rule] = []
    made: dict[str, Any] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        changes = _together([*chosen, rule], parameters)
        if changes is not None:
            chosen, made = [*chosen, rule], changes
    return chosen, made


def _met(condition: Condition, parameters: Parameters | None) -> bool:
    if parameters is None or not _is_open(condition, parameters):
        return surely(condition, parameters)
    bounds = condition.bounds
    return condition.present is None and surely(
        condition, _changed(parameters, {_OPEN: bounds.lte if bounds else None})
    )


def _is_open(condition: Condition, parameters: Parameters) -> bool:
    """Whether a bound holds because it is written: how much the model may answer is not said."""
    return (
        condition.word == _OPEN
        and condition.bounds is not None
        and condition.bounds.lte is not None
        and known(_OPEN, parameters)
        and not parameters.values.get(_OPEN)
    )


def _together(rules: Sequence[Rule], parameters: Parameters) -> dict[str, Any] | None:
    """The changes that satisfy every rule; None if there are none."""
    changes: dict[str, Any] = {}
    for word, conditions in _by_word(rules, parameters).items():
        change = _change(word, conditions, parameters.values.get(word, ()))
        if change is None:
            return None
        changes |= change
    if not changes:
        return changes
    after = _changed(parameters, changes)
    words = {"system" if word == "system_prefix" else word for word in changes}
    required = chain.from_iterable(rule.require for rule in rules)
    return changes if all(_met(one, after) for one in required if one.word in words) else None


def _by_word(rules: Iterable[Rule], parameters: Parameters) -> dict[str, list[Condition]]:
    found: dict[str, list[Condition]] = {}
    for rule in rules:
        for condition in rule.clamp:
            found.setdefault(condition.word, []).append(condition)
        for condition in rule.require:
            if _is_open(condition, parameters):
                found.setdefault(condition.word, []).append(condition)
    return found


def _change(
    word: str, conditions: Sequence[Condition], values: tuple[Value, ...]
) -> dict[str, Any] | None:
    if word == "tools":
        return _fewer_tools(conditions, values)
    if word == "system":
        return _other_system(conditions, values)
    return _within(word, [one.bounds for one in conditions if one.bounds is not None], values)


def _within(
    word: str, bounds: Sequence[Bounds], values: tuple[Value, ...]
) -> dict[str, Any] | None:
    most = min((_place(word, one.lte) for one in bounds if one.lte is not None), default=None)
    least = max((_place(word, one.gte) for one in bounds if one.gte is not None), default=None)
    if most is not None and least is not None and least > most:
        return None
    places = [rank(word, value) for value in values]
    ordered = [place for place in places if place is not None]
    start = most if len(ordered) < len(places) or not ordered else min(ordered)
    wanted = _limited(least if start is None else start, least, most)
    fitting = ordered and all(_limited(place, least, most) == place for place in ordered)
    if wanted is None or (fitting and len(ordered) == len(places)):
        return {}
    return {word: EFFORTS[int(wanted)] if word == "reasoning_effort" else wanted}


def _limited(place: float | None, least: float | None, most: float | None) -> float | None:
    if place is not None and least is not None:
        place = max(place, least)
    return place if place is None or most is None else min(place, most)


def _place(word: str, value: float | str | None) -> float:
    place = rank(word, value)
    if place is None:
        raise ValueError(f"{word} has no bound such as {value!r}")
    return place


def _fewer_tools(
    conditions: Sequence[Condition], tools: tuple[Value, ...]
) -> dict[str, tuple[Value, ...]]:
    kinds = [one.names for one in conditions if one.names is not None]
    staying = tuple(
        tool for tool in tools if all(name_matches(globs, str(tool)) for globs in kinds)
    )
    return {} if staying == tools else {"tools": staying}


def _other_system(
    conditions: Sequence[Condition], texts: tuple[Value, ...]
) -> dict[str, str] | None:
    pinned = {one.pinned for one in conditions if one.pinned is not None}
    prefixes = [one.prefix for one in conditions if one.prefix is not None]
    longest = max(prefixes, key=len, default="")
    if len(pinned) > 1 or not all(longest.startswith(prefix) for prefix in prefixes):
        return None
    for text in pinned:
        if not text.startswith(longest):
            return None
        return {} if texts == (text,) else {"system": text}
    fitting = texts and str(texts[0]).startswith(longest)
    return {} if fitting else {"system_prefix": longest}


def _changed(parameters: Parameters, changes: Mapping[str, Any]) -> Parameters:
    values = dict(parameters.values)
    for word, value in changes.items():
        if word == "system_prefix":
            values["system"] = (value, *values.get("system", ()))
        else:
            values[word] = value if isinstance(value, tuple) else (value,)
    words = {"system" if word == "system_prefix" else word for word in changes}
    return replace(parameters, values=values, stated=parameters.stated | words)
