"""What rules may say of parameters under ``when`` and ``require``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_conditions import conditions as said_of
from pydantic import ValidationError

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.conditions import ConditionsModel
from gateway.policy.matrix import Bounds, Condition, describe, judge
from gateway.policy.probes import candidates_of
from gateway.terms import PARAMETERS, Parameters

NUMBERS = ["max_tokens", "temperature", "top_p", "n", "images", "audio", "files",
           "reasoning_effort", "reasoning_tokens", "messages", "message_chars",
           "prompt_chars"]  # fmt: skip
ALWAYS_THERE = ["messages", "message_chars", "prompt_chars"]


def read(text: str) -> tuple[Condition, ...]:
    return validate(ConditionsModel, read_text(text, "p.yaml")).conditions()


def problem_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    (problem,) = caught.value.problems
    return str(problem)


def one_of(word: str, *values: Any) -> Condition:
    return Condition(word, bounds=Bounds(one_of=values))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("max_tokens: {lte: 4096}", Condition("max_tokens", bounds=Bounds(lte=4096))),
        ("max_tokens: 1", one_of("max_tokens", 1)),
        (
            "max_tokens: {present: true, lte: 4k}",
            Condition("max_tokens", present=True, bounds=Bounds(lte=4000)),
        ),
        ("temperature: {gte: 0.2, lte: 1}", Condition("temperature", bounds=Bounds(1.0, 0.2))),
        ("temperature: {in: [0, 1.5]}", one_of("temperature", 0.0, 1.5)),
        ("top_p: {eq: 0.5}", one_of("top_p", 0.5)),
        ("n: {lte: 1}", Condition("n", bounds=Bounds(lte=1))),
        ("stream: false", one_of("stream", False)),
        ("stream: {eq: true}", one_of("stream", True)),
        ("stream: absent", Condition("stream", present=False)),
        ("tools: present", Condition("tools", present=True)),
        ("tools: absent", Condition("tools", present=False)),
        (
            "tools: {names: [search, 'calendar.*']}",
            Condition("tools", names=("search", "calendar.*")),
        ),
        ("tools: {any: ['shell*']}", Condition("tools", any_name=("shell*",))),
        ("tools: {count: {lte: 3}}", Condition("tools", count=Bounds(lte=3))),
        (
            "tools: {present: true, names: [a], count: 1}",
            Condition("tools", present=True, names=("a",), count=Bounds(one_of=(1,))),
        ),
        ("tool_choice: required", one_of("tool_choice", "required")),
        ("tool_choice: {in: [auto, none]}", one_of("tool_choice", "auto", "none")),
        ("images: 0", one_of("images", 0)),
        ("files: absent", Condition("files", present=False)),
        ("audio: {lte: 1}", Condition("audio", bounds=Bounds(lte=1))),
        ("response_format: {eq: json_schema}", one_of("response_format", "json_schema")),
        ("response_format: present", Condition("response_format", present=True)),
        (
            "reasoning_effort: {gte: low, lte: medium}",
            Condition("reasoning_effort", bounds=Bounds("medium", "low")),
        ),
        ("reasoning_effort: none", one_of("reasoning_effort", "none")),
        ("reasoning_tokens: {lte: 10k}", Condition("reasoning_tokens", bounds=Bounds(10_000))),
        ("system: present", Condition("system", present=True)),
        ("system: {pinned: Be brief.}", Condition("system", pinned="Be brief.")),
        ("system: {prefix: You are}", Condition("system", prefix="You are")),
        ("messages: {lte: 20}", Condition("messages", bounds=Bounds(20))),
        ("message_chars: {lte: 100k}", Condition("message_chars", bounds=Bounds(100_000))),
        ("prompt_chars: {lte: 1M}", Condition("prompt_chars", bounds=Bounds(10**6))),
    ],
)
def test_what_conditions_mean(text: str, condition: Condition) -> None:
    assert read(text) == (condition,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "p.yaml:1:1: the file: must not be empty"),
        ("max_token: 1", "p.yaml:1:1: unknown key 'max_token'; did you mean 'max_tokens'?"),
        ("n: {lt: 1}", "p.yaml:1:5: unknown key 'lt'; did you mean 'lte'?"),
        ("n: {in_: [1]}", "p.yaml:1:5: unknown key 'in_'; did you mean 'in'?"),
        ("n: {}", "p.yaml:1:1: n: must say something: present, eq, in, lte, gte"),
        ("n: {lte: 0}", "p.yaml:1:5: n.lte: input should be greater than or equal to 1"),
        ("n: {gte: 2, lte: 1}", "p.yaml:1:1: n: gte 2 is more than lte 1: no value lies between"),
        ("n: {eq: 1, lte: 2}", "p.yaml:1:1: n: eq and in stand alone: take the other bounds out"),
        ("n: {eq: 1, in: [1]}", "p.yaml:1:1: n: eq and in stand alone"),
        ("n: {in: []}", "p.yaml:1:5: n.in: must not be empty"),
        ("n: {in: [1, x]}", "p.yaml:1:13: n.in.1: 'x' is not a count"),
        ("n: true", "p.yaml:1:1: n.eq: True is not a count"),
        ("n: 1.5", "p.yaml:1:1: n.eq: 1.5 is not a whole number"),
        ("n: {present: false, lte: 1}", "p.yaml:1:1: n: what is absent has no other properties"),
        ("n: {present: yes}", "p.yaml:1:5: n.present: input should be a valid boolean"),
        ("max_tokens: {lte: -1}", "p.yaml:1:14: max_tokens.lte: -1 is not a count"),
        ("temperature: {lte: 2.5}", "p.yaml:1:15: temperature.lte: input should be less than"),
        ("temperature: {lte: true}", "p.yaml:1:15: temperature.lte: input should be a valid num"),
        ("temperature: hot", "p.yaml:1:1: temperature.eq: input should be a valid number"),
        ("top_p: {gte: -0.5}", "p.yaml:1:9: top_p.gte: input should be greater than or equal"),
        ("stream: {lte: true}", "p.yaml:1:10: unknown key 'lte'; known are eq, present"),
        ("stream: 1", "p.yaml:1:1: stream.eq: input should be a valid boolean"),
        ("tools: prsent", "p.yaml:1:1: tools: must be present, absent or a mapping of present, n"),
        ("tools: [search]", "p.yaml:1:1: tools: must be a mapping of keys to values"),
        ("tools: {names: []}", "p.yaml:1:9: tools.names: must not be empty"),
        ("tools: {names: search}", "p.yaml:1:9: tools.names: must be a list"),
        ("tools: {count: present}", "p.yaml:1:9: tools.count.eq: 'present' is not a count"),
        ("tools: {present: false, names: [a]}", "p.yaml:1:1: tools: what is absent has no other"),
        ("tool_choice: {lte: auto}", "p.yaml:1:15: unknown key 'lte'; known are eq, in, present"),
        ("tool_choice: requird", "p.yaml:1:1: tool_choice.eq: 'requird' is no choice; did you m"),
        ("response_format: json", "p.yaml:1:1: response_format.eq: 'json' is no format; known"),
        ("reasoning_effort: {lte: 3}", "p.yaml:1:20: reasoning_effort.lte: 3 is no effort; known"),
        (
            "reasoning_effort: {gte: high, lte: low}",
            "p.yaml:1:1: reasoning_effort: gte high is more than lte low",
        ),
        ("system: Be brief.", "p.yaml:1:1: system: must be present, absent or a mapping of pre"),
        ("system: {pinned: ''}", "p.yaml:1:10: system.pinned: must not be empty"),
        ("system: {pinned: a, prefix: a}", "p.yaml:1:1: system: say one of present, pinned and"),
        ("messages: present", "p.yaml:1:1: messages.eq: 'present' is not a count"),
        ("messages: {present: true}", "p.yaml:1:12: unknown key 'present'; known are eq, gte, in,"),
        ("prompt_chars: {lte: 10KiB}", "p.yaml:1:16: prompt_chars.lte: '10KiB' is not a count"),
    ],
)
def test_what_makes_no_sense_is_named_at_its_place(text: str, problem: str) -> None:
    assert problem_of(text).startswith(problem)


def test_there_is_a_condition_for_every_parameter_and_for_nothing_else() -> None:
    assert tuple(ConditionsModel.model_fields) == PARAMETERS


@pytest.mark.parametrize("word", NUMBERS)
def test_every_parameter_with_an_order_has_bounds(word: str) -> None:
    values = ("low", "high") if word == "reasoning_effort" else (1, 1)
    (condition,) = read(f"{word}: {{gte: {values[0]}, lte: {values[1]}}}")
    assert condition == Condition(word, bounds=Bounds(values[1], values[0]))


@pytest.mark.parametrize("word", [word for word in PARAMETERS if word not in ALWAYS_THERE])
def test_every_parameter_that_a_request_may_leave_out_can_be_absent(word: str) -> None:
    assert read(f"{word}: absent") == (Condition(word, present=False),)
    assert read(f"{word}: {{present: true}}") == (Condition(word, present=True),)


def test_conditions_of_several_parameters_all_stand() -> None:
    words = [one.word for one in read("{tools: absent, n: 1, max_tokens: {lte: 5}}")]
    assert words == ["max_tokens", "n", "tools"]


@settings(max_examples=400)
@given(st.sampled_from(PARAMETERS).flatmap(lambda word: st.tuples(st.just(word), said_of(word))))
def test_attack_any_condition_is_refused_or_can_be_judged_and_told(said: tuple[str, Any]) -> None:
    try:
        conditions = ConditionsModel.model_validate(dict([said])).conditions()
    except ValidationError:
        return
    (condition,) = conditions
    assert (condition.word, bool(describe(condition))) == (said[0], True)
    odd = Parameters(dict.fromkeys(PARAMETERS, (True, -1, 0.5, "x")))
    judged = [judge(condition, one) for one in (odd, *candidates_of([condition]))]
    assert True in judged or False in judged


@pytest.mark.parametrize("word", PARAMETERS)
def test_a_condition_that_says_nothing_is_refused(word: str) -> None:
    empty: tuple[Any, ...] = ({}, None, [])
    for nothing in empty:
        with pytest.raises(ValidationError):
            ConditionsModel.model_validate({word: nothing})
