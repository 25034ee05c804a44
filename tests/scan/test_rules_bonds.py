from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from injection import entities_in, found_by, negatives, positives, source_of

from gateway.scan.rules_bonds import BONDS

if TYPE_CHECKING:
    from gateway.scan.rules import InjectionRule


@pytest.mark.parametrize(("rule", "text"), positives(BONDS))
def test_positives(rule: InjectionRule, text: str) -> None:
    assert found_by(rule, text)
    source = source_of(rule)
    assert source is None or rule.entity in entities_in(text, source)


@pytest.mark.parametrize(("rule", "text"), negatives(BONDS))
def test_benign_twins(rule: InjectionRule, text: str) -> None:
    assert entities_in(text) == set(), rule.id
