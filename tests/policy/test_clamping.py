"""What rules may say under ``clamp``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_conditions import clamps
from pydantic import ValidationError

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.clamping import ClampsModel
from gateway.policy.conditions import ConditionsModel
from gateway.policy.matrix import Bounds, Condition, surely
from gateway.policy.probes import candidates_of
from gateway.policy.targets import target
from gateway.terms import PARAMETERS

CLAMPED = {"max_tokens", "temperature", "top_p", "n", "reasoning_effort", "reasoning_tokens",
           "tools", "system"}  # fmt: skip


def read(text: str) -> ClampsModel:
    return validate(ClampsModel, read_text(text, "p.yaml"))


def problem_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("max_tokens: {lte: 4096}", Condition("max_tokens", bounds=Bounds(lte=4096))),
        ("temperature: {gte: 0.5, lte: 1.0}", Condition("temperature", bounds=Bounds(1.0, 0.5))),
        ("top_p: {gte: 0.1}", Condition("top_p", bounds=Bounds(gte=0.1))),
        ("n: {lte: 1}", Condition("n", bounds=Bounds(lte=1))),
        ("reasoning_tokens: {lte: 0}", Condition("reasoning_tokens", bounds=Bounds(lte=0))),
        ("reasoning_effort: {lte: low}", Condition("reasoning_effort", bounds=Bounds(lte="low"))),
        ("tools: {names: [search]}", Condition("tools", names=("search",))),
        ("system: {pinned: Be brief.}", Condition("system", pinned="Be brief.")),
        ("system: {prefix: Be brief.}", Condition("system", prefix="Be brief.")),
    ],
)
def test_what_clamps_mean(text: str, condition: Condition) -> None:
    assert read(text).conditions() == (condition,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "p.yaml:1:1: the file: must not be empty"),
        ("n: {}", "p.yaml:1:1: n: say lte, gte or both"),
        ("n: 1", "p.yaml:1:1: n: must be a mapping of keys to values"),
        ("n: {eq: 1}", "p.yaml:1:5: unknown key 'eq'; known are gte, lte"),
        ("n: {in: [1]}", "p.yaml:1:5: unknown key 'in'; known are gte, lte"),
        ("n: {lte: 0}", "p.yaml:1:5: n.lte: input should be greater than or equal to 1"),
        ("max_tokens: {lte: -1}", "p.yaml:1:14: max_tokens.lte: -1 is not a count"),
        ("max_tokens: {gte: 9, lte: 8}", "p.yaml:1:1: max_tokens: gte 9 is more than lte 8"),
        ("temperature: {lte: 2.1}", "p.yaml:1:15: temperature.lte: input should be less than or"),
        ("tools: absent", "p.yaml:1:1: tools: must be a mapping of keys to values"),
        ("tools: {names: []}", "p.yaml:1:9: tools.names: must not be empty"),
        ("tools: {count: {lte: 1}}", "p.yaml:1:1: the key 'names' is missing; add it"),
        ("system: {}", "p.yaml:1:1: system: say one of pinned and prefix"),
        ("system: {pinned: a, prefix: a}", "p.yaml:1:1: system: say one of pinned and prefix"),
        ("messages: {lte: 3}", "p.yaml:1:1: messages: cannot be clamped, because no other value"),
        ("stream: false", "p.yaml:1:1: stream: cannot be clamped"),
        ("mesages: {lte: 3}", "p.yaml:1:1: unknown key 'mesages'; known are max_tokens, n, reaso"),
    ],
)
def test_what_cannot_be_written_is_refused_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert str(caught.value.problems[0]).startswith(problem)


@pytest.mark.parametrize("word", sorted(CLAMPED.symmetric_difference(PARAMETERS)))
def test_every_other_parameter_is_named_only_to_be_refused(word: str) -> None:
    assert "cannot be clamped" in problem_of(f"{word}: {{lte: 1}}")


@pytest.mark.parametrize(
    ("require", "clamp", "contradicted"),
    [
        ("temperature: {gte: 1}", "temperature: {lte: 0.5}", "temperature"),
        ("temperature: {gte: 0.5}", "temperature: {lte: 0.5}", None),
        ("temperature: {lte: 0.4}", "temperature: {gte: 0.5}", "temperature"),
        ("n: {in: [2, 4]}", "n: {lte: 3}", None),
        ("n: {in: [2, 4]}", "n: {lte: 1}", "n"),
        ("n: 4", "n: {gte: 2, lte: 3}", "n"),
        ("n: 4", "temperature: {lte: 1}", None),
        ("max_tokens: present", "max_tokens: {lte: 1}", None),
        ("reasoning_effort: {gte: high}", "reasoning_effort: {lte: low}", "reasoning_effort"),
        ("tools: {names: [a]}", "tools: {names: [b]}", None),
    ],
)
def test_a_clamp_that_breaks_what_is_required_is_seen(
    require: str, clamp: str, contradicted: str | None
) -> None:
    required = validate(ConditionsModel, read_text(require, "p.yaml")).conditions()
    assert read(clamp).contradicted(required) == contradicted


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(CLAMPED)).flatmap(lambda word: st.tuples(st.just(word), clamps(word)))
)
def test_whatever_may_be_clamped_can_be_written_and_then_holds(
    said: tuple[str, dict[str, Any]],
) -> None:
    try:
        (condition,) = ClampsModel.model_validate(dict([said])).conditions()
    except ValidationError:
        return
    written = target(condition.word, [condition])
    assert written is not None
    for parameters in candidates_of([condition]):
        changes = written.change(parameters.values.get(condition.word, ()))
        assert surely(condition, parameters.changed(changes))
