"""Scanners made stricter by overrides, and weaker by exceptions."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.terms import Action, EntityRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.policy.override import Override
    from gateway.terms import ScannerSpec

__all__ = ["entity_rule", "overridden", "strictest", "weakened"]


def entity_rule(spec: ScannerSpec, entity: str) -> EntityRule | None:
    """What a scanner does with an entity; None if it does not look for it."""
    if spec.kind == "pattern":
        known = entity in spec.patterns or entity in spec.words
        return EntityRule(spec.action, 0.0) if known else None
    if spec.kind == "pii":
        return spec.entities.get(entity)
    return spec.entities.get(entity, EntityRule(spec.action))


def overridden(spec: ScannerSpec, override: Override) -> ScannerSpec:
    """A scanner with the settings of an override instead of its own."""
    return replace(
        spec,
        flag_at=spec.flag_at if override.flag_at is None else override.flag_at,
        block_at=spec.block_at if override.block_at is None else override.block_at,
        action=spec.action if override.action is None else override.action,
        entities=MappingProxyType({**spec.entities, **override.entities}),
    )


def strictest(one: ScannerSpec, other: ScannerSpec) -> ScannerSpec:
    """A scanner that does at least what each of two does, if they differ as overrides make them."""
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
    return EntityRule(
        max(one.action, other.action),
        min(one.min_score, other.min_score),
        one.keep_format and other.keep_format,
    )


def weakened(spec: ScannerSpec, entities: Iterable[str]) -> ScannerSpec:
    """A scanner that lets entities pass.

    They are still found and recorded, but for patterns and lists: those it no longer looks for.
    """
    if spec.kind == "pattern":
        spared = set(entities)
        patterns = {name: it for name, it in spec.patterns.items() if name not in spared}
        words = {name: it for name, it in spec.words.items() if name not in spared}
        return replace(spec, patterns=MappingProxyType(patterns), words=MappingProxyType(words))
    rules = dict(spec.entities)
    for entity in entities:
        rule = entity_rule(spec, entity)
        if rule is not None:
            rules[entity] = EntityRule(Action.ALLOW, rule.min_score)
    return replace(spec, entities=MappingProxyType(rules))
