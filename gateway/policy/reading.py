"""What reads a request that rules allow, and what it counts in.

Every scanner of every rule reads. Exceptions spare entities only where all the rules that scan with
a scanner spare them, and overrides make it stricter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.decision import LimitUse, ShadowScan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.policy.decision import Ask
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.rule import Rule

__all__ = ["Reading", "limits_of"]


class Reading:
    """The scanners that read a request.

    Args:
        policy: The policy.
        ask: The request.
        holding: The rules whose scanners read.
        chosen: Those of them that allow it; the exceptions of others do not count.
        overrides: The overrides that fit.

    Attributes:
        scanners: As in ``Decision``; likewise ``exceptions`` and ``shadow_scans``.
    """

    __slots__ = ("_enforced", "_policy", "_suppressed", "exceptions", "scanners", "shadow_scans")

    def __init__(
        self,
        policy: Policy,
        ask: Ask,
        holding: Iterable[Rule],
        chosen: Iterable[Rule],
        overrides: Iterable[Override],
    ) -> None:
        ids = {rule.id for rule in chosen}
        exceptions = [
            one
            for one in policy.exceptions
            if one.id in ask.exceptions and one.rule in ids and ask.day <= one.expires
        ]
        self._policy = policy
        self._enforced = tuple(one for one in overrides if not one.shadow)
        self._suppressed = _suppressed(holding, exceptions)
        self.scanners = self._names()
        self.exceptions = tuple(sorted(one.id for one in exceptions if self._weakens(one)))
        shadows = ((one.id, self._names(one)) for one in overrides if one.shadow)
        self.shadow_scans = tuple(
            ShadowScan(rule, names) for rule, names in shadows if names != self.scanners
        )

    def _names(self, shadow: Override | None = None) -> tuple[str, ...]:
        """The scanners in the policy's order, as they would be with an override in shadow mode."""
        return tuple(
            self._policy.variants.name(
                spec.name,
                self._suppressed[spec.name],
                self._enforced,
                shadow if shadow is not None and shadow.scanner == spec.name else None,
            )
            for spec in self._policy.base_scanners
            if spec.name in self._suppressed
        )

    def _weakens(self, exception: PolicyException) -> bool:
        suppressed = self._suppressed.get(exception.scanner, frozenset())
        spared = self._policy.variants.spared(exception.scanner, suppressed, self._enforced)
        return not spared.isdisjoint(exception.entities)


def _suppressed(
    rules: Iterable[Rule], exceptions: Iterable[PolicyException]
) -> dict[str, frozenset[str]]:
    """Per scanner the entities that every rule spares that scans with it."""
    found: dict[str, frozenset[str]] = {}
    for rule in rules:
        for scanner in rule.scan:
            spared = frozenset[str]().union(
                *(
                    one.entities
                    for one in exceptions
                    if (one.rule, one.scanner) == (rule.id, scanner)
                )
            )
            found[scanner] = found.get(scanner, spared) & spared
    return found


def limits_of(policy: Policy, ask: Ask, rules: Iterable[Rule]) -> tuple[LimitUse, ...]:
    """What a request counts in: the limits of all these rules, by name.

    A limit per role counts for the roles by which its rules fit the caller; a rule about any caller
    fits by all of the caller's roles.
    """
    roles: dict[str, set[str]] = {}
    for rule in rules:
        for name in rule.limits:
            roles.setdefault(name, set()).update(rule.roles & ask.roles or ask.roles)
    return tuple(_use(policy, name, roles[name]) for name in sorted(roles))


def _use(policy: Policy, name: str, roles: set[str]) -> LimitUse:
    limit = policy.limits[name]
    # Whoever has no role at all is counted too, with all others like that.
    return LimitUse(limit, tuple(sorted(roles)) or ("",) if limit.per == "role" else ())
