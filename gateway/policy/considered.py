"""One rule, looked at for one request: what became of it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateway.policy.clamps import holds, unmet
from gateway.policy.days import show_day
from gateway.policy.decision import NEVER
from gateway.policy.globs import GlobTable
from gateway.policy.matrix import describe, judge, possibly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.policy.decision import Ask, Decision
    from gateway.policy.matrix import Condition
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.restriction import Restriction
    from gateway.policy.rule import Rule
    from gateway.terms import Parameters

__all__ = ["Considered", "State", "consider"]

State = Literal["decides", "applies", "fits", "measured", "misses"]
"""What became of a rule: it decided; as an override it changed a scanner, or it
restricts the answer; it fits and had no say;
it fits and is in shadow mode; it does not fit."""


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule, and what became of it.

    Attributes:
        rule: Its id.
        kind: What it does.
        state: What became of it.
        shadow: Whether it is in shadow mode.
        why: Why it does not fit or had no say; of a rule that fits, what could not be told.
    """

    rule: str
    kind: Literal["allow", "deny", "override", "restrict"]
    state: State
    shadow: bool = False
    why: tuple[str, ...] = ()


def consider(policy: Policy, ask: Ask, decision: Decision) -> Iterator[Considered]:
    """Every rule of a policy, in the order of its files."""
    for rule in policy.rules:
        state, why = _about_rule(rule, ask, decision)
        yield Considered(rule.id, "allow" if rule.allows else "deny", state, rule.shadow, why)
    shown = {spec.name: spec.shown for spec in policy.scanners}
    reading = frozenset(shown[name] for name in decision.scanners)
    allowing = {rule.id for rule in policy.rules}
    for restriction in policy.restrictions:
        if restriction.id in allowing:
            continue  # It restricts what it allows, and was told above.
        state, why = _about_restriction(restriction, ask, decision)
        yield Considered(restriction.id, "restrict", state, restriction.shadow, why)
    for override in policy.overrides:
        state, why = _about_override(override, ask, decision, reading)
        yield Considered(override.id, "override", state, override.shadow, why)


_Seen = tuple[State, tuple[str, ...]]


def _about_rule(rule: Rule, ask: Ask, decision: Decision) -> _Seen:
    why = (*_why_not(rule, ask), *_unsatisfied(rule, ask.parameters))
    if why:
        return "misses", why
    unsure = _unsure(() if rule.allows else rule.when, ask.parameters)
    if rule.shadow:
        return "measured", unsure
    if rule.id in decision.rules:
        return "decides", unsure
    if decision.rules and not decision.allowed:
        return "fits", (f"a deny rule wins: {', '.join(decision.rules)}",)
    others = f" with {', '.join(decision.rules)}" if decision.rules else ""
    return "fits", (f"what it clamps and requires cannot be satisfied together{others}",)


def _about_override(
    override: Override, ask: Ask, decision: Decision, reading: frozenset[str]
) -> _Seen:
    why = (*_why_not(override, ask), *_unmet_when(override.when, ask.parameters, deny=True))
    if why:
        return "misses", why
    if not decision.allowed:
        return "fits", ("the request is denied, so nothing is scanned",)
    if override.scanner not in reading:
        return "fits", (f"the scanner {override.scanner} does not read this request",)
    unsure = _unsure(override.when, ask.parameters)
    return "measured" if override.shadow else "applies", unsure


def _about_restriction(one: Restriction, ask: Ask, decision: Decision) -> _Seen:
    why = (*_why_not(one, ask), *_unmet_when(one.when, ask.parameters, deny=True))
    if why:
        return "misses", why
    if not decision.allowed:
        return "fits", ("the request is denied, so there is no answer",)
    unsure = _unsure(one.when, ask.parameters)
    return "measured" if one.shadow else "applies", unsure


def _why_not(rule: Rule | Override | Restriction, ask: Ask) -> Iterator[str]:
    """Why a rule is not about these roles, this route, this model or this day."""
    if rule.shadow and ask.day > (NEVER - 1 if rule.until is None else rule.until):
        ended = "" if rule.until is None else f" on {show_day(rule.until)}"
        yield f"its time in shadow mode has ended{ended}"
    if rule.roles and rule.roles.isdisjoint(ask.roles):
        yield f"roles: {_listed(rule.roles)}; the caller has {_listed(ask.roles)}"
    if not rule.covers_route(ask.route):
        yield f"routes: {_listed(rule.routes)}"
    if not GlobTable([(rule.models, True)]).find(ask.model):
        yield f"models: {_listed(rule.models)}"


def _unsatisfied(rule: Rule, parameters: Parameters | None) -> Iterator[str]:
    """The conditions that a request misses."""
    yield from _unmet_when(rule.when, parameters, deny=not rule.allows)
    if rule.allows and not holds(rule, parameters):
        for condition in unmet(rule, parameters):
            key = "require" if condition in rule.require else "clamp"
            yield f"{key}: {describe(condition)}{_told(condition, parameters)}"


def _unmet_when(
    when: Sequence[Condition], parameters: Parameters | None, *, deny: bool
) -> Iterator[str]:
    for condition in when:
        missed = not possibly(condition, parameters) if deny else _missed(condition, parameters)
        if missed:
            yield f"when: {describe(condition)}{_told(condition, parameters)}"


def _missed(condition: Condition, parameters: Parameters | None) -> bool:
    return judge(condition, parameters) is not True


def _told(condition: Condition, parameters: Parameters | None) -> str:
    return "" if judge(condition, parameters) is False else " (cannot be told)"


def _unsure(when: Iterable[Condition], parameters: Parameters | None) -> tuple[str, ...]:
    return tuple(
        f"when: {describe(condition)} (cannot be told, which counts against the request)"
        for condition in when
        if judge(condition, parameters) is None
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
