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
    assert (rule.negatives, rule.rotate, rule.after, rule.proof) == ((), False, "", None)


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rules_have_families_scores_and_references(rule: InjectionRule) -> None:
    assert rule.entity in known_entities()["injection"]
    assert 0 < rule.score <= 1
    assert "LLM0" in rule.reference
    assert "AML.T" in rule.reference


LANGUAGES = ("de", "fr", "es", "pt", "it", "zh", "ja", "ko", "hi", "ru", "ar", "tr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_rules_of_what_users_write_and_of_orders_in_data(language: str) -> None:
    found = {rule.entity for rule in RULES if rule.id.endswith(f"-{language}")}
    written = {"INSTRUCTION_OVERRIDE", "ROLE_CHANGE", "PROMPT_EXTRACTION"}
    assert found == {*written, "TOOL_ORDER", "EXFILTRATION"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_sentences_that_prove_it_and_twins_of_them(rule: InjectionRule) -> None:
    assert len(rule.positives) >= 3
    assert len(rule.negatives) >= 3
