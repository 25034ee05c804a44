"""What is decided for one kind of request: callers of the same roles, one route, one model, a day.

Such requests differ in their parameters only. What rules and overrides ask of those is judged
first; the decision that follows from the judgements is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.policy.clamps import Agreement, Writing, holds, left_open, reconcile
from gateway.policy.decision import NEVER, Decision, ShadowRule, ShadowScan
from gateway.policy.judging import Judging
from gateway.policy.matrix import possibly
from gateway.policy.memo import Memo
from gateway.policy.reading import Reading, limits_of
from gateway.policy.reasons import why_denied, why_not_allowed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from gateway.policy.decision import Ask
    from gateway.policy.matrix import Condition
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.reasons import Refusal
    from gateway.policy.restriction import Restriction
    from gateway.policy.rule import Rule
    from gateway.terms import Changes, Parameters, Value

__all__ = ["Plan", "plan_for"]

_REMEMBERED: Final = 16
"""How many decisions a plan keeps: a client that varies its requests must not fill the memory."""

_T = TypeVar("_T", "Rule", "Override", "Restriction")
_Key = tuple["Hashable", frozenset[str], frozenset[str], bool]
_ChangeKey = tuple[tuple[str, ...], tuple[tuple[str, "Value | tuple[str, ...]"], ...]]


@dataclass(frozen=True, slots=True)
class _Judged:
    """The rules and overrides that fit a request, its parameters judged."""

    denying: list[Rule]
    holding: list[Rule]
    shadow_denying: list[Rule]
    shadow_holding: list[Rule]
    overrides: list[Override]
    restrictions: list[Restriction]


@dataclass(frozen=True, slots=True)
class _About:
    """Everything that a policy has about requests of one kind, by id: decides or is measured."""

    rules: Sequence[Rule]
    overrides: Sequence[Override]
    restrictions: Sequence[Restriction]

    @property
    def ids(self) -> tuple[tuple[str, ...], ...]:
        """The names of all of it."""
        groups = (self.rules, self.overrides, self.restrictions)
        return tuple(tuple(one.id for one in group) for group in groups)

    def conditions(self) -> Iterator[Condition]:
        """All that it asks of parameters."""
        for rule in self.rules:
            yield from (*rule.when, *rule.require, *rule.clamp)
        for override in self.overrides:
            yield from override.when
        for restriction in self.restrictions:
            yield from restriction.when


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What follows from judgements: a decision, or one for each way to change the request."""

    judged: _Judged
    decision: Decision | None
    agreement: Agreement
    changed: Memo[_ChangeKey, Decision]


