"""Scanners as exceptions and overrides change them: every one that a decision can name.

They are enumerated at load, so that their patterns are compiled before any request needs them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.policy.memo import Memo
from gateway.terms import Action, EntityRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Sized

    from gateway.policy.exceptions import PolicyException
    from gateway.policy.override import Override
    from gateway.terms import ScannerSpec

__all__ = [
    "MAX_VARIANTS",
    "SEPARATOR",
    "TooManyVariants",
    "Variants",
    "entity_rule",
    "overridden",
    "strictest",
]

MAX_VARIANTS: Final = 64
"""How many variants the scanners of a policy may have in all."""
SEPARATOR: Final = "~"
"""Stands in names of variants only: no name in a policy holds it."""
_MEMO: Final = 4096

_Suppressed = frozenset[str]
_Content = tuple[object, ...]


class TooManyVariants(ValueError):
    """Exceptions and overrides combine to more variants than the gateway compiles."""


class Variants:
    """The scanners of a policy and all their variants.

    Args:
        scanners: The scanners as the policy has them.
        overrides: The overrides, in shadow mode or not.
        exceptions: The exceptions.

    Attributes:
        base: Names of the scanners without variants, in their order.
        specs: The scanners, each followed by its variants.

    Raises:
        TooManyVariants: There are more than ``MAX_VARIANTS``.
    """

    __slots__ = ("_base", "_by_name", "_names", "_remembered", "base", "specs")

    def __init__(
        self,
        scanners: Iterable[ScannerSpec],
        overrides: Sequence[Override],
        exceptions: Sequence[PolicyException],
    ) -> None:
        self._base = {spec.name: spec for spec in scanners}
        self.base = tuple(self._base)
        self._names: dict[_Content, str] = {}
        self._remembered: Memo[tuple[str, _Suppressed, tuple[str, ...], str], str] = Memo(_MEMO)
        specs: list[ScannerSpec] = []
        for spec in self._base.values():
            specs += self._all_of(spec, overrides, exceptions)
        self.specs = tuple(specs)
        self._by_name = {spec.name: spec for spec in specs}

    def _all_of(
        self,
        spec: ScannerSpec,
        overrides: Sequence[Override],
        exceptions: Sequence[PolicyException],
    ) -> Iterator[ScannerSpec]:
        mine = sorted((one for one in overrides if one.scanner == spec.name), key=_id)
        excepted = [one for one in exceptions if one.scanner == spec.name]
        for changed, ids in _combined(spec, mine, excepted):
            content = _content(changed)
            if content not in self._names:
                name = SEPARATOR.join((spec.name, *ids))
                self._names[content] = name
                yield replace(changed, name=name, of=spec.name) if ids else spec
                if len(self._names) > MAX_VARIANTS + len(self._base):
                    raise TooManyVariants

    def name(
        self,
        scanner: str,
        suppressed: _Suppressed,
        overrides: Sequence[Override] = (),
        shadow: Override | None = None,
    ) -> str:
        """The name of a scanner with these changes.

        Args:
            scanner: The scanner that is changed.
            suppressed: The entities that exceptions suppress.
            overrides: The overrides that are enforced; those of other scanners change nothing.
            shadow: An override in shadow mode on top of them.
        """
        mine = [one for one in overrides if one.scanner == scanner]
        if not suppressed and not mine and shadow is None:
            return scanner
        key = (scanner, suppressed, tuple(map(_id, mine)), shadow.id if shadow else "")
        known = self._remembered.get(key)
        if known is None:
            weakened = _weakened(self._base[scanner], suppressed)
            stricter = (overridden(weakened, one) for one in mine)
            changed = reduce(strictest, stricter, weakened)
            changed = changed if shadow is None else overridden(changed, shadow)
            known = self._remembered.put(key, self._names[_content(changed)])
        return known

    def spared(
        self, scanner: str, suppressed: _Suppressed, overrides: Sequence[Override] = ()
    ) -> frozenset[str]:
        """The entities that exceptions really spare: those a scanner would treat worse without.

        Arguments as for ``name``.
        """
        if not suppressed:
            return frozenset()
        weaker = self._by_name[self.name(scanner, suppressed, overrides)]
        strict = self._by_name[self.name(scanner, frozenset(), overrides)]
        return frozenset(one for one in suppressed if _acts(weaker, one) != _acts(strict, one))


def overridden(spec: ScannerSpec, override: Override) -> ScannerSpec:
    """A scanner with the settings of an override instead of its own."""
    return replace(
        spec,
        flag_at=spec.flag_at if override.flag_at is None else override.flag_at,
        block_at=spec.block_at if override.block_at is None else override.block_at,
        action=spec.action if override.action is None else override.action,
        entities=MappingProxyType({**spec.entities, **override.entities}),
    )


def entity_rule(spec: ScannerSpec, entity: str) -> EntityRule | None:
    """What a scanner does with an entity; None if it does not look for it."""
    if spec.kind == "pii":
        return spec.entities.get(entity)
    return spec.entities.get(entity, EntityRule(spec.action))


def _acts(spec: ScannerSpec, entity: str) -> object:
    return spec.patterns.get(entity) if spec.kind == "pattern" else entity_rule(spec, entity)


def _id(override: Override) -> str:
    return override.id


def strictest(one: ScannerSpec, other: ScannerSpec) -> ScannerSpec:
    """A scanner that does at least what each of two variants of one scanner does."""
    entities: dict[str, EntityRule] = {}
    for entity in {**one.entities, **other.entities}:
        rules = filter(None, (entity_rule(one, entity), entity_rule(other, entity)))
        entities[entity] = reduce(_strictest, rules)
    return replace(
        one,
        flag_at=min(one.flag_at, other.flag_at),
        block_at=min(one.block_at, other.block_at),
        action=max(one.action, other.action),
        entities=MappingProxyType(entities),
    )


def _strictest(one: EntityRule, other: EntityRule) -> EntityRule:
    return EntityRule(max(one.action, other.action), min(one.min_score, other.min_score))


def _weakened(spec: ScannerSpec, suppressed: _Suppressed) -> ScannerSpec:
    """A scanner that lets entities pass; they are still recorded, where it can tell them apart."""
    if not suppressed:
        return spec
    if spec.kind == "pattern":
        patterns = {name: it for name, it in spec.patterns.items() if name not in suppressed}
        return replace(spec, patterns=MappingProxyType(patterns))
    entities = dict(spec.entities)
    for entity in suppressed:
        old = entity_rule(spec, entity)
        if old is not None:
            entities[entity] = EntityRule(Action.ALLOW, old.min_score)
    return replace(spec, entities=MappingProxyType(entities))


def _combined(
    spec: ScannerSpec, overrides: Sequence[Override], exceptions: Sequence[PolicyException]
) -> Iterator[tuple[ScannerSpec, tuple[str, ...]]]:
    """Every scanner that may come of one, with the ids of what made it; the scanner first."""
    enforced = [one for one in overrides if not one.shadow]
    shadows = [one for one in overrides if one.shadow]
    for suppressed, ids in _suppressions(exceptions).items():
        weakened = _weakened(spec, suppressed)
        worlds = {_content(weakened): (weakened, ids)}
        for override in enforced:
            for changed, before in list(worlds.values()):
                stricter = strictest(changed, overridden(weakened, override))
                worlds.setdefault(_content(stricter), (stricter, (*before, override.id)))
            _bounded(worlds)
        for changed, before in worlds.values():
            yield changed, before
            for shadow in shadows:
                yield overridden(changed, shadow), (*before, shadow.id)


def _suppressions(
    exceptions: Sequence[PolicyException],
) -> dict[_Suppressed, tuple[str, ...]]:
    """Every set of entities that exceptions of one scanner may suppress together."""
    unions: list[dict[_Suppressed, tuple[str, ...]]] = []
    for rule in sorted({one.rule for one in exceptions}):
        of_rule: dict[_Suppressed, tuple[str, ...]] = {}
        for one in sorted((one for one in exceptions if one.rule == rule), key=lambda one: one.id):
            for entities, ids in [(frozenset[str](), ()), *of_rule.items()]:
                of_rule.setdefault(entities | one.entities, (*ids, one.id))
            _bounded(of_rule)
        unions.append(of_rule)
    found: dict[_Suppressed, tuple[str, ...]] = {}
    for of_rule in unions:
        both = {
            some & others: tuple(sorted({*ids, *more}))
            for some, ids in found.items()
            for others, more in of_rule.items()
        }
        found = {**both, **of_rule, **found}
        _bounded(found)
    found.pop(frozenset(), None)
    return {frozenset(): (), **found}


def _bounded(found: Sized) -> None:
    if len(found) > MAX_VARIANTS + 1:
        raise TooManyVariants


def _content(spec: ScannerSpec) -> _Content:
    """What a scanner does, whatever its name."""
    entities = sorted((name, rule.action, rule.min_score) for name, rule in spec.entities.items())
    return (
        spec.of or spec.name,
        spec.flag_at,
        spec.block_at,
        spec.action,
        *chain(entities, sorted(spec.patterns.items())),
    )
