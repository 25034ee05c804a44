"""What an allowed request must say before it leaves, so that it satisfies the rules that allow it.

``when`` and ``require`` are judged on the request as it came, and what is clamped is written
afterwards. A rule whose clamps would break what it requires itself allows nothing. If what one rule
clamps would break what another requires, the rules are taken in the order of their ids, and one
that cannot be satisfied together with those before it does not count as having allowed the
request; its scanners and limits stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.policy.matrix import judge, known, name_matches, rank, surely
from gateway.terms import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.matrix import Bounds, Condition
    from gateway.policy.rule import Rule
    from gateway.terms import Changes, Parameters, Value

__all__ = ["holds", "is_open", "reconcile", "unmet"]

_OPEN: Final = "max_tokens"
"""The one parameter whose upper bound a request may leave to the gateway to state."""

_NUMBERS: Final = ("max_tokens", "temperature", "top_p", "n", "reasoning_tokens")
"""The numbers that a gateway may write; beside them an effort, fewer tools and a system text."""

_Found = dict[str, "Value | tuple[str, ...]"]


def holds(rule: Rule, parameters: Parameters | None) -> bool:
    """Whether an allow rule is about a request, and its parameters meet what the rule asks."""
    return all(surely(condition, parameters) for condition in rule.when) and not unmet(
        rule, parameters
    )


def unmet(rule: Rule, parameters: Parameters | None) -> tuple[Condition, ...]:
    """What a rule requires and does not find, or clamps and cannot write."""
    required = (one for one in rule.require if not _met(one, parameters))
    clamped = (one for one in rule.clamp if parameters is None or not known(one.word, parameters))
    return (*required, *clamped)


def reconcile(
    rules: Iterable[Rule], parameters: Parameters | None
) -> tuple[tuple[Rule, ...], Changes]:
    """The rules that can be satisfied together, by id, and the changes that do so.

    Args:
        rules: Rules that hold.
        parameters: What the request asks for; where that is not given, rules without clamps hold.
    """
    able = sorted((one for one in rules if _alone(one, parameters)), key=lambda rule: rule.id)
    changes = _together(able, parameters)
    if changes is not None:
        return tuple(able), changes
    chosen: list[Rule] = []
    made: Changes = {}
    for rule in able:
        changes = _together([*chosen, rule], parameters)
        if changes is not None:
            chosen, made = [*chosen, rule], changes
    return tuple(chosen), made


def is_open(condition: Condition, parameters: Parameters) -> bool:
    """Whether a bound holds because it is written: how much the model may answer is not said."""
    return (
        condition.word == _OPEN
        and condition.bounds is not None
        and condition.bounds.lte is not None
        and known(_OPEN, parameters)
        and not parameters.values.get(_OPEN)
    )


def _met(condition: Condition, parameters: Parameters | None) -> bool:
    """Whether a requirement holds as the request came, or will once its bound is written."""
    if parameters is None or condition.bounds is None or not is_open(condition, parameters):
        return surely(condition, parameters)
    most = condition.bounds.lte
    return (
        condition.present is None
        and most is not None
        and surely(condition, parameters.changed({_OPEN: most}))
    )


def _alone(rule: Rule, parameters: Parameters | None) -> bool:
    return not rule.clamp or _together([rule], parameters) is not None


def _together(rules: Sequence[Rule], parameters: Parameters | None) -> Changes | None:
    """The changes that satisfy every rule; None if there are none."""
    if parameters is None:
        return None if any(rule.clamp for rule in rules) else {}
    changes: _Found = {}
    for word, conditions in _to_write(rules, parameters).items():
        change = _change(word, conditions, parameters.values.get(word, ()))
        if change is None:
            return None
        changes |= change
    if not changes:
        return changes
    return changes if _satisfied(rules, parameters.changed(changes), changes) else None


def _satisfied(rules: Sequence[Rule], after: Parameters, changes: Changes) -> bool:
    words = {"system" if word == "system_prefix" else word for word in changes}
    return all(
        all(surely(one, after) for one in rule.clamp)
        and all(_met(one, after) for one in rule.require if one.word in words)
        for rule in rules
    )


def _to_write(rules: Iterable[Rule], parameters: Parameters) -> dict[str, list[Condition]]:
    """Per parameter what must be made so, where it is not so already."""
    found: dict[str, list[Condition]] = {}
    for rule in rules:
        for condition in rule.clamp:
            found.setdefault(condition.word, []).append(condition)
        for condition in rule.require:
            if is_open(condition, parameters):
                found.setdefault(condition.word, []).append(condition)
    return {
        word: conditions
        for word, conditions in found.items()
        if any(judge(one, parameters) is not True for one in conditions)
    }


def _change(word: str, conditions: Sequence[Condition], values: tuple[Value, ...]) -> _Found | None:
    """The change of one parameter that makes conditions so; None if there is none."""
    if word == "tools":
        return _fewer_tools(conditions, values)
    if word == "system":
        return _other_system(conditions)
    if word == "reasoning_effort" or word in _NUMBERS:
        return _within(word, [one.bounds for one in conditions if one.bounds is not None], values)
    return None


def _within(word: str, bounds: Sequence[Bounds], values: tuple[Value, ...]) -> _Found | None:
    """The least of the values, moved as little as bounds ask; a bound where there is none."""
    most = min(_places(word, [one.lte for one in bounds]), default=None)
    least = max(_places(word, [one.gte for one in bounds]), default=None)
    if most is not None and least is not None and least > most:
        return None
    places = _places(word, values)
    wanted = min(places) if places and len(places) == len(values) else most
    if wanted is None or (least is not None and wanted < least):
        wanted = least
    elif most is not None and wanted > most:
        wanted = most
    if wanted is None:
        return None
    return {word: EFFORTS[int(wanted)] if word == "reasoning_effort" else wanted}


def _places(word: str, values: Iterable[Value | None]) -> list[float]:
    return [place for value in values if (place := rank(word, value)) is not None]


def _fewer_tools(conditions: Sequence[Condition], tools: tuple[Value, ...]) -> _Found:
    globs = [one.names for one in conditions if one.names is not None]
    names = [tool for tool in tools if isinstance(tool, str)]
    return {"tools": tuple(tool for tool in names if all(name_matches(one, tool) for one in globs))}


def _other_system(conditions: Sequence[Condition]) -> _Found | None:
    pinned = {one.pinned for one in conditions if one.pinned is not None}
    prefixes = [one.prefix for one in conditions if one.prefix is not None]
    longest = max(prefixes, key=len, default="")
    if len(pinned) > 1 or not all(longest.startswith(prefix) for prefix in prefixes):
        return None
    for text in pinned:
        return {"system": text} if text.startswith(longest) else None
    return {"system_prefix": longest} if longest else None
