"""The decision: pure, order-free, and deny by default.

Any deny rule that matches wins; else any allow rule that matches; else the request is denied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.decision import Ask, Decision
from gateway.policy.globs import MAX_MODEL, covers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.policy.model import Policy
    from gateway.policy.rule import Rule

__all__ = ["Ask", "Decision", "allowed_models", "allowed_routes", "decide", "model_allowed"]


def decide(policy: Policy, ask: Ask) -> Decision:
    """Whether a request may go on, by which rules, and which scanners read it."""
    if len(ask.model) > MAX_MODEL:
        return _denied(policy, (), f"the model's name is longer than {MAX_MODEL} characters")
    key = (ask.roles, ask.route, ask.model)
    known = policy.decided.get(key)
    return known if known is not None else policy.decided.put(key, _decide(policy, ask))


def _decide(policy: Policy, ask: Ask) -> Decision:
    rules = policy.index.matching(ask.roles, ask.route, ask.model)
    denying = [rule for rule in rules if not rule.allows]
    if denying:
        return _denied(policy, denying, f"denied by rule {_listed(denying)}")
    if not rules:
        return _denied(policy, (), _why_nothing_allows(policy, ask))
    wanted = frozenset().union(*(rule.scan for rule in rules))
    return Decision(
        allowed=True,
        rules=tuple(rule.id for rule in rules),
        reason=f"allowed by rule {_listed(rules)}",
        message=None,
        scanners=tuple(scanner.name for scanner in policy.scanners if scanner.name in wanted),
        capture=policy.defaults.capture,
        on_scanner_error=policy.defaults.on_scanner_error,
    )


def _denied(policy: Policy, rules: Sequence[Rule], reason: str) -> Decision:
    return Decision(
        allowed=False,
        rules=tuple(rule.id for rule in rules),
        reason=reason,
        message=next((rule.reason for rule in rules if rule.reason), None),
        scanners=(),
        capture=policy.defaults.capture,
        on_scanner_error=policy.defaults.on_scanner_error,
    )


def _listed(rules: Sequence[Rule]) -> str:
    return ", ".join(rule.id for rule in rules)


def _why_nothing_allows(policy: Policy, ask: Ask) -> str:
    if any(rule.allows for rule in policy.index.candidates(ask.roles, ask.route)):
        return "no rule allows this model to these roles on this route"
    if ask.roles.isdisjoint(policy.roles):
        return "the caller has no role of this policy"
    return "no rule allows this route to these roles"


def allowed_routes(policy: Policy, roles: frozenset[str]) -> tuple[str, ...]:
    """The routes on which a caller with these roles may use at least one model.

    A route is left out when deny rules close it for all that allow rules name there; which models
    are open on the others is for ``decide`` to say.
    """
    return tuple(route for route in policy.routes if _open_globs(policy, roles, route))


def allowed_models(policy: Policy, roles: frozenset[str]) -> tuple[str, ...]:
    """Names and globs of the models that rules allow to a caller on some route, sorted.

    ``*`` stands for any model. A deny rule may still close single models that a glob covers;
    ``model_allowed`` is exact.
    """
    return tuple(
        sorted({glob for route in policy.routes for glob in _open_globs(policy, roles, route)})
    )


def _open_globs(policy: Policy, roles: frozenset[str], route: str) -> set[str]:
    rules = policy.index.candidates(roles, route)
    closed = [glob for rule in rules if not rule.allows for glob in rule.models or ("*",)]
    return {
        glob
        for rule in rules
        if rule.allows
        for glob in rule.models or ("*",)
        if not any(covers(wider, glob) for wider in closed)
    }


def model_allowed(policy: Policy, roles: frozenset[str], model: str) -> bool:
    """Whether a caller with these roles may use a model on at least one route."""
    return any(decide(policy, Ask(roles, route, model)).allowed for route in policy.routes)
