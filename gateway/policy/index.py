"""The rules that are about a request, looked up by role, route and model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.policy.globs import GlobTable
from gateway.policy.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.policy.rule import Rule

__all__ = ["RuleIndex"]

_MEMO: Final = 1024


class RuleIndex:
    """The rules of a policy, ready to be asked."""

    __slots__ = ("_by_role", "_candidates", "_for_any_role", "_tables")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._for_any_role: list[Rule] = []
        self._by_role: dict[str, list[Rule]] = {}
        self._candidates: Memo[tuple[frozenset[str], str], tuple[Rule, ...]] = Memo(_MEMO)
        self._tables: Memo[tuple[frozenset[str], str], GlobTable[Rule]] = Memo(_MEMO)
        for rule in rules:
            if not rule.roles:
                self._for_any_role.append(rule)
            for role in rule.roles:
                self._by_role.setdefault(role, []).append(rule)

    def candidates(self, roles: frozenset[str], route: str) -> tuple[Rule, ...]:
        """The rules about these roles on this route, by id, each once."""
        known = self._candidates.get((roles, route))
        if known is None:
            known = self._candidates.put((roles, route), self._find_candidates(roles, route))
        return known

    def _find_candidates(self, roles: frozenset[str], route: str) -> tuple[Rule, ...]:
        found = {rule.id: rule for rule in self._for_any_role if rule.covers_route(route)}
        for role in roles:
            for rule in self._by_role.get(role, ()):
                if rule.covers_route(route):
                    found[rule.id] = rule
        return tuple(found[name] for name in sorted(found))

    def matching(self, roles: frozenset[str], route: str, model: str) -> list[Rule]:
        """The rules about these roles, this route and this model, by id, each once."""
        table = self._tables.get((roles, route))
        if table is None:
            entries = [(rule.models, rule) for rule in self.candidates(roles, route)]
            table = self._tables.put((roles, route), GlobTable(entries))
        found = {rule.id: rule for rule in table.find(model)}
        return [found[name] for name in sorted(found)]
