"""Parameters that stand for all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.matrix import Bounds, Condition, possibly, surely
from gateway.policy.probes import PLAIN, probes_of
from gateway.policy.witness import STRANGER
from gateway.terms import EFFORTS, PARAMETERS

NUMBERS = st.integers(1, 50)
NUMERIC = ["max_tokens", "n", "images", "files", "reasoning_tokens", "messages", "prompt_chars"]
CONDITIONS = st.one_of(
    st.builds(lambda word, most: Condition(word, bounds=Bounds(lte=most)),
              st.sampled_from([*NUMERIC, "temperature"]), NUMBERS),
    st.builds(lambda least: Condition("max_tokens", bounds=Bounds(gte=least)), NUMBERS),
    st.builds(lambda effort: Condition("reasoning_effort", bounds=Bounds(lte=effort)),
              st.sampled_from(EFFORTS)),
    st.builds(lambda kinds: Condition("response_format", bounds=Bounds(one_of=tuple(kinds))),
              st.lists(st.sampled_from(["text", "json_object", "json_schema"]), min_size=1)),
    st.builds(lambda effort: Condition("reasoning_effort", bounds=Bounds(one_of=(effort,))),
              st.sampled_from(EFFORTS)),
    st.builds(lambda value: Condition("stream", bounds=Bounds(one_of=(value,))), st.booleans()),
    st.builds(lambda numbers: Condition("n", bounds=Bounds(one_of=tuple(numbers))),
              st.lists(NUMBERS, min_size=1)),
    st.builds(lambda word, there: Condition(word, present=there),
              st.sampled_from(["tools", "system", "images", "audio", "files", "n", "stream",
                               "temperature", "tool_choice", "reasoning_effort"]), st.booleans()),
    st.builds(lambda names: Condition("tools", names=tuple(names)),
              st.lists(st.sampled_from(["search", "calendar.*", "?x"]), min_size=1)),
    st.builds(lambda names: Condition("tools", any_name=tuple(names)),
              st.lists(st.sampled_from(["shell", "run_*"]), min_size=1)),
    st.builds(lambda most: Condition("tools", count=Bounds(lte=most)), NUMBERS),
    st.builds(lambda least: Condition("tools", count=Bounds(gte=least)), NUMBERS),
    st.builds(lambda number: Condition("tools", count=Bounds(one_of=(number,))), NUMBERS),
    st.just(Condition("system", pinned="Be kind.")),
    st.just(Condition("system", prefix="Be kind.")),
)  # fmt: skip


def always(condition: Condition) -> bool:
    """Whether no request can miss the condition: nothing asks for less than nothing."""
    bounds = condition.bounds
    return bounds is not None and bounds.lte == "max" and condition.word == "reasoning_effort"


@given(CONDITIONS)
def test_a_condition_is_met_and_missed(condition: Condition) -> None:
    probes = probes_of([(condition,)])
    assert any(surely(condition, probe.parameters) for probe in probes)
    if not always(condition):
        assert any(not surely(condition, probe.parameters) for probe in probes)


@given(st.lists(CONDITIONS, min_size=2, max_size=4, unique_by=lambda one: one.word))
def test_conditions_of_one_rule_are_met_together_and_missed_one_by_one(
    conditions: list[Condition],
) -> None:
    probes = probes_of([tuple(conditions)])
    met = [[surely(one, probe.parameters) for one in conditions] for probe in probes]
    assert [True] * len(conditions) in met
    for index, condition in enumerate(conditions):
        if not always(condition):
            alone = [place != index for place in range(len(conditions))]
            assert alone in met, f"{condition} is not missed by itself"


@given(CONDITIONS, CONDITIONS)
def test_two_rules_are_met_together(one: Condition, other: Condition) -> None:
    if one.word != other.word:
        assert any(
            surely(one, probe.parameters) and surely(other, probe.parameters)
            for probe in probes_of([(one,), (other,)])
        )


@given(st.lists(CONDITIONS, max_size=4))
def test_probes_are_told_apart_by_their_labels(conditions: list[Condition]) -> None:
    probes = probes_of([(one,) for one in conditions])
    assert probes[0] is PLAIN
    assert len({probe.label for probe in probes}) == len(probes)
    assert all(probe.parameters.values.keys() == set(PARAMETERS) for probe in probes)


def test_a_modest_request_has_every_parameter_and_is_within_all_upper_bounds() -> None:
    assert PLAIN.parameters.values.keys() == set(PARAMETERS)
    for word in ("max_tokens", "n", "messages", "images", "prompt_chars"):
        assert surely(Condition(word, bounds=Bounds(lte=1)), PLAIN.parameters)
    for word in ("tools", "system", "images", "audio", "files"):
        assert not possibly(Condition(word, present=True), PLAIN.parameters)


@pytest.mark.parametrize(
    ("condition", "labels"),
    [
        (
            Condition("max_tokens", bounds=Bounds(lte=4096)),
            ["max_tokens=4096", "max_tokens=4097", "max_tokens=not given"],
        ),
        (
            Condition("temperature", bounds=Bounds(lte=1.0)),
            ["temperature=1.0", "temperature=1.1", "temperature=not given"],
        ),
        (Condition("tools", present=True), [f"tools={STRANGER}"]),
        (Condition("n", present=True), ["n=1", "n=not given"]),
        (Condition("images", present=False), ["images=1"]),
        (
            Condition("tools", count=Bounds(lte=2)),
            [f"tools={STRANGER} (2 in all)", f"tools={STRANGER}", f"tools={STRANGER} (3 in all)"],
        ),
        (
            Condition("reasoning_effort", bounds=Bounds(gte="low", lte="medium")),
            [
                "reasoning_effort=medium",
                "reasoning_effort=high",
                "reasoning_effort=minimal",
                "reasoning_effort=not given",
            ],
        ),
        (
            Condition("stream", bounds=Bounds(one_of=(True,))),
            ["stream=true", "stream=false", "stream=not given"],
        ),
    ],
)
def test_the_label_says_in_what_a_probe_differs(condition: Condition, labels: list[str]) -> None:
    assert [probe.label for probe in probes_of([(condition,)])][1:] == labels


def test_without_conditions_there_is_one_probe() -> None:
    none: list[Any] = []
    assert probes_of(none) == (PLAIN,)


def test_a_rule_about_countless_tools_costs_little() -> None:
    (probe,) = (
        probe
        for probe in probes_of([(Condition("tools", count=Bounds(gte=10**9)),)])
        if "in all" in probe.label
    )
    assert len(probe.parameters.values["tools"]) == 1000
