"""Rules that hold, and what is written so that they are satisfied together."""

from __future__ import annotations

from typing import Any

import pytest
from asking import asked, at_least, at_most, one_of, system, tools
from hypothesis import given
from hypothesis import strategies as st
from made_up_policies import ALLOW_RULES, PARAMETERS

from gateway.policy.clamps import Agreement, Writing, holds, left_open, reconcile, unmet
from gateway.policy.matrix import Bounds, Condition, surely
from gateway.policy.rule import Rule
from gateway.terms import Parameters


def allow(name: str, **said: Any) -> Rule:
    return Rule(name, allows=True, **said)


def reached(parameters: Parameters | None, *rules: Rule) -> tuple[str, dict[str, Any]]:
    chosen, changes = reconcile(rules, parameters)
    return " ".join(rule.id for rule in chosen), dict(changes)


HOT, COOL = asked(temperature=1.8), asked(temperature=0.2)


def test_a_rule_holds_where_it_is_about_the_request_and_what_it_requires_is_so() -> None:
    rule = allow("a", when=(at_most("n", 2),), require=(at_most("temperature", 1),))
    assert holds(rule, asked(n=1, temperature=0.5))
    assert not holds(rule, asked(n=3, temperature=0.5))
    assert not holds(rule, asked(n=1, temperature=1.5))
    assert not holds(rule, asked(n=1))
    assert not holds(rule, asked(temperature=0.5))
    assert not holds(rule, None)


def test_a_rule_without_conditions_holds_whatever_is_asked() -> None:
    assert holds(allow("a"), None)
    assert holds(allow("a"), asked())


@pytest.mark.parametrize("unknown", ["foreign", "inexpressible"])
def test_attack_what_is_clamped_cannot_be_smuggled_past_in_another_apis_words(unknown: str) -> None:
    rule = allow("a", clamp=(at_most("temperature", 1),))
    parameters = Parameters(COOL.values, **{unknown: frozenset({"temperature"})})
    assert not holds(rule, parameters)
    assert unmet(rule, parameters) == rule.clamp
    assert holds(rule, HOT)
    assert not holds(rule, None)


def test_unmet_is_what_is_required_and_not_so() -> None:
    tokens, heat, names = at_most("max_tokens", 9), at_most("temperature", 1), tools(names=("t",))
    rule = allow("a", require=(tokens, heat, names), when=(one_of("stream", True),))
    assert unmet(rule, asked(max_tokens=10, temperature=2, tools="u")) == rule.require
    assert unmet(rule, asked(max_tokens=9, temperature=1, tools="t")) == ()
    assert unmet(rule, asked(max_tokens=9, temperature=1.5)) == (heat,)
    assert unmet(rule, None) == rule.require


def test_a_bound_of_tokens_is_met_by_a_request_that_leaves_it_to_the_gateway() -> None:
    for condition in (at_most("max_tokens", 9), Condition("max_tokens", bounds=Bounds(9, 2))):
        rule = allow("a", require=(condition,))
        assert holds(rule, asked())
        assert reached(asked(), rule) == ("a", {"max_tokens": 9})
        assert reached(asked(max_tokens=5), rule) == ("a", {})
        assert not holds(rule, asked(max_tokens=10))


@pytest.mark.parametrize(
    "condition",
    [
        at_least("max_tokens", 2),
        one_of("max_tokens", 2, 3),
        Condition("max_tokens", bounds=Bounds(lte=9, one_of=(2, 9))),
        Condition("max_tokens", present=True, bounds=Bounds(lte=9)),
        at_most("n", 1),
        at_most("reasoning_tokens", 9),
    ],
)
def test_no_other_requirement_is_met_by_saying_nothing(condition: Condition) -> None:
    assert not holds(allow("a", require=(condition,)), asked())


def test_attack_tokens_spelt_as_in_another_api_are_not_left_to_the_gateway() -> None:
    rule = allow("a", require=(at_most("max_tokens", 9),))
    assert left_open(asked())
    assert not left_open(asked(max_tokens=5))
    for unknown in ("foreign", "inexpressible"):
        parameters = Parameters({}, **{unknown: frozenset({"max_tokens"})})
        assert not left_open(parameters)
        assert not holds(rule, parameters)


def test_bug_a_bound_that_is_said_to_be_none_was_taken_for_one_left_out() -> None:
    endless = Parameters({"max_tokens": ()}, stated=frozenset({"max_tokens"}))
    rule = allow("a", require=(at_most("max_tokens", 9),))
    assert not left_open(endless)
    assert not holds(rule, endless)
    assert reached(endless, allow("b", clamp=(at_most("max_tokens", 9),))) == (
        "b",
        {"max_tokens": 9},
    )


def test_what_is_clamped_is_written_only_where_it_must_be() -> None:
    rule = allow("a", clamp=(at_most("temperature", 1), tools(names=("t",)), system(prefix="S")))
    asks_much = asked(temperature=2, tools=("t", "u"), system="x")
    written = {"temperature": 1, "tools": ("t",), "system_prefix": "S"}
    assert reached(asks_much, rule) == ("a", written)
    assert reached(asked(temperature=1, tools="t", system="So"), rule) == ("a", {})


