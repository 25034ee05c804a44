"""Decisions by example; their laws stand in ``test_decide_laws``."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from asking import asked, at_least, at_most, tools
from made_up_policies import LIMITS, SCANNERS

from gateway.policy.decide import allowed_models, allowed_routes, decide, model_allowed
from gateway.policy.decision import Ask, Decision, ShadowRule, ShadowScan
from gateway.policy.exceptions import PolicyException
from gateway.policy.globs import MAX_MODEL
from gateway.policy.matrix import Condition
from gateway.policy.model import Defaults, Policy, Role
from gateway.policy.override import Override
from gateway.policy.rule import Rule
from gateway.terms import Action, LimitUse, Parameters

ANALYST, BATCH = frozenset({"analyst"}), frozenset({"batch"})
MODEST = asked("tools", max_tokens=1000, temperature=0.5, tools=("search", "calendar.read"))


def allow(name: str, **said: Any) -> Rule:
    return Rule(name, allows=True, **said)


def deny(name: str, **said: Any) -> Rule:
    return Rule(name, allows=False, **said)


def policy_of(*rules: Rule, **parts: Any) -> Policy:
    return Policy(
        roles=MappingProxyType({name: Role() for name in ("analyst", "batch", "c")}),
        scanners=SCANNERS,
        limits=LIMITS,
        rules=rules,
        **parts,
    )


HOUSE = policy_of(
    allow(
        "chat-analysts",
        roles=frozenset({"analyst", "batch"}),
        routes=frozenset({"chat.completions", "messages"}),
        models=("gpt-5-mini",),
        require=(at_most("max_tokens", 4096), tools(names=("search", "calendar.*"))),
        clamp=(at_most("temperature", 1.0),),
        limits=frozenset({"each"}),
        scan=frozenset({"injection", "pii"}),
    ),
    deny(
        "no-tools-for-batch",
        roles=BATCH,
        when=(Condition("tools", present=True),),
        reason="batch jobs may not call tools",
    ),
    overrides=(Override("stricter-injection", "injection", block_at=0.85, shadow=True, until=100),),
    exceptions=(
        PolicyException(
            "legal-names",
            "chat-analysts",
            "pii",
            frozenset({"E1"}),
            ANALYST,
            "team",
            frozenset({"legal"}),
            "contract review needs names",
            "ciso@example.com",
            100,
        ),
    ),
)


def chat(
    parameters: Parameters | None = MODEST, roles: frozenset[str] = ANALYST, **more: Any
) -> Decision:
    ask = Ask(roles, "chat.completions", "gpt-5-mini", parameters, day=99)
    return decide(HOUSE, replace(ask, **more))


def test_a_request_that_meets_its_rule_is_allowed_as_it_is() -> None:
    decision = chat()
    assert (decision.allowed, decision.rules, decision.message) == (True, ("chat-analysts",), None)
    assert decision.reason == "allowed by rule chat-analysts"
    assert decision.scanners == ("pii", "injection")
    assert decision.limits == (LimitUse(LIMITS["each"]),)
    assert dict(decision.changes) == {}
    assert decision.shadow_scans == (
        ShadowScan("stricter-injection", ("pii", "injection~+stricter-injection")),
    )


def test_what_is_clamped_or_left_open_is_changed() -> None:
    assert dict(chat(asked(temperature=1.7)).changes) == {"temperature": 1.0, "max_tokens": 4096}


def test_a_request_that_misses_what_its_rule_requires_is_denied_with_the_bound() -> None:
    decision = chat(asked(max_tokens=9000, temperature=0, tools=("search", "shell")))
    assert (decision.allowed, decision.rules, decision.scanners) == (False, (), ())
    assert decision.reason == (
        "no rule allows these parameters: rule chat-analysts asks for "
        "max_tokens <= 4096 and tools only of search, calendar.*"
    )
    assert decision.message == (
        "This request is allowed only with max_tokens <= 4096 and tools only of search, calendar.*."
    )


def test_a_deny_rule_holds_for_the_requests_that_it_is_about() -> None:
    decision = chat(roles=BATCH)
    assert (decision.allowed, decision.rules) == (False, ("no-tools-for-batch",))
    assert decision.message == "batch jobs may not call tools"
    assert decision.reason == "denied by rule no-tools-for-batch (tools present)"
    assert chat(asked(max_tokens=1, temperature=0), roles=BATCH).allowed


def test_without_parameters_no_requirement_holds_and_every_deny_rule_does() -> None:
    assert not chat(None).allowed
    assert chat(None, roles=BATCH).rules == ("no-tools-for-batch",)


@pytest.mark.parametrize("word", ["max_tokens", "tools", "temperature"])
def test_attack_what_the_gateway_does_not_understand_is_refused_and_not_ignored(word: str) -> None:
    assert not chat(replace(MODEST, foreign=frozenset({word}))).allowed
    assert not chat(replace(MODEST, inexpressible=frozenset({word}))).allowed


def test_attack_tools_in_another_apis_spelling_are_tools_to_a_deny_rule() -> None:
    hidden = replace(asked(max_tokens=1, temperature=0), foreign=frozenset({"tools"}))
    assert chat(hidden, roles=BATCH).rules == ("no-tools-for-batch",)


def test_an_exception_weakens_until_its_day_is_over() -> None:
    legal = frozenset({"legal-names"})
    decision = chat(exceptions=legal)
    assert decision.scanners == ("pii~-legal-names", "injection")
    assert decision.exceptions == ("legal-names",)
    assert chat(exceptions=legal, day=100).exceptions == ("legal-names",)
    assert chat(exceptions=legal, day=101) == chat(day=101)


def test_what_is_measured_is_measured_until_its_day_is_over() -> None:
    assert chat(day=100).shadow_scans
    assert not chat(day=101).shadow_scans


def test_a_shadow_rule_tells_only_what_would_be_otherwise() -> None:
    policy = policy_of(
        allow("open", roles=ANALYST),
        allow("would-open", shadow=True, until=100),
        deny("would-deny", shadow=True, until=100),
    )
    ask = Ask(ANALYST, "messages", "m", day=99)
    assert decide(policy, ask).shadow == (ShadowRule("would-deny", "deny"),)
    assert decide(policy, replace(ask, roles=BATCH)).shadow == (ShadowRule("would-open", "allow"),)
    closed = replace(policy, rules=(*policy.rules, deny("never")))
    assert decide(closed, ask).shadow == decide(closed, replace(ask, roles=BATCH)).shadow == ()


def test_a_shadow_rule_that_contradicts_itself_would_open_nothing() -> None:
    hot, cool = at_least("temperature", 1), at_most("temperature", 0.5)
    policy = policy_of(allow("r", shadow=True, until=100, require=(hot,), clamp=(cool,)))
    ask = Ask(ANALYST, "messages", "m", asked(temperature=1), day=99)
    assert decide(policy, ask).shadow == ()
    sane = replace(policy, rules=(replace(policy.rules[0], require=()),))
    assert decide(sane, ask).shadow == (ShadowRule("r", "allow"),)


def test_without_rules_everything_is_denied() -> None:
    decision = decide(policy_of(), Ask(ANALYST, "messages", "m", MODEST))
    assert (decision.allowed, decision.rules, decision.scanners) == (False, (), ())


def test_the_reason_of_the_deny_rule_is_the_clients_message() -> None:
    policy = policy_of(
        deny("z", models=("m",)),
        deny("b", models=("m",), reason="not this one"),
        deny("c", models=("m",), reason="nor that one"),
    )
    decision = decide(policy, Ask(ANALYST, "messages", "m"))
    assert decision.message == "not this one"
    assert decision.rules == ("b", "c", "z")
    assert decision.reason == "denied by rule b, c, z"


def test_a_default_denial_says_what_was_missing_and_has_no_words_for_the_client() -> None:
    messages = frozenset({"messages"})
    policy = policy_of(
        allow("r", roles=ANALYST, routes=messages, models=("m",)),
        allow("s", roles=ANALYST, routes=frozenset({"responses"}), shadow=True),
    )
    for roles, route, model, why in (
        ({"x"}, "messages", "m", "the caller has no role of this policy"),
        ({"analyst"}, "embeddings", "m", "no rule allows this route to these roles"),
        ({"analyst"}, "responses", "m", "no rule allows this route to these roles"),
        ({"analyst"}, "messages", "n", "no rule allows this model to these roles on this route"),
    ):
        decision = decide(policy, Ask(frozenset(roles), route, model, day=99))
        assert (decision.allowed, decision.reason, decision.message) == (False, why, None)


def test_defaults_stand_in_every_decision() -> None:
    defaults = Defaults(Action.FLAG, "none", "allow", "refuse")
    policy = policy_of(allow("r", roles=ANALYST), defaults=defaults)
    for roles, model in ((ANALYST, "m"), (BATCH, "m"), (ANALYST, "m" * 1000)):
        decision = decide(policy, Ask(roles, "messages", model))
        said = (decision.on_scanner_error, decision.capture, decision.on_state_error)
        assert said == (Action.FLAG, "none", "allow")
        assert decision.unknown_fields == "refuse"


def test_attack_a_model_name_too_long_for_any_deny_rule_is_denied() -> None:
    policy = policy_of(allow("all", routes=frozenset({"messages"})), deny("no", models=("bad*",)))
    assert not decide(policy, Ask(frozenset(), "messages", "bad" + "x" * 1000)).allowed
    assert not model_allowed(policy, frozenset(), "bad" + "x" * 1000)


def test_the_longest_name_is_a_name_as_any_other() -> None:
    policy = policy_of(allow("all", routes=frozenset({"messages"})), deny("no", models=("bad*",)))
    longest = "m" * MAX_MODEL
    assert decide(policy, Ask(frozenset(), "messages", longest)).allowed
    assert model_allowed(policy, frozenset(), longest)
    assert not decide(policy, Ask(frozenset(), "messages", "bad" + longest[3:])).allowed
    assert not model_allowed(policy, frozenset(), "bad" + longest[3:])


def test_attack_a_flood_of_model_names_does_not_fill_the_memory() -> None:
    policy = policy_of(allow("all", routes=frozenset({"messages"})))
    for number in range(6000):
        decide(policy, Ask(frozenset(), "messages", f"m{number}"))
    assert len(policy.plans) == 4096
    assert len(policy.plans_by_rules) == 1


def test_attack_threads_that_ask_at_once_never_get_each_others_answers() -> None:
    asks = [
        Ask(roles, "chat.completions", model, asked(max_tokens=tokens, temperature=heat), day=99)
        for roles in (ANALYST, BATCH, frozenset({"c"}))
        for model in ("gpt-5-mini", "other")
        for tokens in (1, 5000)
        for heat in (0, 2)
    ]
    expected = [decide(replace(HOUSE), ask) for ask in asks]
    policy, wrong = replace(HOUSE), list[object]()

    def ask_all(start: int) -> None:
        try:
            for number in range(start, start + 3000):
                place = number % len(asks)
                if decide(policy, asks[place]) != expected[place]:
                    wrong.append(asks[place])
        except Exception as error:  # noqa: BLE001 - a thread would swallow it
            wrong.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=ask_all, args=(start,)) for start in range(0, 20, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == []


OPEN = policy_of(
    allow("a-m", roles=ANALYST, routes=frozenset({"messages"}), models=("m*",)),
    allow("a-n", roles=ANALYST, routes=frozenset({"embeddings"}), models=("n",)),
    deny("not-n", models=("n*",)),
    allow("b-all", roles=BATCH),
    deny("b-not", roles=BATCH, routes=frozenset({"completions"})),
    deny("not-m1", models=("m1",)),
)


def test_allowed_routes_are_those_with_a_model_left() -> None:
    assert allowed_routes(OPEN, ANALYST) == ("messages",)
    assert "completions" not in allowed_routes(OPEN, BATCH)
    assert "embeddings" in allowed_routes(OPEN, BATCH)
    assert allowed_routes(OPEN, frozenset()) == ()


def test_allowed_models_are_the_globs_of_rules_that_are_not_closed() -> None:
    assert allowed_models(OPEN, ANALYST) == ("m*",)
    assert allowed_models(OPEN, BATCH) == ("*",)
    assert allowed_models(OPEN, frozenset({"c"})) == ()


def test_a_model_is_allowed_if_it_is_on_any_route() -> None:
    assert model_allowed(OPEN, ANALYST, "m2")
    assert not model_allowed(OPEN, ANALYST, "m1")
    assert not model_allowed(OPEN, ANALYST, "n")


def test_what_is_allowed_with_some_parameters_is_listed() -> None:
    messages = frozenset({"messages"})
    asks_for = allow("r", roles=ANALYST, routes=messages, models=("m",), require=(at_most("n", 1),))
    for rule in (asks_for, replace(asks_for, when=asks_for.require, require=())):
        policy = policy_of(rule, deny("s", when=(at_least("n", 2),)))
        assert allowed_routes(policy, ANALYST) == ("messages",)
        assert allowed_models(policy, ANALYST) == ("m",)
        assert model_allowed(policy, ANALYST, "m")


def test_rules_in_shadow_mode_open_nothing_and_close_nothing() -> None:
    opening = policy_of(allow("r", roles=ANALYST, models=("m",), shadow=True))
    assert allowed_routes(opening, ANALYST) == allowed_models(opening, ANALYST) == ()
    assert not model_allowed(opening, ANALYST, "m")
    closing = policy_of(allow("r", roles=ANALYST, models=("m",)), deny("s", shadow=True))
    assert allowed_models(closing, ANALYST) == ("m",)
    assert model_allowed(closing, ANALYST, "m")


OWN = policy_of(
    allow("mine", roles=ANALYST, routes=frozenset({"inhouse.generate"})),
    allow("gpt", roles=BATCH, models=("gpt-*",)),
    deny("not-score", roles=ANALYST, routes=frozenset({"inhouse.score"})),
    allow("c-all", roles=frozenset({"c"})),
    deny("c-not", roles=frozenset({"c"}), models=("my-*",)),
    routes=("messages", "inhouse.generate", "inhouse.score"),
    own=MappingProxyType({"inhouse.generate": "my-model", "inhouse.score": "my-judge"}),
)


def test_a_route_of_ones_own_is_open_for_its_own_model_only() -> None:
    assert allowed_routes(OWN, ANALYST) == ("inhouse.generate",)
    assert allowed_models(OWN, ANALYST) == ("my-model",)
    assert allowed_routes(OWN, BATCH) == ("messages",)
    assert allowed_models(OWN, BATCH) == ("gpt-*",)
    assert allowed_routes(OWN, frozenset({"c"})) == ("messages",)


def test_a_model_that_no_route_of_ones_own_has_is_allowed_on_the_others_alone() -> None:
    assert model_allowed(OWN, ANALYST, "my-model")
    assert not model_allowed(OWN, ANALYST, "my-judge")
    assert not model_allowed(OWN, ANALYST, "gpt-5")
    assert model_allowed(OWN, BATCH, "gpt-5")
