"""Scanners made stricter and weaker."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_policies import ENTITIES, OVERRIDES, SCANNERS

from gateway.policy.override import Override
from gateway.policy.strictness import entity_rule, overridden, strictest, weakened
from gateway.terms import Action, EntityRule, ScannerSpec

PII, SECRETS, WORDS, INJECTION = SCANNERS
SOME = st.frozensets(st.sampled_from(ENTITIES))


def changed(spec: ScannerSpec, overrides: list[Override]) -> ScannerSpec:
    found = spec
    for override in overrides:
        if override.scanner == spec.name:
            found = strictest(found, overridden(spec, override))
    return found


@pytest.mark.parametrize(
    ("spec", "entity", "rule"),
    [
        (PII, "E1", EntityRule(Action.REDACT)),
        (PII, "E3", None),
        (SECRETS, "E1", EntityRule(Action.FLAG, 0.7)),
        (SECRETS, "E3", EntityRule(Action.REDACT)),
        (WORDS, "E1", EntityRule(Action.REDACT, 0.0)),
        (WORDS, "E3", None),
    ],
)
def test_what_a_scanner_does_with_an_entity(
    spec: ScannerSpec, entity: str, rule: EntityRule | None
) -> None:
    assert entity_rule(spec, entity) == rule


def test_an_override_stands_instead_of_the_settings_that_it_names() -> None:
    laxer = Override("o", "injection", flag_at=0.7, block_at=0.95)
    spec = overridden(INJECTION, laxer)
    assert (spec.flag_at, spec.block_at, spec.name) == (0.7, 0.95, "injection")
    assert overridden(INJECTION, Override("o", "injection", flag_at=0.1)).block_at == 0.9
    by_action = overridden(SECRETS, Override("o", "secrets", action=Action.FLAG))
    assert (by_action.action, by_action.entities) == (Action.FLAG, SECRETS.entities)
    rules = MappingProxyType({"E2": EntityRule(Action.FLAG)})
    assert overridden(PII, Override("o", "pii", entities=rules)).entities == {
        "E1": EntityRule(Action.REDACT),
        "E2": EntityRule(Action.FLAG),
    }


def test_the_strictest_takes_the_stronger_action_from_the_lower_score() -> None:
    rules = {"E1": EntityRule(Action.BLOCK, 0.9), "E3": EntityRule(Action.FLAG)}
    other = overridden(PII, Override("o", "pii", entities=MappingProxyType(rules)))
    assert strictest(PII, other).entities == {
        "E1": EntityRule(Action.BLOCK, 0.5),
        "E2": EntityRule(Action.BLOCK, 0.8),
        "E3": EntityRule(Action.FLAG),
    }
    both = strictest(INJECTION, overridden(INJECTION, Override("o", "injection", 0.7, 0.8)))
    assert (both.flag_at, both.block_at) == (0.6, 0.8)


def test_an_entity_of_secrets_keeps_the_stricter_of_its_own_rule_and_the_action() -> None:
    other = overridden(SECRETS, Override("o", "secrets", action=Action.BLOCK))
    strict = strictest(SECRETS, other)
    assert strict.action is Action.BLOCK
    assert strict.entities == {"E1": EntityRule(Action.FLAG, 0.7)}
    rules = MappingProxyType({"E2": EntityRule(Action.FLAG, 0.9)})
    strict = strictest(SECRETS, overridden(SECRETS, Override("o", "secrets", entities=rules)))
    assert strict.entities["E2"] == EntityRule(Action.REDACT, 0.5)


def test_what_is_spared_is_still_recorded_but_for_patterns() -> None:
    assert weakened(PII, {"E2", "E3"}).entities == {
        "E1": EntityRule(Action.REDACT),
        "E2": EntityRule(Action.ALLOW, 0.8),
    }
    assert weakened(SECRETS, {"E3"}).entities == {
        "E1": EntityRule(Action.FLAG, 0.7),
        "E3": EntityRule(Action.ALLOW),
    }
    assert dict(weakened(WORDS, {"E1"}).patterns) == {"E2": "two"}


@given(st.sampled_from(SCANNERS), SOME)
def test_sparing_changes_nothing_else(spec: ScannerSpec, spared: frozenset[str]) -> None:
    weak = weakened(spec, spared)
    assert (weak.on, weak.action, weak.flag_at, weak.block_at) == (
        spec.on, spec.action, spec.flag_at, spec.block_at,
    )  # fmt: skip
    for entity in (*ENTITIES, "any other"):
        rule = entity_rule(weak, entity)
        if entity in spared:
            assert rule is None or rule.action is Action.ALLOW
        else:
            assert rule == entity_rule(spec, entity)


@given(st.sampled_from(SCANNERS), st.lists(OVERRIDES, max_size=4))
def test_overrides_make_stricter_in_whatever_order(
    spec: ScannerSpec, overrides: list[Override]
) -> None:
    strict = changed(spec, overrides)
    assert strict.flag_at <= spec.flag_at
    assert strict.block_at <= spec.block_at
    for entity in (*ENTITIES, "any other"):
        mine, base = entity_rule(strict, entity), entity_rule(spec, entity)
        if base is not None:
            assert mine is not None
            assert (mine.action, -mine.min_score) >= (base.action, -base.min_score)
            assert mine.min_score <= base.min_score
    assert changed(spec, overrides[::-1]) == strict
    assert strictest(strict, spec) == strict
