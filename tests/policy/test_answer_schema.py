from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.policy.load import load_policy
from gateway.terms import Action

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.policy.model import Policy

HEAD = "version: 1\nroles: {a: {}}\nrules:\n  - id: r\n    "


def load(tmp_path: Path, rule: str) -> Policy:
    file = tmp_path / "p.yaml"
    file.write_text(HEAD + rule.replace("; ", "\n    ") + "\n")
    return load_policy([file])


def test_what_a_rule_says_of_answers(tmp_path: Path) -> None:
    policy = load(
        tmp_path,
        "restrict: {when: {tainted: true}}; answer_tools: {deny: [x]}; "
        "answer_links: {hosts: []}; answer_copies: {action: flag}",
    )
    (restriction,) = policy.restrictions
    assert [(one.kind, one.action, one.shown) for one in restriction.scanners] == [
        ("calls", Action.BLOCK, "r"),
        ("links", Action.BLOCK, "r"),
        ("copies", Action.FLAG, "r"),
    ]
    assert restriction.scanners[1].allow == ()
    assert restriction.scanners[2].chars == 24


def test_an_allow_rule_restricts_the_answers_to_what_it_allows(tmp_path: Path) -> None:
    policy = load(
        tmp_path, "allow: {roles: [a], when: {tainted: true}}; answer_tools: {allow: [x]}"
    )
    assert [one.id for one in policy.rules] == ["r"]
    assert policy.restrictions[0].roles == {"a"}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("restrict: {roles: [a]}", "says at least one of answer_tools, answer_links"),
        ("restrict: {roles: [a]}; answer_tools: {}", "name the tools: allow, deny or both"),
        ("restrict: {roles: [a]}; answer_tools: {deny: []}", "must not be empty"),
        (
            "restrict: {roles: [a]}; answer_tools: {deny: [x], action: redact}",
            "none of flag, block",
        ),
        ("restrict: {roles: [a]}; answer_links: {hosts: ['https://x.test']}", "is no host"),
        ("restrict: {roles: [a]}; answer_links: {hosts: ['*']}", "is no host"),
        ("restrict: {roles: [a]}; answer_links: {}", "hosts"),
        ("restrict: {roles: [a]}; answer_copies: {chars: 3}", "greater than or equal to 8"),
        (
            "restrict: {roles: [a]}; answer_copies: {chars: 9}; scan: []",
            "restrict rule has no scan",
        ),
        ("restrict: {roles: [a]}; answer_copies: {chars: 9}; reason: x", "nobody is denied by it"),
        ("deny: {roles: [a]}; answer_tools: {deny: [x]}", "has no answer_tools"),
        ("restrict: {roles: [a]}; deny: {roles: [a]}", "exactly one of allow, deny, override and"),
        ("restrict: {roles: [b]}; answer_tools: {deny: [x]}", "no role 'b'"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, rule: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(why)):
        load(tmp_path, rule)
