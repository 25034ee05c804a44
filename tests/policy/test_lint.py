"""Warnings: allowed, but seldom meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.model import Policy

TEST = """
tests:
  - name: t
    given: {claims: {}, route: messages, model: m}
    expect: {decision: deny}
"""


def warnings(load: Callable[..., Policy], folder: Path, text: str) -> list[str]:
    found = load(text + TEST).warnings
    return [str(warning).replace(f"{folder}/", "") for warning in found]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("roles: {x: {}}", "a.yaml:2:9: the role 'x' is not used; use it, or take it out"),
        ("models: {x: [m]}", "a.yaml:2:10: the set of models 'x' is not used"),
        (
            "scanners: {x: {kind: injection, on: [user]}}",
            "a.yaml:2:12: the scanner 'x' is not used",
        ),
        (
            "rules: [{id: r, allow: {models: [m]}}]",
            (
                "a.yaml:2:9: the rule 'r' allows requests that no scanner reads; name scanners, or "
                "write 'scan: []' if that is meant"
            ),
        ),
        (
            (
                "models: {small: [m]}\n"
                "rules: [{id: r, deny: {models: [small]}}, {id: s, deny: {models: [smal]}}]"
            ),
            (
                "a.yaml:3:67: 'smal' is no set of models, so it is read as the name of one model; "
                "did you mean 'small'?"
            ),
        ),
        (
            "defaults: {on_scanner_error: allow}",
            "a.yaml:2:12: with on_scanner_error: allow, a text that could not be scanned passes",
        ),
    ],
)
def test_a_warning_has_its_place(
    load: Callable[..., Policy], folder: Path, text: str, warning: str
) -> None:
    (found,) = warnings(load, folder, text)
    assert found.startswith(warning)


@pytest.mark.parametrize(
    "text",
    [
        "roles: {x: {}, y: {inherits: [x]}}",
        "roles: {x: {control: [audit.read]}}",
        "roles: {x: {}}\nrules: [{id: r, deny: {roles: [x]}}]",
        "rules: [{id: r, allow: {models: [m]}, scan: []}]",
        "models: {small: [m]}\nrules: [{id: r, deny: {models: [small, demo-small]}}]",
        "defaults: {on_scanner_error: block}",
    ],
)
def test_what_has_its_use_is_no_warning(
    load: Callable[..., Policy], folder: Path, text: str
) -> None:
    assert warnings(load, folder, text) == []


def test_a_policy_without_tests_is_a_warning(load: Callable[..., Policy]) -> None:
    (found,) = load("").warnings
    assert "the policy has no tests; add some: they run at every load" in str(found)
