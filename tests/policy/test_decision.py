"""What a policy is asked, and what it answers."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

import pytest

from gateway.policy.days import parse_day
from gateway.policy.decision import NEVER, Ask, Decision
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


def test_what_is_not_given_counts_against_the_caller() -> None:
    ask = Ask(frozenset(), "x", "m")
    assert (ask.parameters, ask.exceptions, ask.day) == (None, frozenset(), NEVER)
    assert parse_day("9999-12-31") < NEVER


def test_decisions_can_be_told_apart_by_their_changes_and_be_keys() -> None:
    one = Decision(
        allowed=True,
        rules=(),
        reason="",
        message=None,
        scanners=(),
        capture="sealed",
        on_scanner_error=Action.BLOCK,
        changes=MappingProxyType({"n": 1}),
    )
    other = dataclasses.replace(one, changes=MappingProxyType({"n": 2}))
    assert one != other
    assert len({one, other, dataclasses.replace(one)}) == 2
