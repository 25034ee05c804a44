from __future__ import annotations

import pytest

from gateway.errors import Refusal
from gateway.ingress.rules import RULES, refuse


@pytest.mark.parametrize("name", RULES)
def test_a_refusal_names_its_rule(name: str) -> None:
    rule = RULES[name]
    with pytest.raises(Refusal) as refusal:
        refuse(name)
    assert type(refusal.value) is rule.refusal
    assert refusal.value.reason == f"{rule.id}: {rule.words}"


def test_rules_have_distinct_ids_and_give_their_law() -> None:
    assert all(name == rule.id for name, rule in RULES.items())
    assert all(len(rule.law) > 10 for rule in RULES.values())
    assert len({rule.words for rule in RULES.values()}) == len(RULES)
