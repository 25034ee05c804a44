"""Why a request is denied, in words of the policy and never in those of the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.policy.clamps import unmet
from gateway.policy.matrix import describe, surely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.decision import Ask
    from gateway.policy.matrix import Condition
    from gateway.policy.model import Policy
    from gateway.policy.rule import Rule
    from gateway.terms import Parameters

__all__ = ["Refusal", "why_denied", "why_not_allowed"]

_MOST: Final = 5
"""How many rules a reason names that do not allow a request."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why: for the audit log, and for the client if there are words for it."""

    reason: str
    message: str | None = None


def why_denied(rules: Sequence[Rule], parameters: Parameters | None) -> Refusal:
    """Why deny rules that fit deny."""
    listed = [
        f"{rule.id} ({_words(rule.when, parameters)})" if rule.when else rule.id for rule in rules
    ]
    message = next((rule.reason for rule in rules if rule.reason), None)
    if message is None and all(rule.when for rule in rules):
        message = f"This request is not allowed with {_words(rules[0].when, parameters)}."
    return Refusal(f"denied by rule {', '.join(listed)}", message)


def why_not_allowed(
    policy: Policy, ask: Ask, rules: Sequence[Rule], parameters: Parameters | None
) -> Refusal:
    """Why none of the allow rules allows that are about the caller, the route and the model."""
    if not rules:
        return Refusal(_why_nothing_fits(policy, ask))
    missing = sorted((_missing(rule, parameters) for rule in rules), key=_distance)
    nearest = missing[0]
    told = "; ".join(_told(one, parameters) for one in missing[:_MOST])
    more = len(missing) - _MOST
    reason = f"no rule allows these parameters: {told}" + (f"; and {more} more" if more > 0 else "")
    if nearest.rule.reason or not nearest.conditions:
        return Refusal(reason, nearest.rule.reason)
    words = _words(nearest.conditions, parameters)
    return Refusal(reason, f"This request is allowed only with {words}.")


@dataclass(frozen=True, slots=True)
class _Missing:
    """What an allow rule asks for and does not find; ``about`` says if the request is its own."""

    rule: Rule
    about: bool
    conditions: tuple[Condition, ...]


def _missing(rule: Rule, parameters: Parameters | None) -> _Missing:
    when = tuple(one for one in rule.when if not surely(one, parameters))
    return _Missing(rule, not when, when + unmet(rule, parameters))


def _distance(missing: _Missing) -> tuple[bool, int, str]:
    return not missing.about, len(missing.conditions), missing.rule.id


def _told(missing: _Missing, parameters: Parameters | None) -> str:
    if not missing.conditions:
        return f"rule {missing.rule.id} clamps what it requires otherwise"
    return f"rule {missing.rule.id} asks for {_words(missing.conditions, parameters)}"


def _words(conditions: Iterable[Condition], parameters: Parameters | None) -> str:
    return " and ".join(describe(one) + _unknown(one.word, parameters) for one in conditions)


def _unknown(word: str, parameters: Parameters | None) -> str:
    """Why it cannot be told whether a condition holds."""
    if parameters is None:
        return ""
    if word in parameters.inexpressible:
        return " (which this API has no word for)"
    return " (which is said as in another API)" if word in parameters.foreign else ""


def _why_nothing_fits(policy: Policy, ask: Ask) -> str:
    candidates = policy.index.candidates(ask.roles, ask.route)
    if any(rule.allows and not rule.shadow for rule in candidates):
        return "no rule allows this model to these roles on this route"
    if ask.roles.isdisjoint(policy.roles):
        return "the caller has no role of this policy"
    return "no rule allows this route to these roles"