class Plan:
    """Everything that a policy says of requests that differ in their parameters only.

    Args:
        policy: The policy.
        ask: One of those requests.
        about: What the policy has about it.
    """

    __slots__ = ("_about", "_always", "_ask", "_judging", "_remembered")

    def __init__(self, policy: Policy, ask: Ask, about: _About) -> None:
        # Parameters hold texts of a prompt, and those are kept nowhere.
        self._ask = replace(ask, parameters=None)
        self._about = about
        self._judging = Judging(about.conditions())
        self._remembered: Memo[_Key, _Remembered] = Memo(_REMEMBERED)
        self._always = None if self._judging else self._decide(policy, None)

    def decide(self, policy: Policy, parameters: Parameters | None) -> Decision:
        """What is decided when the request asks for this; the policy is the plan's own."""
        if self._always is not None:
            return self._always
        if parameters is None:
            return self._decide(policy, None)
        key = self._key(parameters)
        found = self._remembered.get(key)
        if found is None:
            found = self._remembered.put(key, self._remember(policy, parameters))
        return found.decision or self._changed(policy, found, parameters)

    def _key(self, parameters: Parameters) -> _Key:
        """All that a decision depends on, as long as nothing must be written."""
        return (
            self._judging.key(parameters),
            parameters.foreign,
            parameters.inexpressible,
            left_open(parameters),
        )

    def _remember(self, policy: Policy, parameters: Parameters) -> _Remembered:
        judged = self._judge(parameters)
        agreement = Agreement(judged.holding, opened=left_open(parameters))
        chosen, changes = ((), {}) if judged.denying else agreement.reach(parameters)
        settled = _is_settled(judged, chosen, changes, parameters)
        return _Remembered(
            judged,
            self._concluded(policy, judged, chosen, changes, parameters) if settled else None,
            agreement,
            Memo(_REMEMBERED),
        )

    def _changed(self, policy: Policy, found: _Remembered, parameters: Parameters) -> Decision:
        chosen, changes = found.agreement.reach(parameters)
        if not chosen:
            return self._not_allowed(policy, found.judged, parameters)
        key = tuple([rule.id for rule in chosen]), tuple(changes.items())
        known = found.changed.get(key)
        if known is None:
            known = self._allowed(policy, found.judged, chosen, changes)
            # Names of tools are the client's, as many and as long as it likes: not kept.
            if "tools" not in changes:
                found.changed.put(key, known)
        return known

    def _decide(self, policy: Policy, parameters: Parameters | None) -> Decision:
        judged = self._judge(parameters)
        chosen, changes = reconcile(judged.holding, parameters)
        return self._concluded(policy, judged, chosen, changes, parameters)

    def _judge(self, parameters: Parameters | None) -> _Judged:
        judged = _Judged([], [], [], [], [], [])
        for rule in self._about.rules:
            if not rule.allows and _may_fit(rule.when, parameters):
                (judged.shadow_denying if rule.shadow else judged.denying).append(rule)
            elif rule.allows and holds(rule, parameters):
                (judged.shadow_holding if rule.shadow else judged.holding).append(rule)
        about = self._about
        judged.overrides.extend(one for one in about.overrides if _may_fit(one.when, parameters))
        judged.restrictions.extend(
            one for one in about.restrictions if _may_fit(one.when, parameters)
        )
        return judged

    def _concluded(
        self,
        policy: Policy,
        judged: _Judged,
        chosen: tuple[Rule, ...],
        changes: Changes,
        parameters: Parameters | None,
    ) -> Decision:
        if judged.denying:
            return _denied(policy, why_denied(judged.denying, parameters), judged.denying)
        if chosen:
            return self._allowed(policy, judged, chosen, changes)
        return self._not_allowed(policy, judged, parameters)

    def _not_allowed(
        self, policy: Policy, judged: _Judged, parameters: Parameters | None
    ) -> Decision:
        allows = [rule for rule in self._about.rules if rule.allows and not rule.shadow]
        shadow = [one for one in judged.shadow_holding if reconcile((one,), parameters)[0]]
        why = why_not_allowed(policy, self._ask, allows, parameters)
        return _denied(policy, why, shadow=tuple(ShadowRule(one.id, "allow") for one in shadow))

    def _allowed(
        self, policy: Policy, judged: _Judged, chosen: tuple[Rule, ...], changes: Changes
    ) -> Decision:
        restricting = [one for one in judged.restrictions if not one.shadow]
        guards = tuple(name for one in restricting for name in one.names)
        reading = Reading(policy, self._ask, judged.holding, judged.overrides)
        ids = tuple(rule.id for rule in chosen)
        return Decision(
            allowed=True,
            rules=ids,
            reason=f"allowed by rule {', '.join(ids)}",
            message=None,
            scanners=(*reading.scanners, *guards),
            capture=policy.defaults.capture,
            on_scanner_error=policy.defaults.on_scanner_error,
            changes=MappingProxyType(dict(changes)),
            limits=limits_of(policy, self._ask, judged.holding),
            on_state_error=policy.defaults.on_state_error,
            unknown_fields=policy.defaults.unknown_fields,
            unknown_conversations=policy.defaults.unknown_conversations,
            hold_back=policy.defaults.hold_back,
            exceptions=reading.exceptions,
            restrictions=tuple(one.id for one in restricting),
            shadow=tuple(ShadowRule(rule.id, "deny") for rule in judged.shadow_denying),
            shadow_scans=(
                *(ShadowScan(it.rule, (*it.scanners, *guards)) for it in reading.shadow_scans),
                *(
                    ShadowScan(it.id, (*reading.scanners, *guards, *it.names))
                    for it in judged.restrictions
                    if it.shadow
                ),
            ),
        )


def _denied(
    policy: Policy,
    why: Refusal,
    rules: Sequence[Rule] = (),
    shadow: tuple[ShadowRule, ...] = (),
) -> Decision:
    return Decision(
        allowed=False,
        rules=tuple(rule.id for rule in rules),
        reason=why.reason,
        message=why.message,
        scanners=(),
        capture=policy.defaults.capture,
        on_scanner_error=policy.defaults.on_scanner_error,
        on_state_error=policy.defaults.on_state_error,
        unknown_fields=policy.defaults.unknown_fields,
        shadow=shadow,
    )


def plan_for(policy: Policy, ask: Ask) -> Plan:
    """The plan of requests like this one, the same for all models that the same rules are about."""
    place = ask.roles, ask.route, ask.model
    about = _About(
        _lasting(policy.index.matching(*place), ask.day),
        _lasting(policy.override_index.matching(*place), ask.day),
        _lasting(policy.restriction_index.matching(*place), ask.day),
    )
    key = (ask.roles, ask.route, about.ids, ask.exceptions, ask.day)
    known = policy.plans_by_rules.get(key)
    if known is None:
        known = policy.plans_by_rules.put(key, Plan(policy, ask, about))
    return known


def _lasting(found: list[_T], day: int) -> list[_T]:
    """Rules that are enforced, and those in shadow mode up to their last day."""
    return [
        one
        for one in found
        if not one.shadow or day <= (NEVER - 1 if one.until is None else one.until)
    ]


def _may_fit(when: tuple[Condition, ...], parameters: Parameters | None) -> bool:
    return all(possibly(condition, parameters) for condition in when)


def _is_settled(
    judged: _Judged, chosen: tuple[Rule, ...], changes: Changes, parameters: Parameters
) -> bool:
    """Whether all that are judged so are decided so, because nothing must be written for any."""
    if judged.denying:
        return True
    if judged.holding:
        return not changes and len(chosen) == len(judged.holding)
    measured = Writing(judged.shadow_holding, opened=left_open(parameters))
    return measured.changes(parameters) == {}
