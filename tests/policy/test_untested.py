"""Rules, exceptions and claims of roles that no test shows at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.model import Policy

POLICY = """
roles:
  x: {}
  y: {match: {claim: c, any_of: [v]}, inherits: [x]}
scanners:
  words: {kind: pattern, on: [user], action: flag, patterns: {A: a, B: b}}
rules:
  - {id: allow, allow: {roles: [x], models: [m]}, scan: [words]}
  - {id: deny, deny: {models: [bad]}}
  - {id: stricter, override: {scanner: words, roles: [y], action: block}}
  - {id: tried, mode: shadow, deny: {roles: [x], when: {n: {gte: 2}}}}
  - {id: opened, mode: shadow, allow: {roles: [x], models: [new]}, scan: []}
  - {id: measured, mode: shadow, override: {scanner: words, models: [m], action: redact}}
exceptions:
  - id: spared
    rule: allow
    suppress: {scanner: words, entities: [A]}
    match: {claim: team, any_of: [legal]}
    reason: r
    approved_by: a
    expires: 2099-12-31
tests:
"""
TESTS = {
    "allow": "{role: x, route: messages, model: m}",
    "deny": "{role: x, route: messages, model: bad}",
    "stricter": "{role: y, route: messages, model: m}",
    "tried": "{role: x, route: messages, model: m, parameters: {n: 2}}",
    "opened": "{role: x, route: messages, model: new}",
    "measured": "{role: x, route: messages, model: m}",
    "spared": "{role: x, claims: {team: legal}, route: messages, model: m}",
    "y": "{claims: {c: v}, route: embeddings, model: other}",
}


def line_of(name: str) -> str:
    return f"  - {{name: {name}, given: {TESTS[name]}, expect: {{decision: deny}}}}\n"


def untested(load: Callable[..., Policy], *names: str) -> set[str]:
    found = load(POLICY + "".join(map(line_of, names))).warnings
    codes = {"untested-rule", "untested-exception", "role-never-matched"}
    return {one.message.split("'")[1] for one in found if one.code in codes}


def test_what_takes_part_in_a_test_is_no_warning(load: Callable[..., Policy]) -> None:
    assert untested(load, *TESTS) == set()


@pytest.mark.parametrize("missing", sorted(set(TESTS) - {"allow", "measured"}))
def test_what_takes_part_in_no_test_is_a_warning(load: Callable[..., Policy], missing: str) -> None:
    assert untested(load, *(set(TESTS) - {missing})) == {missing}


def test_a_rule_that_allows_and_one_that_is_measured_need_a_request_that_is_allowed(
    load: Callable[..., Policy],
) -> None:
    assert untested(load, "deny", "opened", "y") == {
        "allow", "stricter", "tried", "measured", "spared",
    }  # fmt: skip


def test_a_test_that_gives_the_role_does_not_show_that_its_claim_does(
    load: Callable[..., Policy],
) -> None:
    assert "y" in untested(load, "stricter")


def test_each_warning_has_its_place(load: Callable[..., Policy], folder: Path) -> None:
    found = [str(one).replace(f"{folder}/", "") for one in load(POLICY + line_of("allow")).warnings]
    assert "a.yaml:10:5: the rule 'deny' takes part in no test; add a test that it decides" in found
    assert (
        "a.yaml:16:5: the exception 'spared' takes part in no test; add a test that it spares"
    ) in found
    assert (
        "a.yaml:5:7: no test has claims that give the role 'y'; add one, or nothing shows that its "
        "match fits the tokens you get"
    ) in found


def test_a_policy_without_tests_is_told_so_once(load: Callable[..., Policy]) -> None:
    found = load(POLICY.replace("tests:\n", "")).warnings
    assert [one.code for one in found] == ["no-tests"]
