"""The starter policy: one text in two places, and tests for all that it says."""

from __future__ import annotations

from pathlib import Path

import gateway
from gateway.policy.decide import Ask, decide
from gateway.policy.load import load_policy

SHIPPED = Path(__file__).parents[2] / "policies"
PACKAGED = Path(gateway.__file__).parent / "starter" / "policies"

POLICY = load_policy([SHIPPED])


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_packaged_files_are_the_shipped_ones() -> None:
    assert texts(PACKAGED) == texts(SHIPPED)


def test_every_allow_rule_has_a_test_that_uses_it() -> None:
    tested = {case.expect.rule for case in POLICY.tests if case.expect.decision == "allow"}
    assert {rule.id for rule in POLICY.rules if rule.allows} <= tested


def test_every_deny_rule_has_a_test_that_meets_it() -> None:
    tested = {case.expect.rule for case in POLICY.tests if case.expect.decision == "deny"}
    assert {rule.id for rule in POLICY.rules if not rule.allows} <= tested


def test_every_role_has_a_test_that_is_denied() -> None:
    denied: set[str] = set()
    for case in POLICY.tests:
        if case.expect.decision == "deny":
            denied.update(case.roles or ())
            denied.update({"contractor"} if "employment" in (case.claims or {}) else ())
    assert denied >= POLICY.roles.keys()


def test_every_scanner_and_every_entity_has_a_test_that_finds_it() -> None:
    scanners = {case.expect.scanner for case in POLICY.tests}
    entities = {case.expect.entity for case in POLICY.tests}
    assert {scanner.name for scanner in POLICY.base_scanners} <= scanners
    for scanner in POLICY.base_scanners:
        assert scanner.entities.keys() | scanner.patterns.keys() <= entities


def test_the_policy_has_no_warnings() -> None:
    assert POLICY.warnings == ()


def test_everybody_who_may_use_a_model_is_limited() -> None:
    for rule in POLICY.rules:
        assert bool(rule.limits) is rule.allows, rule.id


def test_nothing_in_the_policy_ends_by_itself() -> None:
    # A policy that is shipped must not change what it does on a day nobody thinks of.
    assert POLICY.exceptions == ()
    assert all(rule.until is None for rule in POLICY.rules)
    assert all(override.until is None for override in POLICY.overrides)


def test_injection_is_never_looked_for_in_the_system_text() -> None:
    (injection,) = (scanner for scanner in POLICY.base_scanners if scanner.kind == "injection")
    assert "system" not in injection.on


def test_only_the_auditor_reads_the_audit_log() -> None:
    readers = {name for name, role in POLICY.roles.items() if "audit.read" in role.control}
    assert readers == {"auditor"}


def test_no_role_that_controls_uses_a_model() -> None:
    for name, role in POLICY.roles.items():
        if role.control:
            ask = Ask(frozenset({name}), "chat.completions", "demo-small")
            assert not decide(POLICY, ask).allowed
