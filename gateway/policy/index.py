"""The rules that are about a request, looked up by role, route and model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from gateway.policy.globs import GlobTable
from gateway.policy.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RuleIndex", "Scoped"]

_MEMO: Final = 1024


class Scoped(Protocol):
    """What is about some callers, routes and models: a rule, or an override."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles it is about; none means any caller."""

    @property
    def models(self) -> tuple[str, ...]:
        """Globs of the models it is about; none means any model."""

    def covers_route(self, route: str) -> bool:
        """Whether it is about this route."""


R = TypeVar("R", bound=Scoped)


class RuleIndex(Generic[R]):
    """The rules of a policy, ready to be asked."""

    __slots__ = ("_by_role", "_candidates", "_for_any_role", "_tables")

    def __init__(self, rules: Iterable[R]) -> None:
        self._for_any_role: list[R] = []
        self._by_role: dict[str, list[R]] = {}
        self._candidates: Memo[tuple[frozenset[str], str], tuple[R, ...]] = Memo(_MEMO)
        self._tables: Memo[tuple[frozenset[str], str], GlobTable[R]] = Memo(_MEMO)
        for rule in rules:
            if not rule.roles:
                self._for_any_role.append(rule)
            for role in rule.roles:
                self._by_role.setdefault(role, []).append(rule)

    def candidates(self, roles: frozenset[str], route: str) -> tuple[R, ...]:
        """The rules about these roles on this route, by id, each once."""
        known = self._candidates.get((roles, route))
        if known is None:
            known = self._candidates.put((roles, route), self._find_candidates(roles, route))
        return known

    def _find_candidates(self, roles: frozenset[str], route: str) -> tuple[R, ...]:
        found = {rule.id: rule for rule in self._for_any_role if rule.covers_route(route)}
        for role in roles:
            for rule in self._by_role.get(role, ()):
                if rule.covers_route(route):
                    found[rule.id] = rule
        return tuple(found[name] for name in sorted(found))

    def matching(self, roles: frozenset[str], route: str, model: str) -> list[R]:
        """The rules about these roles, this route and this model, by id, each once."""
        table = self._tables.get((roles, route))
        if table is None:
            entries = [(rule.models, rule) for rule in self.candidates(roles, route)]
            table = self._tables.put((roles, route), GlobTable(entries))
        found = {rule.id: rule for rule in table.find(model)}
        return [found[name] for name in sorted(found)]
