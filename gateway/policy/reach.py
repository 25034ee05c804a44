"""How far rules reach: to everybody, to nobody, or to those whom others deny it all."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

from gateway.errors import Problem
from gateway.policy.clamps import holds
from gateway.policy.globs import GlobTable
from gateway.policy.probes import candidates_of
from gateway.policy.witness import witnesses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateway.policy.merged import Merged
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.rule import Rule

__all__ = ["reach"]

_TEXTS: Final = frozenset({"tools", "system"})
"""Parameters whose conditions are not compared: too much can meet several at once."""


def reach(merged: Merged, policy: Policy) -> Iterator[Problem]:
    """Rules that reach further than is seldom meant, or nowhere."""
    for rule in policy.rules:
        if rule.allows and not rule.shadow:
            yield from _too_far(merged, rule)
    about = [one.models for one in policy.rules] + [one.models for one in policy.overrides]
    about += [one.models for one in policy.restrictions]
    names = witnesses(glob for models in about for glob in models)
    closing = _closing(policy, names)
    for rule in policy.rules:
        why = _why_nowhere(rule, names, policy.own)
        if why:
            message = f"no request meets the rule {rule.id!r}: {why}"
            yield _problem(merged, rule.id, message, "mend it, or take it out", "unreachable-rule")
        elif rule.allows and not rule.shadow:
            yield from _shadowed(merged, policy, rule, closing)
    yield from _idle_overrides(merged, policy, names)


def _problem(merged: Merged, rule: str, message: str, advice: str, code: str) -> Problem:
    return Problem(merged.at["rules", rule].place(), message, advice, code)


def _too_far(merged: Merged, rule: Rule) -> Iterator[Problem]:
    if not rule.roles:
        message = f"the rule {rule.id!r} allows every caller with a valid token, whatever its roles"
        yield _problem(merged, rule.id, message, "name the roles that it is for", "allow-all")
    if not rule.routes and (not rule.models or "*" in rule.models):
        message = f"the rule {rule.id!r} allows any model on any route"
        yield _problem(merged, rule.id, message, "name models, routes or both", "allow-all")


def _why_nowhere(rule: Rule, names: Iterable[str], own: Mapping[str, str]) -> str:
    """Why no request meets a rule; empty where one may."""
    if not _matched(rule, names):
        return "no model has a name like that"
    if not _served(rule, own):
        return "its routes have other models"
    if not rule.allows:
        return ""
    words = {one.word for one in (*rule.when, *rule.require, *rule.clamp)} - _TEXTS
    impossible = sorted(word for word in words if not _possible(_about(rule, word)))
    return f"nothing that it says of {' and '.join(impossible)} can be so" if impossible else ""


def _served(rule: Rule, own: Mapping[str, str]) -> bool:
    """Whether a rule's routes may be asked for its models; one of its own has one model only."""
    if not rule.routes or not rule.routes <= own.keys():
        return True
    return bool(_matched(rule, [own[route] for route in rule.routes]))


def _about(rule: Rule, word: str) -> Rule:
    when, require, clamp = (
        tuple(one for one in conditions if one.word == word)
        for conditions in (rule.when, rule.require, rule.clamp)
    )
    return replace(rule, when=when, require=require, clamp=clamp)


def _possible(rule: Rule) -> bool:
    """Whether some value of the one parameter that a rule speaks of satisfies all it says."""
    candidates = candidates_of((*rule.when, *rule.require, *rule.clamp))
    return any(holds(rule, parameters) for parameters in candidates)


def _matched(rule: Rule | Override, names: Iterable[str]) -> list[str]:
    """The names of models that a rule is about."""
    table = GlobTable([(rule.models, True)])
    return [name for name in names if table.find(name)]


def _shadowed(
    merged: Merged, policy: Policy, rule: Rule, closing: Mapping[str, Sequence[Rule]]
) -> Iterator[Problem]:
    denying: dict[str, None] = {}
    callers = [policy.with_inherited([name]) for name in sorted(rule.roles)] or [frozenset[str]()]
    routes = sorted(rule.routes) or policy.routes
    for name, roles, route in product(_matched(rule, closing), callers, routes):
        found = [one.id for one in closing[name] if _is_about(one, roles, route)]
        if not found:
            return
        denying.update(dict.fromkeys(found))
    message = f"the rule {rule.id!r} allows nothing: {', '.join(denying)} denies all of it"
    yield _problem(merged, rule.id, message, "a deny rule always wins", "shadowed-rule")


def _closing(policy: Policy, names: Iterable[str]) -> dict[str, list[Rule]]:
    """Per name of a model the rules that deny it whatever is asked of it."""
    table = GlobTable([(rule.models, rule) for rule in policy.rules if _closes(rule)])
    return {name: table.find(name) for name in names}


def _is_about(rule: Rule, roles: frozenset[str], route: str) -> bool:
    by_role = not rule.roles or not rule.roles.isdisjoint(roles)
    return by_role and rule.covers_route(route)


def _closes(rule: Rule) -> bool:
    return not rule.allows and not rule.shadow and not rule.when


def _idle_overrides(merged: Merged, policy: Policy, names: Iterable[str]) -> Iterator[Problem]:
    for override in policy.overrides:
        mine = set(_matched(override, names))
        scanning = [rule for rule in policy.rules if override.scanner in rule.scan]
        if not any(_meet(override, rule) and mine & {*_matched(rule, names)} for rule in scanning):
            message = (
                f"the rule {override.id!r} overrides {override.scanner}, and no rule that fits"
            )
            message += " the same requests scans with it"
            advice = "mend its routes and models, or take it out"
            yield _problem(merged, override.id, message, advice, "idle-override")


def _meet(override: Override, rule: Rule) -> bool:
    return not override.routes or not rule.routes or bool(override.routes & rule.routes)
