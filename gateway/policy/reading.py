"""What reads a request that rules allow, and what it counts in.

Every scanner of every rule reads. Exceptions spare entities only where all the rules that scan with
a scanner spare them, and overrides make it stricter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.policy.decision import ShadowScan
from gateway.terms import LimitUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.decision import Ask
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.rule import Rule

__all__ = ["Reading", "limits_of"]

_NOTHING: Final[frozenset[str]] = frozenset()


class Reading:
    """The scanners that read a request.

    Args:
        policy: The policy.
        ask: The request.
        rules: The rules whose scanners read.
        overrides: The overrides that fit.

    Attributes:
        scanners: As in ``Decision``; likewise ``exceptions`` and ``shadow_scans``.
    """

    __slots__ = ("_enforced", "_spared", "_variants", "exceptions", "scanners", "shadow_scans")

    def __init__(
        self,
        policy: Policy,
        ask: Ask,
        rules: Sequence[Rule],
        overrides: Sequence[Override],
    ) -> None:
        exceptions = _applying(policy, ask, rules) if ask.exceptions else []
        self._variants = policy.variants
        self._enforced = [one for one in overrides if not one.shadow]
        self._spared = _spared(rules, exceptions)
        self.scanners = self._names()
        self.exceptions = tuple(sorted(one.id for one in exceptions if self._weakens(one)))
        shadows = [(one.id, self._names(one)) for one in overrides if one.shadow]
        self.shadow_scans = tuple(
            ShadowScan(rule, names) for rule, names in shadows if names != self.scanners
        )

    def _names(self, shadow: Override | None = None) -> tuple[str, ...]:
        """The scanners in the policy's order, as they would be with an override in shadow mode."""
        read = [name for name in self._variants.base if name in self._spared]
        if not (self._enforced or shadow or any(self._spared.values())):
            return tuple(read)
        return tuple(
            self._variants.name(
                name,
                self._spared[name],
                self._enforced,
                shadow if shadow is not None and shadow.scanner == name else None,
            )
            for name in read
        )

    def _weakens(self, exception: PolicyException) -> bool:
        spared = self._spared.get(exception.scanner, frozenset())
        really = self._variants.really_spared(exception.scanner, spared, self._enforced)
        return not really.isdisjoint(exception.entities)


def _applying(policy: Policy, ask: Ask, rules: Iterable[Rule]) -> list[PolicyException]:
    """The exceptions that are made for the caller from these rules, and have not ended."""
    scans = {rule.id: rule.scan for rule in rules}
    return [
        one
        for one in policy.exceptions
        if one.id in ask.exceptions
        and one.scanner in scans.get(one.rule, ())
        and ask.day <= one.expires
    ]


def _spared(
    rules: Iterable[Rule], exceptions: Sequence[PolicyException]
) -> dict[str, frozenset[str]]:
    """Per scanner the entities that are spared by every rule that scans with it."""
    if not exceptions:
        return dict.fromkeys(_NOTHING.union(*[rule.scan for rule in rules]), _NOTHING)
    found: dict[str, frozenset[str]] = {}
    for rule in rules:
        for scanner in rule.scan:
            about = [one for one in exceptions if (one.rule, one.scanner) == (rule.id, scanner)]
            spared = _NOTHING.union(*[one.entities for one in about])
            found[scanner] = found.get(scanner, spared) & spared
    return found


def limits_of(policy: Policy, ask: Ask, rules: Iterable[Rule]) -> tuple[LimitUse, ...]:
    """What a request counts in: the limits of all these rules, by name.

    A limit per role counts for the roles by which its rules fit the caller; a rule about any caller
    fits by all of the caller's roles.
    """
    roles: dict[str, frozenset[str]] = {}
    for rule in rules:
        for name in rule.limits:
            fitting = rule.roles & ask.roles or ask.roles
            roles[name] = roles.get(name, fitting) | fitting
    return tuple(_use(policy, name, roles[name]) for name in sorted(roles))


def _use(policy: Policy, name: str, roles: frozenset[str]) -> LimitUse:
    limit = policy.limits[name]
    # Whoever has no role at all is counted too, with all others like that.
    return LimitUse(limit, (tuple(sorted(roles)) or ("",)) if limit.per == "role" else ())
