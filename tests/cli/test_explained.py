"""An explained decision, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.cli.explained import explained_json, print_explained
from gateway.policy.decision import Ask
from gateway.policy.explain import explain
from gateway.policy.load import load_policy
from gateway.policy.probes import PLAIN

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.policy.model import Policy

POLICY = """\
version: 1
roles: {x: {}, y: {}}
scanners: {words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}}
rules:
  - {id: open, allow: {roles: [x], models: [m]}, scan: [words]}
  - {id: other, allow: {roles: [y], models: [m]}, scan: [words]}
  - {id: tried, mode: shadow, deny: {roles: [x]}}
  - {id: measured, mode: shadow, override: {scanner: words, action: block}}
  - {id: stricter, override: {scanner: words, action: block, roles: [y]}}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    (tmp_path / "p.yaml").write_text(POLICY)
    return load_policy([tmp_path])


def ask(*roles: str) -> Ask:
    return Ask(frozenset(roles), "messages", "m", PLAIN.parameters, frozenset(), 0)


def test_what_is_measured_is_told(policy: Policy, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explain(policy, ask("x"))
    print_explained(policy, explanation, None)
    shown = capsys.readouterr().out
    assert "in shadow mode" in shown
    assert "would deny" in shown
    assert explained_json(policy, explanation, None, None)["shadow"] == [
        {"rule": "tried", "decision": "deny"},
        {"rule": "measured", "scanners": list(explanation.decision.shadow_scans[0].scanners)},
    ]


def test_every_state_has_a_mark_of_its_own(
    policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explained(policy, explain(policy, ask("y")), None)
    shown = capsys.readouterr().out
    assert "\N{BLACK CIRCLE}  other" in shown
    assert "\N{BLACK CIRCLE}  stricter" in shown
    assert "changed by stricter" in shown
    assert "\N{DOTTED CIRCLE}" in shown


def test_sections_without_content_are_left_out(
    policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explained(policy, explain(policy, ask()), None)
    shown = capsys.readouterr().out
    assert "a caller without a role asks for m" in shown
    for heading in ("scanners", "limits", "exceptions", "findings", "in shadow mode"):
        assert f"\n{heading}\n" not in shown


def test_names_that_look_like_markup_are_shown_as_they_are(
    policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = Ask(frozenset({"x"}), "messages", "[red]m[/red]", None, frozenset(), 0)
    print_explained(policy, explain(policy, strange), None)
    assert "[red]m[/red]" in capsys.readouterr().out
