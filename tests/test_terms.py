"""The words that the rooms share."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from gateway.terms import (
    PROVENANCES,
    SCANNER_KINDS,
    Action,
    EntityRule,
    Parameters,
    Principal,
    ScannerSpec,
)


def test_actions_are_ordered_from_weak_to_strong() -> None:
    words = [action.word for action in sorted(Action)]
    assert words == ["allow", "flag", "tokenise", "redact", "block"]
    assert max(Action.FLAG, Action.BLOCK, Action.REDACT) is Action.BLOCK


def test_provenances_and_kinds_are_the_words_of_policies() -> None:
    assert set(PROVENANCES) == {
        "system", "user", "assistant", "tool", "tool_definition", "document", "unknown", "answer",
    }  # fmt: skip
    assert SCANNER_KINDS == ("injection", "pii", "secrets", "pattern")


def test_a_scanner_without_settings_only_flags() -> None:
    spec = ScannerSpec("own", "pattern", frozenset({"user"}))
    assert spec.action is Action.FLAG
    assert (dict(spec.entities), dict(spec.patterns)) == ({}, {})
    assert EntityRule(Action.BLOCK).min_score == 0.5
    with pytest.raises(FrozenInstanceError):
        spec.name = "other"  # type: ignore[misc]


def test_changed_parameters_say_the_new_values_and_keep_the_others() -> None:
    before = Parameters({"max_tokens": (1, 2), "system": ("b",), "n": (1,)}, frozenset({"n"}))
    after = before.changed({"max_tokens": 5, "tools": ("x",), "system_prefix": "a"})
    assert after.values == {
        "max_tokens": (5,), "system": ("a", "b"), "n": (1,), "tools": ("x",),
    }  # fmt: skip
    assert after.stated == {"n", "max_tokens", "tools", "system"}
    assert before.values["max_tokens"] == (1, 2)
    assert before.changed({"system": "c"}).values["system"] == ("c",)


def test_a_principal_shows_neither_its_claims_nor_its_key() -> None:
    claims = {"email": "ada@example.com"}
    who = Principal("ada", "https://issuer", ("analyst",), None, claims, b"\x01secret", 0.0)
    assert "ada@example.com" not in repr(who)
    assert "secret" not in repr(who)
    assert "analyst" in repr(who)
