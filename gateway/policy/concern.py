"""Which questions two policies could answer differently at all.

Most changes of a policy touch a few rules. Where all rules that are about a caller and a route are
the same in both, and so is all else that a decision is made of, there is nothing to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.policy.globs import GlobTable

if TYPE_CHECKING:
    from gateway.policy.decision import Ask
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.model import Policy

__all__ = ["Concern"]


class Concern:
    """Compares what two policies decide by.

    Args:
        old: One policy.
        new: The other.
        models: The names that stand for all models.
    """

    def __init__(self, old: Policy, new: Policy, models: tuple[str, ...]) -> None:
        self._policies = old, new
        self._models = models
        self._same_terms = _terms(old) == _terms(new)
        self._by_role = any(limit.per == "role" for limit in new.limits.values())

    def models(self, asks: tuple[Ask, Ask], route: str, *, paired: bool) -> tuple[str, ...]:
        """The models about which both are to be asked.

        Args:
            asks: Who asks, by the old policy and by the new one.
            route: The route asked for.
            paired: Whether the caller only shows what narrows one role of several; it is not asked
                about what concerns everybody.
        """
        old, new = asks
        if not (self._same_terms or paired) or self._spared(0, old) != self._spared(1, new):
            return self._models
        if self._by_role and old.roles != new.roles:
            return self._models
        touched = GlobTable([(rule.models, True) for rule in self._touched(asks, route)])
        return tuple(name for name in self._models if touched.find(name))

    def _touched(self, asks: tuple[Ask, Ask], route: str) -> set[Any]:
        """The rules and overrides that only one policy has for this caller on this route."""
        mine, others = (
            {
                *policy.index.candidates(ask.roles, route),
                *policy.override_index.candidates(ask.roles, route),
                *policy.restriction_index.candidates(ask.roles, route),
            }
            for policy, ask in zip(self._policies, asks, strict=True)
        )
        return mine ^ others

    def _spared(self, side: int, ask: Ask) -> list[PolicyException]:
        return [one for one in self._policies[side].exceptions if one.id in ask.exceptions]


def _terms(policy: Policy) -> tuple[object, ...]:
    """What decisions are made of beside rules and exceptions."""
    return policy.base_scanners, dict(policy.limits), policy.defaults
