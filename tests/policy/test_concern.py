"""Which questions two policies could answer differently at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.callers import callers_of
from gateway.policy.concern import Concern
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.differences import differences, effect
from gateway.policy.probes import PLAIN, probes_of
from gateway.policy.witness import witnesses

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

BASE = """
roles: {x: {}, y: {inherits: [x]}, z: {}}
limits: {l: {concurrent: 3}}
scanners: {words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}}
rules:
  - {id: a, allow: {roles: [x], routes: [messages], models: [m]}, limits: l, scan: [words]}
  - {id: b, allow: {roles: [z], models: ["n*"]}, require: {n: {lte: 2}}, scan: []}
  - {id: d, deny: {roles: [z], models: ["*-preview"]}}
  - {id: o, override: {scanner: words, models: [m], action: block}}
exceptions:
  - id: e
    rule: a
    suppress: {scanner: words, entities: [A]}
    match: {claim: team, any_of: [legal]}
    reason: r
    approved_by: a
    expires: 2099-01-01
"""
EDITS = [
    ("models: [m]}, limits", "models: [m, m2]}, limits"),
    ("roles: [x], routes", "roles: [y], routes"),
    ("inherits: [x]", "inherits: []"),
    ("limits: l, ", ""),
    ("concurrent: 3", "concurrent: 2"),
    ("concurrent: 3", "concurrent: 3, per: role"),
    ("on: [user]", "on: [user, tool]"),
    ("n: {lte: 2}", "n: {lte: 3}"),
    ('["*-preview"]', '["*-beta"]'),
    ('  - {id: d, deny: {roles: [z], models: ["*-preview"]}}\n', ""),
    ("action: block", "action: block, routes: [embeddings]"),
    ("any_of: [legal]", "any_of: [sales]"),
    ("limits: {l", "defaults: {capture: none}\nlimits: {l"),
]  # fmt: skip
MODELS = ("m", "m2", "nx", "n-preview", "other")


def asks(policies: tuple[Policy, Policy], *roles: str) -> tuple[Ask, Ask]:
    old, new = (Ask(one.with_inherited(roles), "", "") for one in policies)
    return old, new


@pytest.fixture
def both(load: Callable[..., Policy]) -> Callable[..., tuple[Policy, Policy]]:
    def loading(*edits: tuple[str, str]) -> tuple[Policy, Policy]:
        text = BASE
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        return load(BASE), load(text)

    return loading


def test_the_same_policy_is_asked_nothing(both: Callable[..., tuple[Policy, Policy]]) -> None:
    policies = both()
    concern = Concern(*policies, MODELS)
    assert concern.models(asks(policies, "x"), "messages", paired=False) == ()


def test_a_changed_rule_is_asked_where_it_is_about(
    both: Callable[..., tuple[Policy, Policy]],
) -> None:
    policies = both(EDITS[0])
    concern = Concern(*policies, MODELS)
    assert concern.models(asks(policies, "x"), "messages", paired=False) == ("m", "m2")
    assert concern.models(asks(policies, "x"), "embeddings", paired=False) == ()
    assert concern.models(asks(policies, "z"), "messages", paired=False) == ()


def test_what_concerns_everybody_is_asked_of_all_but_pairs(
    both: Callable[..., tuple[Policy, Policy]],
) -> None:
    policies = both(("action: redact", "action: flag"))
    concern = Concern(*policies, MODELS)
    assert concern.models(asks(policies, "x"), "messages", paired=False) == MODELS
    assert concern.models(asks(policies, "x"), "messages", paired=True) == ()


def test_counts_of_each_role_concern_whoever_has_other_roles(
    load: Callable[..., Policy],
) -> None:
    text = BASE.replace("concurrent: 3", "concurrent: 3, per: role").replace(
        "roles: [x]", "roles: [x, y]"
    )
    policies = load(text), load(text.replace("inherits: [x]", "inherits: []"))
    concern = Concern(*policies, MODELS)
    assert concern.models(asks(policies, "y"), "messages", paired=False) == MODELS
    assert concern.models(asks(policies, "z"), "messages", paired=False) == ()


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_not_asked_would_be_answered_the_same(
    both: Callable[..., tuple[Policy, Policy]], edit: tuple[str, str]
) -> None:
    policies = old, new = both(edit)
    names = witnesses([*MODELS, "n*", "*-preview", "*-beta"])
    concern = Concern(old, new, names)
    rules = [rule.require for one in policies for rule in one.rules if rule.require]
    differing = 0
    for caller in callers_of(old, new):
        for route in ("messages", "embeddings"):
            mine = [
                Ask(caller.roles_in(one), route, "", None, caller.exceptions_in(one), 0)
                for one in policies
            ]
            asked = concern.models((mine[0], mine[1]), route, paired=False)
            for model in names:
                for probe in (PLAIN, *probes_of(rules)):
                    before, after = (
                        effect(one, decide(one, ask_with(ask, model, probe.parameters)))
                        for one, ask in zip(policies, mine, strict=True)
                    )
                    if list(differences(before, after)):
                        differing += 1
                        assert model in asked
    assert differing, "the edit changes something"


def ask_with(ask: Ask, model: str, parameters: object) -> Ask:
    return Ask(ask.roles, ask.route, model, parameters, ask.exceptions, ask.day)  # type: ignore[arg-type]
