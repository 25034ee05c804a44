"""The laws of the decision."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.decide import allowed_models, allowed_routes, decide, model_allowed
from gateway.policy.decision import Ask
from gateway.policy.model import Defaults, Policy, Role
from gateway.policy.rule import Rule
from gateway.terms import Action, ScannerSpec

if TYPE_CHECKING:
    from random import Random

ROLES = ["a", "b", "c"]
ROUTES = ["chat.completions", "messages"]
MODELS = ["m", "m1", "n"]
SCANNERS = ["s1", "s2", "s3"]


def rule_strategy(allows: st.SearchStrategy[bool]) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        id=st.uuids().map(str),
        allows=allows,
        roles=st.frozensets(st.sampled_from(ROLES), max_size=2),
        routes=st.frozensets(st.sampled_from(ROUTES), max_size=1),
        models=st.lists(st.sampled_from([*MODELS, "m*", "*"]), max_size=2).map(tuple),
        reason=st.none() | st.sampled_from(["no", "never"]),
        scan=st.frozensets(st.sampled_from(SCANNERS)),
    )


rules_strategy = st.lists(rule_strategy(st.booleans()), max_size=7)
asks = st.builds(
    Ask,
    roles=st.frozensets(st.sampled_from(ROLES)),
    route=st.sampled_from(ROUTES),
    model=st.sampled_from(MODELS),
)


def policy_of(*rules: Rule, **more: Role) -> Policy:
    return Policy(
        roles=MappingProxyType({name: Role() for name in ROLES} | more),
        scanners=tuple(ScannerSpec(name, "secrets", frozenset({"user"})) for name in SCANNERS),
        rules=rules,
    )


@given(asks)
def test_without_rules_everything_is_denied(ask: Ask) -> None:
    decision = decide(policy_of(), ask)
    assert not decision.allowed
    assert decision.rules == ()
    assert decision.scanners == ()


@given(rules_strategy, asks)
def test_any_deny_that_fits_wins(rules: list[Rule], ask: Ask) -> None:
    deny = Rule("deny", allows=False, models=(ask.model,), reason="because")
    decision = decide(policy_of(*rules, deny), ask)
    assert not decision.allowed
    assert "deny" in decision.rules


@given(rules_strategy, asks, st.randoms())
def test_the_order_of_rules_means_nothing(rules: list[Rule], ask: Ask, random: Random) -> None:
    shuffled = [*rules]
    random.shuffle(shuffled)
    assert decide(policy_of(*rules), ask) == decide(policy_of(*shuffled), ask)


@given(st.lists(rule_strategy(st.booleans()), min_size=1, max_size=7), asks)
def test_taking_an_allow_rule_out_never_allows_more(rules: list[Rule], ask: Ask) -> None:
    before = decide(policy_of(*rules), ask).allowed
    for gone in (rule for rule in rules if rule.allows):
        after = decide(policy_of(*(rule for rule in rules if rule is not gone)), ask).allowed
        assert before or not after


@given(rules_strategy, asks, rule_strategy(st.just(False)))
def test_one_more_deny_rule_never_allows_more(rules: list[Rule], ask: Ask, deny: Rule) -> None:
    before = decide(policy_of(*rules), ask).allowed
    assert before or not decide(policy_of(*rules, deny), ask).allowed


@given(st.lists(rule_strategy(st.just(True)), max_size=7), asks, st.sampled_from(ROLES))
def test_without_deny_rules_one_more_role_never_allows_less(
    rules: list[Rule], ask: Ask, role: str
) -> None:
    policy = policy_of(*rules)
    more = replace(ask, roles=ask.roles | {role})
    assert decide(policy, ask).allowed <= decide(policy, more).allowed


@given(rules_strategy, asks)
def test_what_is_allowed_is_read_by_the_scanners_of_all_rules_that_allow_it(
    rules: list[Rule], ask: Ask
) -> None:
    decision = decide(policy_of(*rules), ask)
    by_id = {rule.id: rule for rule in rules}
    named = {name for rule in decision.rules for name in by_id[rule].scan}
    assert decision.scanners == (
        tuple(name for name in SCANNERS if name in named) if decision.allowed else ()
    )


def test_the_reason_of_the_deny_rule_is_the_clients_message() -> None:
    policy = policy_of(
        Rule("z", allows=False, models=("m",)),
        Rule("b", allows=False, models=("m",), reason="not this one"),
        Rule("c", allows=False, models=("m",), reason="nor that one"),
    )
    decision = decide(policy, Ask(frozenset({"a"}), "messages", "m"))
    assert decision.message == "not this one"
    assert decision.rules == ("b", "c", "z")
    assert decision.reason == "denied by rule b, c, z"


def test_a_default_denial_says_what_was_missing_and_has_no_words_for_the_client() -> None:
    policy = policy_of(
        Rule(
            "r", allows=True, roles=frozenset({"a"}), routes=frozenset({"messages"}), models=("m",)
        )
    )
    for roles, route, model, why in (
        ({"x"}, "messages", "m", "the caller has no role of this policy"),
        ({"a"}, "embeddings", "m", "no rule allows this route to these roles"),
        ({"a"}, "messages", "n", "no rule allows this model to these roles on this route"),
    ):
        decision = decide(policy, Ask(frozenset(roles), route, model))
        assert (decision.allowed, decision.reason, decision.message) == (False, why, None)


def test_defaults_stand_in_every_decision() -> None:
    policy = replace(policy_of(), defaults=Defaults(Action.FLAG, "none"))
    decision = decide(policy, Ask(frozenset(), "messages", "m"))
    assert (decision.on_scanner_error, decision.capture) == (Action.FLAG, "none")


def test_attack_a_model_name_too_long_for_any_deny_rule_is_denied() -> None:
    policy = policy_of(
        Rule("all", allows=True, routes=frozenset({"messages"})),
        Rule("no", allows=False, models=("bad*",)),
    )
    ask = Ask(frozenset(), "messages", "bad" + "x" * 1000)
    assert not decide(policy, ask).allowed


def test_attack_a_flood_of_model_names_does_not_fill_the_memory() -> None:
    policy = policy_of(Rule("all", allows=True, routes=frozenset({"messages"})))
    for number in range(6000):
        decide(policy, Ask(frozenset(), "messages", f"m{number}"))
    assert len(policy.plans) == 4096
    assert len(policy.plans_by_rules) == 1


OPEN = policy_of(
    Rule(
        "a-m", allows=True, roles=frozenset({"a"}), routes=frozenset({"messages"}), models=("m*",)
    ),
    Rule(
        "a-n", allows=True, roles=frozenset({"a"}), routes=frozenset({"embeddings"}), models=("n",)
    ),
    Rule("not-n", allows=False, models=("n*",)),
    Rule("b-all", allows=True, roles=frozenset({"b"})),
    Rule("b-not", allows=False, roles=frozenset({"b"}), routes=frozenset({"completions"})),
    Rule("not-m1", allows=False, models=("m1",)),
)


def test_allowed_routes_are_those_with_a_model_left() -> None:
    assert allowed_routes(OPEN, frozenset({"a"})) == ("messages",)
    assert "completions" not in allowed_routes(OPEN, frozenset({"b"}))
    assert "embeddings" in allowed_routes(OPEN, frozenset({"b"}))
    assert allowed_routes(OPEN, frozenset()) == ()


def test_allowed_models_are_the_globs_of_rules_that_are_not_closed() -> None:
    assert allowed_models(OPEN, frozenset({"a"})) == ("m*",)
    assert allowed_models(OPEN, frozenset({"b"})) == ("*",)
    assert allowed_models(OPEN, frozenset({"c"})) == ()


def test_a_model_is_allowed_if_it_is_on_any_route() -> None:
    assert model_allowed(OPEN, frozenset({"a"}), "m2")
    assert not model_allowed(OPEN, frozenset({"a"}), "m1")
    assert not model_allowed(OPEN, frozenset({"a"}), "n")


@given(rules_strategy, asks)
def test_what_is_allowed_is_listed(rules: list[Rule], ask: Ask) -> None:
    policy = policy_of(*rules)
    if decide(policy, ask).allowed:
        assert ask.route in allowed_routes(policy, ask.roles)
        assert model_allowed(policy, ask.roles, ask.model)
        assert allowed_models(policy, ask.roles)
