from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from gateway.scan.engine import known_entities
from gateway.scan.injection import RULES
from gateway.scan.rules import InjectionRule


def test_a_rule_cannot_be_changed() -> None:
    rule = InjectionRule("id", "TOOL_ORDER", 0.5, "reference", "pattern", ("text",))
    with pytest.raises(FrozenInstanceError):
        rule.score = 0.0  # type: ignore[misc]
    assert (rule.negatives, rule.rotate) == ((), False)


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rules_have_families_scores_and_references(rule: InjectionRule) -> None:
    assert rule.entity in known_entities()["injection"]
    assert 0 < rule.score <= 1
    assert "LLM0" in rule.reference
    assert "AML.T" in rule.reference


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rules_that_count_alone_have_sentences_that_prove_them(rule: InjectionRule) -> None:
    assert rule.positives or rule.score < 0.6
