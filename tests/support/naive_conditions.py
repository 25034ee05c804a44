"""Conditions judged and clamps written as their definitions read, one value after the other."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from gateway.policy.globs import MAX_MODEL
from gateway.terms import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.policy.matrix import Bounds, Condition
    from gateway.policy.rule import Rule
    from gateway.terms import Parameters, Value

__all__ = ["left", "reconciled", "truth", "unknown"]


def left(condition: Condition, parameters: Parameters | None) -> bool:
    """A bound of the tokens that the gateway writes, because the request has none."""
    bounds = condition.bounds
    return (
        parameters is not None
        and condition.word == "max_tokens"
        and not unknown("max_tokens", parameters)
        and not parameters.values.get("max_tokens")
        and "max_tokens" not in parameters.stated
        and bounds is not None
        and condition.present is None
        and bounds.lte is not None
        and bounds.one_of is None
    )


def unknown(word: str, parameters: Parameters | None) -> bool:
    return parameters is None or word in parameters.foreign | parameters.inexpressible


def truth(condition: Condition, parameters: Parameters | None) -> str:
    """Whether a condition holds: yes, no, or maybe."""
    if parameters is None or unknown(condition.word, parameters):
        return "maybe"
    values = parameters.values.get(condition.word, ())
    found = set()
    if condition.present is not None:
        there = present(condition.word, parameters, values)
        found.add("maybe" if there is None else "yes" if there == condition.present else "no")
    if condition.bounds is not None:
        lying = {within(condition.word, condition.bounds, value) for value in values}
        found.add(lying.pop() if len(lying) == 1 else "maybe")
    if condition.names is not None:
        found.update(named(condition.names, str(tool)) for tool in values)
    if condition.any_name is not None:
        each = {named(condition.any_name, str(tool)) for tool in values}
        found.add("yes" if "yes" in each else "maybe" if "maybe" in each else "no")
    if condition.count is not None:
        found.add(within("n", condition.count, len(values)))
    if condition.pinned is not None:
        found.add("yes" if values == (condition.pinned,) else "no")
    if condition.prefix is not None:
        begins = bool(values) and str(values[0]).startswith(condition.prefix)
        found.add("yes" if begins else "no")
    return "no" if "no" in found else "maybe" if "maybe" in found else "yes"


def present(word: str, parameters: Parameters, values: tuple[Value, ...]) -> bool | None:
    if word in {"tools", "system"}:
        return len(values) > 0
    if word == "images" and word not in parameters.stated:
        return max(values) != 0 if values else None
    return word in parameters.stated


def named(globs: tuple[str, ...], tool: str) -> str:
    if len(tool) > MAX_MODEL:
        return "maybe"
    return "yes" if any(fnmatchcase(tool, glob) for glob in globs) else "no"


def place(word: str, value: Any) -> float | None:
    if word == "reasoning_effort":
        return EFFORTS.index(value) if value in EFFORTS else None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if number and value == value else None  # noqa: PLR0124 - not a number


def within(word: str, bounds: Bounds, value: Value) -> str:
    if word in {"stream", "tool_choice"}:
        return "yes" if value in (bounds.one_of or ()) else "no"
    at = place(word, value)
    if at is None:
        return "maybe"
    lte, gte = place(word, bounds.lte), place(word, bounds.gte)
    good = (lte is None or at <= lte) and (gte is None or at >= gte)
    return "yes" if good and (bounds.one_of is None or value in bounds.one_of) else "no"


def reconciled(rules: list[Rule], parameters: Parameters | None) -> tuple[list[Rule], Any]:
    if parameters is None:
        return [one for one in rules if not one.clamp], {}
    able = [one for one in rules if written([one], parameters) is not None]
    together = written(able, parameters)
    if together is not None:
        return able, together
    chosen: list[Rule] = []
    for rule in able:
        if written([*chosen, rule], parameters) is not None:
            chosen.append(rule)
    return chosen, written(chosen, parameters)


def written(rules: list[Rule], parameters: Parameters) -> dict[str, Any] | None:
    """The changes after which every rule's requirements and clamps hold; None without any."""
    changes: dict[str, Any] = {}
    wanted = [one for rule in rules for one in rule.clamp]
    wanted += [one for rule in rules for one in rule.require if left(one, parameters)]
    for word in {one.word for one in wanted}:
        conditions = [one for one in wanted if one.word == word]
        if any(truth(one, parameters) != "yes" for one in conditions):
            change = first(word, conditions, parameters)
            if change is None:
                return None
            changes |= change
    after = parameters.changed(changes)
    asked = (one for rule in rules for one in (*rule.require, *rule.clamp))
    return changes if all(truth(one, after) == "yes" for one in asked) else None


def first(word: str, conditions: list[Condition], parameters: Parameters) -> Any:
    """The first of the values that come to mind with which all conditions hold."""
    for change in candidates(word, conditions, parameters.values.get(word, ())):
        after = parameters.changed(change)
        if all(truth(one, after) == "yes" for one in conditions):
            return change
    return None


def candidates(word: str, conditions: list[Condition], values: Any) -> Iterable[dict[str, Any]]:
    if word == "tools":
        globs = [one.names or () for one in conditions]
        yield {word: tuple(t for t in values if all(named(one, t) == "yes" for one in globs))}
    elif word == "system":
        yield from ({word: one.pinned} for one in conditions if one.pinned is not None)
        longest = sorted((one.prefix for one in conditions if one.prefix is not None), key=len)
        yield from ({"system_prefix": one} for one in longest[::-1])
    else:
        ends = [end for one in conditions if one.bounds for end in (one.bounds.lte, one.bounds.gte)]
        bounds = [end for end in ends if end is not None]
        places = [place(word, value) for value in values]
        if places and None not in places:
            least = min(values, key=lambda value: place(word, value) or 0)
            start = place(word, least) or 0
            nearest = sorted(bounds, key=lambda end: abs((place(word, end) or 0) - start))
            yield from ({word: value} for value in (least, *nearest))
        else:
            highest = sorted(bounds, key=lambda end: place(word, end) or 0, reverse=True)
            yield from ({word: value} for value in highest)
