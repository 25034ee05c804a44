"""Slips of the pen, and choices that let something pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.model import Policy

CODES = {
    "unscanned-rule",
    "near-miss",
    "set-as-model",
    "lax-scanner-error",
    "lax-state-error",
    "lax-conversations",
    "no-tests",
}
TEST = """
tests:
  - name: t
    given: {claims: {}, route: messages, model: m}
    expect: {decision: deny}
"""


def warnings(load: Callable[..., Policy], folder: Path, text: str) -> list[str]:
    found = [one for one in load(text).warnings if one.code in CODES]
    return [f"{one} [{one.code}]".replace(f"{folder}/", "") for one in found]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "rules: [{id: r, allow: {models: [m]}}]",
            (
                "a.yaml:2:9: the rule 'r' allows requests that no scanner reads; name scanners, or "
                "write 'scan: []' if that is meant [unscanned-rule]"
            ),
        ),
        (
            (
                "models: {small: [m]}\n"
                "rules: [{id: r, deny: {models: [small]}}, {id: s, deny: {models: [smal]}}]"
            ),
            (
                "a.yaml:3:67: 'smal' is no set of models, so it is read as the name of one model; "
                "did you mean 'small'? [near-miss]"
            ),
        ),
        (
            "models: {m: [n]}\nrules: [{id: r, deny: {models: [m]}}]",
            (
                "a.yaml:6:42: 'm' is a set of models, and a request asks for one model; name one "
                "of its models [set-as-model]"
            ),
        ),
        (
            "defaults: {on_scanner_error: allow}",
            (
                "a.yaml:2:12: with on_scanner_error: allow, a text that could not be scanned "
                "passes; block is the safe choice [lax-scanner-error]"
            ),
        ),
        (
            "defaults: {on_state_error: allow}",
            (
                "a.yaml:2:12: with on_state_error: allow, nobody is limited while the shared "
                "state is lost; refuse is the safe choice [lax-state-error]"
            ),
        ),
        (
            "defaults: {unknown_conversations: allow}",
            (
                "a.yaml:2:12: with unknown_conversations: allow, whoever knows an id may be the "
                "first to use it; refuse is the safe choice [lax-conversations]"
            ),
        ),
    ],
)
def test_a_slip_has_its_place_and_advice(
    load: Callable[..., Policy], folder: Path, text: str, warning: str
) -> None:
    assert warnings(load, folder, text + TEST) == [warning]


@pytest.mark.parametrize(
    "text",
    [
        "rules: [{id: r, allow: {models: [m]}, scan: []}]",
        "rules: [{id: r, mode: shadow, allow: {models: [m]}}]",
        "models: {small: [m]}\nrules: [{id: r, deny: {models: [small, demo-small]}}]",
        "defaults: {on_scanner_error: block, on_state_error: refuse}",
    ],
)
def test_what_is_meant_is_no_warning(load: Callable[..., Policy], folder: Path, text: str) -> None:
    assert warnings(load, folder, text + TEST) == []


def test_a_policy_without_tests_is_a_warning(load: Callable[..., Policy], folder: Path) -> None:
    assert warnings(load, folder, "") == [
        "a.yaml:1:1: the policy has no tests; add some: they run at every load [no-tests]"
    ]
