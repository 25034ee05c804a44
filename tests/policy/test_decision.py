"""What a policy is asked, and what it answers."""

from __future__ import annotations

import dataclasses

import pytest

from gateway.policy.decision import Ask, Decision
from gateway.terms import Action


def test_a_decision_cannot_be_changed_once_made() -> None:
    decision = Decision(
        allowed=False,
        rules=(),
        reason="",
        message=None,
        scanners=(),
        capture="sealed",
        on_scanner_error=Action.BLOCK,
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.allowed = True  # type: ignore[misc]


def test_equal_questions_are_equal() -> None:
    assert Ask(frozenset({"a"}), "x", "m") == Ask(frozenset({"a"}), "x", "m")
