"""Policies with one mistake each: what a slip of the pen, or a careless review, makes of one."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from gateway.policy.matrix import Bounds
from gateway.terms import Action, EntityRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.policy.exceptions import PolicyException
    from gateway.policy.matrix import Condition
    from gateway.policy.model import Policy, Role
    from gateway.policy.override import Override
    from gateway.policy.rule import Rule
    from gateway.terms import ScannerSpec

__all__ = ["mutants"]

UNSAID: Final = frozenset({"assistant", "tool_definition", "unknown"})
"""The provenances that no embedded test can give a text."""

T = TypeVar("T")
Mutant = tuple[str, "Policy"]


def mutants(policy: Policy) -> Iterator[Mutant]:
    """Every policy that differs from one in one part of one rule, role, exception or scanner."""
    for name, role in policy.roles.items():
        for what, changed in _of_role(role):
            roles = MappingProxyType({**policy.roles, name: changed})
            yield f"role {name}: {what}", replace(policy, roles=roles)
    for rule in policy.rules:
        yield from _in_place(policy, "rules", f"rule {rule.id}", rule, _of_rule(rule, policy))
    for override in policy.overrides:
        named = f"rule {override.id}"
        yield from _in_place(policy, "overrides", named, override, _of_override(override))
    for exception in policy.exceptions:
        named = f"exception {exception.id}"
        yield from _in_place(policy, "exceptions", named, exception, _of_exception(exception))
    for scanner in policy.base_scanners:
        named = f"scanner {scanner.name}"
        yield from _in_place(policy, "scanners", named, scanner, _of_scanner(scanner))


def _in_place(
    policy: Policy, part: str, named: str, old: T, changed: Iterable[tuple[str, T | None]]
) -> Iterator[Mutant]:
    """The policy with another thing in the place of one, or without it."""
    for what, new in changed:
        items = policy.base_scanners if part == "scanners" else getattr(policy, part)
        yield f"{named}: {what}", _but(policy, part, _with(items, old, new))


def _but(item: T, part: str, value: Any) -> T:
    """The item with another value of one part."""
    changed: T = replace(cast("Any", item), **{part: value})
    return changed


def _with(items: tuple[Any, ...], old: Any, new: Any) -> tuple[Any, ...]:
    """The items with another in the place of one, or without it."""
    kept = (new if item is old else item for item in items)
    return tuple(item for item in kept if item is not None)


def _without(items: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in items.items() if key != name}


def _of_role(role: Role) -> Iterator[tuple[str, Role]]:
    # Without the role itself the policy would not load: its tests name it.
    for name in role.inherits:
        yield (
            f"inherits no {name}",
            replace(role, inherits=tuple(one for one in role.inherits if one != name)),
        )
    if role.match is None:
        return
    yield "match removed", replace(role, match=None)
    yield "another claim", replace(role, match=replace(role.match, claim=f"{role.match.claim}s"))
    for value in sorted(role.match.any_of):
        fewer = replace(role.match, any_of=role.match.any_of - {value})
        yield f"not by {value}", replace(role, match=fewer)


def _of_rule(rule: Rule, policy: Policy) -> Iterator[tuple[str, Rule | None]]:
    yield "removed", None
    yield "allow and deny exchanged", replace(rule, allows=not rule.allows)
    yield "in shadow mode", replace(rule, shadow=True)
    yield from _of_matcher(rule)
    for part in ("scan", "limits"):
        for name in sorted(getattr(rule, part)):
            yield f"{part} without {name}", _but(rule, part, getattr(rule, part) - {name})
    for limit in sorted(set(policy.limits) - rule.limits) if rule.limits else ():
        yield f"limits {limit}", replace(rule, limits=frozenset({limit}))
    for part in ("when", "require", "clamp"):
        conditions: tuple[Condition, ...] = getattr(rule, part)
        for condition in conditions:
            for what, other in _of_condition(condition):
                changed = _with(conditions, condition, other)
                yield f"{part} {condition.word} {what}", _but(rule, part, changed)


def _of_matcher(rule: Rule) -> Iterator[tuple[str, Rule]]:
    for part in ("roles", "routes"):
        names: frozenset[str] = getattr(rule, part)
        for name in sorted(names) if len(names) > 1 else ():
            yield f"{part} without {name}", _but(rule, part, names - {name})
        if names:
            yield f"any {part}", _but(rule, part, frozenset())
    for glob in rule.models if len(rule.models) > 1 else ():
        yield f"models without {glob}", replace(rule, models=_with(rule.models, glob, None))
    if rule.models:
        yield "any models", replace(rule, models=())


def _of_condition(condition: Condition) -> Iterator[tuple[str, Condition | None]]:
    yield "removed", None
    bounds = condition.bounds
    if bounds is not None and isinstance(bounds.lte, int | float):
        yield "twice as much", replace(condition, bounds=Bounds(lte=bounds.lte * 2))
        yield "half as much", replace(condition, bounds=Bounds(lte=bounds.lte / 2))
    for part in ("names", "any_name"):
        globs: tuple[str, ...] = getattr(condition, part) or ()
        for glob in globs:
            yield f"without {glob}", _but(condition, part, _with(globs, glob, None))
    if condition.present is not None:
        yield "the other way", replace(condition, present=not condition.present)


def _of_override(override: Override) -> Iterator[tuple[str, Override | None]]:
    yield "removed", None
    yield "in the other mode", replace(override, shadow=not override.shadow)
    if override.block_at is not None:
        for by in (-0.1, 0.1):
            yield f"block_at {by:+}", replace(override, block_at=round(override.block_at + by, 2))


def _of_exception(exception: PolicyException) -> Iterator[tuple[str, PolicyException | None]]:
    yield "removed", None
    yield "ended", replace(exception, expires=-1)
    yield "for any claim", replace(exception, claim=None, any_of=frozenset())
    yield "for another claim", replace(exception, claim=f"{exception.claim}s")
    if exception.roles:
        yield "for any role", replace(exception, roles=frozenset())
    for entity in sorted(exception.entities):
        yield f"spares no {entity}", replace(exception, entities=frozenset({"OTHER"}))


def _of_scanner(spec: ScannerSpec) -> Iterator[tuple[str, ScannerSpec]]:
    for provenance in sorted(spec.on - UNSAID):
        yield f"not on {provenance}", replace(spec, on=spec.on - {provenance})
    for entity, rule in spec.entities.items():
        weaker = EntityRule(_weaker(rule.action), rule.min_score)
        entities = MappingProxyType({**spec.entities, entity: weaker})
        yield f"{entity} weaker", replace(spec, entities=entities)
        rest = MappingProxyType(_without(spec.entities, entity))
        yield f"without {entity}", replace(spec, entities=rest)
    for entity in spec.patterns:
        rest_of = MappingProxyType(_without(spec.patterns, entity))
        yield f"without {entity}", replace(spec, patterns=rest_of)
    if spec.kind in {"secrets", "pattern"}:
        yield "weaker", replace(spec, action=_weaker(spec.action))
    if spec.kind == "injection":
        yield "flags later", replace(spec, flag_at=round(spec.flag_at + 0.1, 2))
        yield "blocks later", replace(spec, block_at=round(spec.block_at + 0.05, 2))


def _weaker(action: Action) -> Action:
    steps = [Action.ALLOW, Action.FLAG, Action.REDACT, Action.BLOCK]
    return steps[steps.index(action) - 1]