def test_the_clamps_of_all_rules_hold_together() -> None:
    rules = allow("b", clamp=(at_most("n", 3),)), allow("a", clamp=(at_most("n", 2),))
    assert reached(asked(n=5), *rules) == ("a b", {"n": 2})
    bound = allow("c", require=(at_most("max_tokens", 9),))
    tighter = allow("d", require=(at_most("max_tokens", 5),))
    assert reached(asked(), bound, tighter) == ("c d", {"max_tokens": 5})


def test_a_rule_whose_clamps_break_what_it_requires_allows_nothing() -> None:
    rule = allow("a", require=(at_least("temperature", 1),), clamp=(at_most("temperature", 0.5),))
    assert holds(rule, HOT)
    assert reached(HOT, rule) == ("", {})
    assert reached(HOT, rule, allow("b")) == ("b", {})


def test_rules_that_contradict_each_other_are_taken_by_their_ids() -> None:
    hot = allow("hot", require=(at_least("temperature", 1),))
    cool = allow("cool", clamp=(at_most("temperature", 0.5),))
    assert reached(HOT, hot, cool) == ("cool", {"temperature": 0.5})
    warm = allow("a", require=(at_least("temperature", 1),))
    assert reached(HOT, cool, warm) == ("a", {})
    assert reached(HOT, cool, warm, allow("z", clamp=(at_most("n", 1),))) == ("a z", {"n": 1})


def test_two_pinned_texts_are_never_both_written() -> None:
    one, other = allow("a", clamp=(system(pinned="S"),)), allow("b", clamp=(system(pinned="T"),))
    assert reached(asked(system="x"), other, one) == ("a", {"system": "S"})


def test_a_rule_that_needs_another_to_be_satisfied_allows_nothing_by_itself() -> None:
    # Alone, 0.7 becomes 0.5, which it does not take; with the other it would become 0.2.
    picky = allow(
        "a",
        require=(one_of("temperature", 0.2, 0.7),),
        clamp=(at_most("temperature", 0.5), at_most("n", 1)),
    )
    cold = allow("b", clamp=(at_most("temperature", 0.2),))
    assert reached(asked(temperature=0.7, n=5), picky, cold) == ("b", {"temperature": 0.2})


def test_attack_a_clamp_that_nothing_can_write_allows_nothing() -> None:
    for clamp in (at_most("messages", 1), tools(count=Bounds(lte=1)), one_of("n", 1)):
        rule = allow("a", clamp=(clamp,))
        for parameters in (asked(), asked(messages=1, n=1, tools="t"), asked(messages=9, n=9)):
            assert reached(parameters, rule) == ("", {})


def test_nothing_is_written_where_nothing_is_known() -> None:
    clamped = allow("a", clamp=(at_most("n", 1),))
    assert reached(None, clamped, allow("c"), allow("b")) == ("b c", {})


def test_writing_is_certain_where_no_value_can_make_it_fail() -> None:
    clamp, other = at_most("n", 2), at_most("temperature", 1)
    assert Writing((allow("a", clamp=(clamp,), require=(other,)),), opened=False).certain
    assert not Writing((allow("a", clamp=(clamp,), require=(clamp,)),), opened=False).certain
    conflict = allow("a", clamp=(clamp,)), allow("b", clamp=(at_least("n", 3),))
    assert not Writing(conflict, opened=False).certain
    tokens = allow("a", require=(at_most("max_tokens", 9),))
    assert Writing((tokens,), opened=True).certain
    assert Writing((tokens,), opened=False).changes(asked()) == {}


def unique(rules: list[Rule]) -> list[Rule]:
    return [*{rule.id: rule for rule in rules}.values()]


@given(st.lists(ALLOW_RULES, max_size=4).map(unique), PARAMETERS, st.randoms())
def test_rules_are_satisfied_by_what_is_written_in_whatever_order_they_come(
    rules: list[Rule], parameters: Parameters, random: Any
) -> None:
    holding = [rule for rule in rules if holds(rule, parameters)]
    chosen, changes = reconcile(holding, parameters)
    after = parameters.changed(changes)
    for rule in chosen:
        assert all(surely(one, after) for one in (*rule.require, *rule.clamp))
    random.shuffle(holding)
    assert reconcile(holding, parameters) == (chosen, changes)
    assert reconcile(chosen, after) == (chosen, {})


@given(st.lists(ALLOW_RULES, max_size=4).map(unique), PARAMETERS, st.lists(PARAMETERS, max_size=3))
def test_an_agreement_is_the_same_however_often_it_was_reached(
    rules: list[Rule], parameters: Parameters, others: list[Parameters]
) -> None:
    holding = [rule for rule in rules if holds(rule, parameters)]
    agreement = Agreement(holding, opened=left_open(parameters))
    for other in others:
        agreement.reach(other)
    assert agreement.reach(parameters) == reconcile(holding, parameters)


@given(st.lists(ALLOW_RULES, max_size=4).map(unique), PARAMETERS)
def test_one_rule_that_can_be_satisfied_is_enough(
    rules: list[Rule], parameters: Parameters
) -> None:
    holding = [rule for rule in rules if holds(rule, parameters)]
    alone = [rule for rule in holding if reconcile([rule], parameters)[0]]
    assert bool(reconcile(holding, parameters)[0]) == bool(alone)
