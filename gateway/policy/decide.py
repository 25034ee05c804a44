"""The decision: pure, order-free, and deny by default.

Any deny rule that fits wins; else the allow rules that hold and can be satisfied together allow;
else the request is denied. How a request is judged stands in ``plan``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.decision import Ask, Decision
from gateway.policy.globs import MAX_MODEL, covers
from gateway.policy.plan import plan_for

if TYPE_CHECKING:
    from gateway.policy.model import Policy
    from gateway.policy.rule import Rule

__all__ = ["Ask", "Decision", "allowed_models", "allowed_routes", "decide", "model_allowed"]


def decide(policy: Policy, ask: Ask) -> Decision:
    """Whether a request may go on, by which rules, what reads it, and what must be changed."""
    if len(ask.model) > MAX_MODEL:
        return _unnamed(policy)
    key = (ask.roles, ask.route, ask.model, ask.exceptions, ask.day)
    plan = policy.plans.get(key)
    if plan is None:
        plan = policy.plans.put(key, plan_for(policy, ask))
    return plan.decide(policy, ask.parameters)


def _unnamed(policy: Policy) -> Decision:
    """No deny rule could name such a model, so no rule allows it."""
    return Decision(
        allowed=False,
        rules=(),
        reason=f"the model's name is longer than {MAX_MODEL} characters",
        message=None,
        scanners=(),
        capture=policy.defaults.capture,
        on_scanner_error=policy.defaults.on_scanner_error,
        on_state_error=policy.defaults.on_state_error,
        unknown_fields=policy.defaults.unknown_fields,
    )


def allowed_routes(policy: Policy, roles: frozenset[str]) -> tuple[str, ...]:
    """The routes on which a caller with these roles may use some model with some parameters.

    A route is left out when deny rules close it for all that allow rules name there, whatever the
    parameters; which models are open on the others is for ``decide`` to say.
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
    own = policy.own.get(route)
    if own is not None:
        return {own} if _is_open(policy, roles, route, own) else set()
    rules = policy.index.candidates(roles, route)
    closed = [glob for rule in rules if _closes(rule) for glob in rule.models or ("*",)]
    return {
        glob
        for rule in rules
        if _opens(rule)
        for glob in rule.models or ("*",)
        if not any(covers(wider, glob) for wider in closed)
    }


def model_allowed(policy: Policy, roles: frozenset[str], model: str) -> bool:
    """Whether a caller with these roles may use a model on some route with some parameters."""
    if len(model) > MAX_MODEL:
        return False
    routes = (route for route in policy.routes if policy.own.get(route, model) == model)
    return any(_is_open(policy, roles, route, model) for route in routes)


def _is_open(policy: Policy, roles: frozenset[str], route: str, model: str) -> bool:
    rules = policy.index.matching(roles, route, model)
    return any(_opens(rule) for rule in rules) and not any(_closes(rule) for rule in rules)


def _opens(rule: Rule) -> bool:
    return rule.allows and not rule.shadow


def _closes(rule: Rule) -> bool:
    return not rule.allows and not rule.shadow and not rule.when
