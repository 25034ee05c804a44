from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.decide import Ask, decide
from gateway.policy.explain import explain
from gateway.policy.load import load_policy
from gateway.policy.probes import PLAIN
from gateway.policy.restriction import Restriction
from gateway.terms import Parameters

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.policy.model import Policy

POLICY = """
version: 1
roles: {agent: {}, other: {}}
rules:
  - id: chat
    allow: {roles: [agent, other], models: [m]}
    answer_tools: {deny: [shell]}
  - id: untrusted
    restrict: {roles: [agent], when: {tainted: true}}
    answer_tools: {deny: ["send_*"]}
    answer_links: {hosts: [example.com]}
  - id: trial
    mode: shadow
    until: 2026-12-31
    restrict: {roles: [other]}
    answer_links: {hosts: []}
"""


def loaded(tmp_path: Path) -> Policy:
    (tmp_path / "p.yaml").write_text(POLICY)
    return load_policy([tmp_path / "p.yaml"])


def asked(*tainted: bool, foreign: bool = False) -> Parameters:
    values = {**PLAIN.parameters.values, "tainted": tainted}
    return Parameters(values, frozenset(), frozenset({"tainted"}) if foreign else frozenset())


def ask(role: str, parameters: Parameters) -> Ask:
    return Ask(frozenset({role}), "messages", "m", parameters, frozenset(), 0)


def test_what_restricts_an_answer_reads_it(tmp_path: Path) -> None:
    policy = loaded(tmp_path)
    clean = decide(policy, ask("agent", asked(False)))
    assert (clean.restrictions, clean.scanners) == (("chat",), ("chat~calls",))
    tainted = decide(policy, ask("agent", asked(True)))
    assert tainted.restrictions == ("chat", "untrusted")
    assert tainted.scanners == ("chat~calls", "untrusted~calls", "untrusted~links")
    assert tainted.rules == ("chat",)


def test_what_cannot_be_told_counts_as_tainted(tmp_path: Path) -> None:
    policy = loaded(tmp_path)
    for parameters in (asked(True, False), asked(False, foreign=True), asked()):
        assert "untrusted" in decide(policy, ask("agent", parameters)).restrictions


def test_in_shadow_mode_it_is_measured_up_to_its_last_day(tmp_path: Path) -> None:
    policy = loaded(tmp_path)
    decision = decide(policy, ask("other", asked(True)))
    assert decision.restrictions == ("chat",)
    assert [(one.rule, one.scanners) for one in decision.shadow_scans] == [
        ("trial", ("chat~calls", "trial~links"))
    ]
    late = Ask(frozenset({"other"}), "messages", "m", asked(True), frozenset(), 30_000)
    assert decide(policy, late).shadow_scans == ()


def test_explain_names_it(tmp_path: Path) -> None:
    told = explain(loaded(tmp_path), ask("agent", asked(True)))
    states = {one.rule: (one.kind, one.state) for one in told.rules}
    assert states["untrusted"] == ("restrict", "applies")
    assert states["trial"] == ("restrict", "misses")
    assert states["chat"] == ("allow", "decides")


def test_it_is_about_its_routes() -> None:
    assert Restriction("r", ()).covers_route("messages")
    assert not Restriction("r", (), routes=frozenset({"responses"})).covers_route("messages")
