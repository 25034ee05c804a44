"""Why a request is denied: enough to mend the call, and nothing of what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asking import asked, at_least, at_most, one_of, system, tools
from hypothesis import given
from made_up_policies import ASKS, POLICIES, policy_of

from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.matrix import Condition
from gateway.policy.reasons import Refusal, why_denied, why_not_allowed
from gateway.policy.rule import Rule
from gateway.terms import Parameters

if TYPE_CHECKING:
    from gateway.policy.model import Policy

ASK = Ask(frozenset({"a"}), "messages", "m")
MUCH = asked(max_tokens=9000, temperature=2, n=1)


def allow(name: str, **said: Any) -> Rule:
    return Rule(name, allows=True, **said)


def deny(name: str, **said: Any) -> Rule:
    return Rule(name, allows=False, **said)


def why(*rules: Rule, parameters: Parameters | None = MUCH) -> Refusal:
    return why_not_allowed(policy_of(rules), ASK, rules, parameters)


def test_what_a_rule_requires_is_named_with_the_rule_and_to_the_client_without() -> None:
    rule = allow("chat", require=(at_most("max_tokens", 4096), at_most("temperature", 1)))
    assert why(rule) == Refusal(
        "no rule allows these parameters: "
        "rule chat asks for max_tokens <= 4096 and temperature <= 1",
        "This request is allowed only with max_tokens <= 4096 and temperature <= 1.",
    )
    assert why(rule, parameters=asked(max_tokens=1, temperature=2)).message == (
        "This request is allowed only with temperature <= 1."
    )


def test_the_client_reads_of_the_rule_that_is_nearest() -> None:
    far = allow("a", require=(at_most("max_tokens", 1), at_most("temperature", 1)))
    near = allow("z", require=(at_most("max_tokens", 4096),))
    other = allow("b", when=(one_of("stream", True),))
    found = why(far, near, other)
    assert found.message == "This request is allowed only with max_tokens <= 4096."
    assert found.reason == (
        "no rule allows these parameters: rule z asks for max_tokens <= 4096; "
        "rule a asks for max_tokens <= 1 and temperature <= 1; rule b asks for stream = true"
    )


def test_what_a_rule_asks_for_and_finds_is_not_named() -> None:
    rule = allow("a", when=(at_most("n", 1),), require=(at_most("temperature", 1),))
    stranger = allow("b", when=(at_most("n", 0),))
    assert why(rule, stranger).message == "This request is allowed only with temperature <= 1."
    assert "n <= 1" not in why(rule, stranger).reason


def test_the_rules_own_words_come_before_ours() -> None:
    rule = allow("a", require=(at_most("n", 0),), reason="one answer at a time")
    assert why(rule).message == "one answer at a time"


def test_a_clamp_that_cannot_be_written_is_named_with_the_reason() -> None:
    rule = allow("a", clamp=(at_most("n", 1),))
    mute = Parameters(MUCH.values, inexpressible=frozenset({"n"}))
    assert why(rule, parameters=mute).message == (
        "This request is allowed only with n <= 1 (which this API has no word for)."
    )
    spelt = Parameters(MUCH.values, foreign=frozenset({"n"}))
    assert why(rule, parameters=spelt).message == (
        "This request is allowed only with n <= 1 (which is said as in another API)."
    )


def test_a_rule_that_contradicts_itself_is_told_to_the_auditors_only() -> None:
    rule = allow("a", require=(at_least("temperature", 2),), clamp=(at_most("temperature", 1),))
    assert why(rule) == Refusal(
        "no rule allows these parameters: rule a clamps what it requires otherwise"
    )


def test_many_rules_are_counted() -> None:
    rules = [allow(f"r{number}", require=(at_most("n", 0),)) for number in range(8)]
    assert why(*rules).reason.endswith("rule r4 asks for n <= 0; and 3 more")
    assert why(*rules[:5]).reason.endswith("rule r4 asks for n <= 0")


def test_without_parameters_all_is_missing() -> None:
    rule = allow("a", require=(at_most("n", 1),))
    assert why(rule, parameters=None).message == "This request is allowed only with n <= 1."


def test_a_deny_rule_is_named_with_what_it_saw() -> None:
    when = (Condition("tools", present=True), at_least("n", 2))
    assert why_denied([deny("a"), deny("b", when=when)], MUCH) == Refusal(
        "denied by rule a, b (tools present and n >= 2)"
    )
    assert why_denied([deny("b", when=when), deny("c", when=when[:1])], MUCH) == Refusal(
        "denied by rule b (tools present and n >= 2), c (tools present)",
        "This request is not allowed with tools present and n >= 2.",
    )


def test_the_client_reads_the_first_reason_that_a_deny_rule_gives() -> None:
    rules = [deny("a", when=(at_least("n", 1),)), deny("b", reason="no"), deny("c", reason="never")]
    assert why_denied(rules, MUCH).message == "no"


def test_attack_no_text_of_policy_or_request_leaks_into_a_reason() -> None:
    secret = "PINNED-SECRET"
    rules = [
        allow("a", require=(system(pinned=secret),)),
        allow("b", require=(system(prefix=secret),)),
        allow("c", require=(tools(names=("search",)),)),
    ]
    request = asked(system="CLIENT-SECRET", tools="CLIENT-TOOL")
    for found in (
        why(*rules, parameters=request),
        why_denied([deny("d", when=rules[0].require)], request),
    ):
        assert "SECRET" not in f"{found.reason} {found.message}"
        assert "CLIENT" not in f"{found.reason} {found.message}"


@given(POLICIES, ASKS)
def test_a_denial_always_says_why_and_names_its_rules_but_not_to_the_client(
    policy: Policy, ask: Ask
) -> None:
    decision = decide(policy, ask)
    assert all(name in decision.reason for name in decision.rules)
    if decision.allowed:
        assert decision.message is None
    else:
        assert decision.reason
        ids = [rule.id for rule in policy.rules]
        assert not any(name in (decision.message or "") for name in ids)
