"""What is remembered of decisions, and what is not."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

from asking import asked, at_least, at_most, one_of, system, tools
from made_up_policies import policy_of

from gateway.policy.decide import decide
from gateway.policy.decision import NEVER, Ask
from gateway.policy.override import Override
from gateway.policy.plan import plan_for
from gateway.policy.rule import Rule

ASK = Ask(frozenset({"a"}), "messages", "m", asked(), day=100)
TOKENS = at_most("max_tokens", 10)


def allow(name: str, **said: Any) -> Rule:
    return Rule(name, allows=True, **said)


def test_equal_questions_get_the_same_answer_object() -> None:
    policy = policy_of([allow("r", require=(TOKENS,), clamp=(at_most("temperature", 1),))])
    for parameters in (
        asked(max_tokens=5, temperature=1),
        asked(temperature=2),
        asked(max_tokens=50),
    ):
        first = decide(policy, replace(ASK, parameters=parameters))
        assert decide(policy, replace(ASK, parameters=parameters)) is first


def test_what_is_not_asked_for_does_not_matter() -> None:
    policy = policy_of([allow("r", require=(TOKENS,))])
    one, other = asked(max_tokens=5, prompt_chars=7), asked(max_tokens=6, prompt_chars=8, n=3)
    assert decide(policy, replace(ASK, parameters=one)) is decide(
        policy, replace(ASK, parameters=other)
    )


def test_models_that_the_same_rules_are_about_share_a_plan() -> None:
    policy = policy_of([allow("r", models=("m*",)), allow("s", models=("m1",))])
    plans = [plan_for(policy, replace(ASK, model=model)) for model in ("m2", "m3", "m1", "x")]
    assert plans[0] is plans[1]
    assert len({id(plan) for plan in plans}) == 3


def test_callers_routes_days_and_exceptions_never_share_a_plan() -> None:
    policy = policy_of([allow("r")])
    asks = [
        ASK,
        replace(ASK, roles=frozenset({"b"})),
        replace(ASK, route="embeddings"),
        replace(ASK, day=101),
        replace(ASK, exceptions=frozenset({"x"})),
    ]
    assert len({id(plan_for(policy, ask)) for ask in asks}) == len(asks)


def test_attack_requests_that_all_differ_do_not_fill_the_memory() -> None:
    words = ("n", "temperature", "top_p", "reasoning_tokens")
    rules = [allow(f"r{word}", clamp=(at_most(word, 1),)) for word in words]
    policy = policy_of([*rules, allow("s", clamp=(at_least("max_tokens", 1),))])
    for number in range(200):
        values = {word: (number >> place) % 4 for place, word in enumerate(words)}
        decide(policy, replace(ASK, parameters=asked(max_tokens=number % 3, **values)))
    (plan,) = policy.plans._answers.values()
    assert len(plan._remembered) <= 16
    assert all(len(one.changed) <= 16 for one in plan._remembered._answers.values())


def test_attack_no_text_of_a_request_is_kept_after_it() -> None:
    policy = policy_of(
        [
            allow("r", require=(system(prefix="S"),), clamp=(TOKENS,)),
            allow("s", clamp=(system(prefix="P"),)),
        ]
    )
    for text in ("S: a prompt that nobody must find", "a prompt that nobody must find"):
        ask = replace(ASK, parameters=asked("system", system=text, max_tokens=50))
        assert decide(policy, ask).allowed
    kept = [plan for plan in policy.plans._answers.values() if "nobody" in everything_in(plan)]
    assert kept == []


def test_attack_tools_with_endless_names_do_not_fill_the_memory() -> None:
    policy = policy_of([allow("r", clamp=(tools(names=("calendar.*",)),))])
    named = tuple(f"calendar.{number}" for number in range(100))
    for tool in named:
        decision = decide(policy, replace(ASK, parameters=asked(tools=(tool, "other"))))
        assert decision.changes == {"tools": (tool,)}
    assert not any(tool in everything_in(policy.plans) for tool in named)


def everything_in(root: object) -> str:
    """All texts that can be reached from an object, the classes and modules left out."""
    found: list[str] = []
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or callable(one):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found.append(one)
        waiting += gc.get_referents(one)
    return "\n".join(found)


def test_what_must_be_written_is_part_of_the_question() -> None:
    policy = policy_of([allow("r", clamp=(at_most("temperature", 1),))])
    for values, written in (((0.5, 2), 0.5), ((0.7, 2), 0.7), ((2,), 1), ((0.5, 2), 0.5)):
        decision = decide(policy, replace(ASK, parameters=asked(temperature=values)))
        assert dict(decision.changes) == {"temperature": written}


def test_attack_true_is_never_taken_for_one() -> None:
    policy = policy_of([allow("r", require=(one_of("n", 1),))])
    assert decide(policy, replace(ASK, parameters=asked(n=1))).allowed
    assert not decide(policy, replace(ASK, parameters=asked(n=True))).allowed
    clamped = policy_of([allow("r", clamp=(at_most("n", 1.5),))])
    assert not decide(clamped, replace(ASK, parameters=asked(n=1))).changes
    written = decide(clamped, replace(ASK, parameters=asked(n=True))).changes
    assert written == {"n": 1.5}


def test_measuring_ends_after_the_last_day_and_without_one_only_where_no_day_is_given() -> None:
    until, forever = (
        Rule(name, allows=False, shadow=True, until=day) for name, day in (("u", 100), ("f", None))
    )
    shadow = Override("o", "pii", shadow=True, until=100)
    policy = policy_of([allow("r", scan=frozenset({"pii"})), until, forever], [shadow])
    told = {
        day: [one.rule for one in decide(policy, replace(ASK, day=day)).shadow]
        for day in (99, 100, 101, NEVER - 1, NEVER)
    }
    assert told == {99: ["f", "u"], 100: ["f", "u"], 101: ["f"], NEVER - 1: ["f"], NEVER: []}


def test_changes_cannot_be_changed() -> None:
    policy = policy_of([allow("r", clamp=(at_most("temperature", 1),))])
    changes: Any = decide(policy, replace(ASK, parameters=asked(temperature=2))).changes
    for change in (changes, decide(policy, replace(ASK, parameters=asked(temperature=0))).changes):
        assert not hasattr(change, "__setitem__")
