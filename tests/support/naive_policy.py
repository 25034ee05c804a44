"""The decision as its definition reads: every rule tried, nothing compiled, nothing remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from naive_conditions import left, reconciled, truth, unknown

from gateway.policy.decision import NEVER
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.decision import Ask, Decision
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.rule import Rule
    from gateway.terms import Parameters, ScannerSpec

__all__ = ["Behaviour", "Naive", "behaviour", "naive_decide", "shown"]

Act = tuple[Action, float]
"""What a scanner does with an entity, and from which score on."""
ENTITIES = ("E1", "E2", "E3", "any other")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A scanner by what it does; ``acts`` for each of ``ENTITIES``, None if not looked for."""

    name: str
    flag_at: float
    block_at: float
    acts: tuple[Act | None, ...]


@dataclass(frozen=True, slots=True)
class Naive:
    """A decision, but for its words; scanners by what they do."""

    allowed: bool
    rules: tuple[str, ...] = ()
    scanners: tuple[Behaviour, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    limits: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exceptions: tuple[str, ...] = ()
    shadow: tuple[tuple[str, str], ...] = ()
    shadow_scans: tuple[tuple[str, tuple[Behaviour, ...]], ...] = ()


def shown(policy: Policy, decision: Decision) -> Naive:
    """A real decision in the same form."""
    specs = {spec.name: spec for spec in policy.scanners}

    def read(names: tuple[str, ...]) -> tuple[Behaviour, ...]:
        return tuple(behaviour(specs[name]) for name in names)

    return Naive(
        decision.allowed,
        decision.rules,
        read(decision.scanners),
        decision.changes,
        tuple((use.limit.name, use.roles) for use in decision.limits),
        decision.exceptions,
        tuple((one.rule, one.decision) for one in decision.shadow),
        tuple((one.rule, read(one.scanners)) for one in decision.shadow_scans),
    )


def naive_decide(policy: Policy, ask: Ask) -> Naive:
    """What is decided."""
    rules = sorted((one for one in policy.rules if about(one, ask)), key=lambda one: one.id)
    denying = [one for one in rules if not one.allows and fits(one, ask)]
    holding = [one for one in rules if one.allows and holds(one, ask.parameters)]
    enforced = [one for one in holding if not one.shadow]
    if any(not one.shadow for one in denying):
        return Naive(False, tuple(one.id for one in denying if not one.shadow))
    chosen, changes = reconciled(enforced, ask.parameters)
    if not chosen:
        shadow = [one for one in holding if one.shadow and reconciled([one], ask.parameters)[0]]
        return Naive(False, shadow=tuple((one.id, "allow") for one in shadow))
    overrides = [one for one in policy.overrides if about(one, ask) and fits(one, ask)]
    reading = Read(policy, ask, enforced, [one for one in overrides if not one.shadow])
    would = [(one.id, reading.scanners(one)) for one in overrides if one.shadow]
    return Naive(
        True,
        tuple(one.id for one in chosen),
        reading.scanners(),
        changes,
        limits(policy, ask, enforced),
        reading.exceptions(),
        tuple((one.id, "deny") for one in denying),
        tuple(sorted(one for one in would if one[1] != reading.scanners())),
    )


def about(one: Rule | Override, ask: Ask) -> bool:
    lasts = ask.day < NEVER if one.until is None else ask.day <= one.until
    return (
        (not one.roles or bool(one.roles & ask.roles))
        and (not one.routes or ask.route in one.routes)
        and (not one.models or any(fnmatchcase(ask.model, glob) for glob in one.models))
        and (lasts or not one.shadow)
    )


def fits(one: Rule | Override, ask: Ask) -> bool:
    return all(truth(condition, ask.parameters) != "no" for condition in one.when)


def holds(rule: Rule, parameters: Parameters | None) -> bool:
    if any(truth(one, parameters) != "yes" for one in rule.when):
        return False
    if rule.clamp and parameters is None:
        return False
    if any(unknown(one.word, parameters) for one in rule.clamp):
        return False
    return all(truth(one, parameters) == "yes" or left(one, parameters) for one in rule.require)


def limits(policy: Policy, ask: Ask, rules: list[Rule]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for name in sorted({name for rule in rules for name in rule.limits}):
        using = [rule for rule in rules if name in rule.limits]
        roles = {role for rule in using for role in ask.roles if role in (rule.roles or ask.roles)}
        per_role = policy.limits[name].per == "role"
        found.append((name, tuple(sorted(roles or {""})) if per_role else ()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Read:
    """Which scanners read, and what they do."""

    policy: Policy
    ask: Ask
    holding: list[Rule]
    overrides: list[Override]

    def scanners(self, shadow: Override | None = None) -> tuple[Behaviour, ...]:
        wanted = {name for rule in self.holding for name in rule.scan}
        return tuple(
            self.one(spec, shadow, self.spared(spec.name))
            for spec in self.policy.scanners
            if spec.name in wanted and not spec.of
        )

    def exceptions(self) -> tuple[str, ...]:
        base = {spec.name: spec for spec in self.policy.scanners if not spec.of}
        found = []
        for one in self.policy.exceptions:
            spared = self.spared(one.scanner)
            weaker = self.one(base[one.scanner], None, spared).acts
            strict = self.one(base[one.scanner], None, set()).acts
            each = zip(ENTITIES, weaker, strict, strict=True)
            changed = {entity for entity, act, other in each if act != other}
            if any(self.counts(one, rule) for rule in self.holding) and changed & one.entities:
                found.append(one.id)
        return tuple(sorted(found))

    def counts(self, exception: Any, rule: Rule) -> bool:
        return (
            exception.id in self.ask.exceptions
            and exception.rule == rule.id
            and exception.scanner in rule.scan
            and exception.expires >= self.ask.day
        )

    def spared(self, scanner: str) -> set[str]:
        """What every rule that scans with a scanner spares."""
        return {
            entity
            for entity in ENTITIES
            if all(
                any(
                    entity in one.entities and one.scanner == scanner and self.counts(one, rule)
                    for one in self.policy.exceptions
                )
                for rule in self.holding
                if scanner in rule.scan
            )
        }

    def one(self, spec: ScannerSpec, shadow: Override | None, spared: set[str]) -> Behaviour:
        mine = [one for one in self.overrides if one.scanner == spec.name]
        flag = min([spec.flag_at, *(one.flag_at for one in mine if one.flag_at is not None)])
        block = min([spec.block_at, *(one.block_at for one in mine if one.block_at is not None)])
        if shadow is None or shadow.scanner != spec.name:
            over = None
        else:
            over = shadow
            flag = flag if over.flag_at is None else over.flag_at
            block = block if over.block_at is None else over.block_at
        acts = (self.act(spec, name, mine, over, name in spared) for name in ENTITIES)
        return Behaviour(spec.name, flag, block, tuple(acts))

    def act(
        self,
        spec: ScannerSpec,
        entity: str,
        overrides: list[Override],
        shadow: Override | None,
        spared: bool,  # noqa: FBT001
    ) -> Act | None:
        if spec.kind == "pattern" and spared:
            return None
        own = acts(spec, entity)
        base = (Action.ALLOW, own[1]) if own and spared else own
        every = [base, *(overridden(spec, base, entity, one, spared) for one in overrides)]
        known = [one for one in every if one is not None]
        act = (max(one[0] for one in known), min(one[1] for one in known)) if known else None
        named = spared or any(entity in one.entities for one in overrides)
        return act if shadow is None else overridden(spec, act, entity, shadow, named)


def acts(spec: ScannerSpec, entity: str) -> Act | None:
    if spec.kind == "pattern":
        return (spec.action, 0.0) if entity in spec.patterns else None
    rule = spec.entities.get(entity)
    if rule is not None:
        return rule.action, rule.min_score
    return None if spec.kind == "pii" else (spec.action, 0.5)


def overridden(
    spec: ScannerSpec,
    act: Act | None,
    entity: str,
    override: Override,
    named: bool,  # noqa: FBT001
) -> Act | None:
    """What becomes of an entity if an override's settings stand instead.

    ``named``: an exception or another override has given it a rule of its own.
    """
    if entity in override.entities:
        rule = override.entities[entity]
        return rule.action, rule.min_score
    by_default = spec.kind == "pattern" or entity not in spec.entities
    if act is None or override.action is None or named or not by_default:
        return act
    return override.action, act[1]


def behaviour(spec: ScannerSpec) -> Behaviour:
    """What a scanner does."""
    each = tuple(acts(spec, entity) for entity in ENTITIES)
    return Behaviour(spec.of or spec.name, spec.flag_at, spec.block_at, each)
