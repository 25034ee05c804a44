from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from injection import entities_in, found_by

from gateway.scan.rules_structure import STRUCTURE

if TYPE_CHECKING:
    from gateway.scan.rules import InjectionRule


@pytest.mark.parametrize(
    ("rule", "text"),
    [pytest.param(rule, text, id=rule.id) for rule in STRUCTURE for text in rule.positives],
)
def test_positives(rule: InjectionRule, text: str) -> None:
    assert found_by(rule, text)
    assert rule.entity in entities_in(text, "tool" if rule.entity == "TOOL_ORDER" else "user")


@pytest.mark.parametrize(
    ("rule", "text"),
    [pytest.param(rule, text, id=rule.id) for rule in STRUCTURE for text in rule.negatives],
)
def test_benign_twins(rule: InjectionRule, text: str) -> None:
    assert entities_in(text) == set(), rule.id
