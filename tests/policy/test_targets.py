"""What is written for one parameter."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from asking import asked, at_least, at_most, one_of, system, tools
from hypothesis import given
from hypothesis import strategies as st
from made_up_policies import CLAMPS, PARAMETERS

from gateway.policy.matrix import Bounds, Condition, surely
from gateway.policy.targets import is_range, target
from gateway.terms import EFFORTS, Parameters

NAN = float("nan")


def change(*conditions: Condition, **values: Any) -> dict[str, Any] | None:
    """What is written so that conditions of one parameter hold."""
    word = conditions[0].word
    found = target(word, conditions)
    return None if found is None else dict(found.change(asked(**values).values.get(word, ())))


@pytest.mark.parametrize(
    ("conditions", "values", "written"),
    [
        ([at_most("temperature", 1)], (0.5,), {}),
        ([at_most("temperature", 1)], (1,), {}),
        ([at_most("temperature", 1)], (2,), {"temperature": 1}),
        ([at_most("temperature", 1)], (), {"temperature": 1}),
        ([at_most("temperature", 1)], ("hot",), {"temperature": 1}),
        ([at_most("temperature", 1)], (NAN,), {"temperature": 1}),
        ([at_most("temperature", 1)], (0.5, 2), {"temperature": 0.5}),
        ([at_most("temperature", 1)], (3, 2), {"temperature": 1}),
        ([at_most("temperature", 1)], (0.5, "hot"), {"temperature": 1}),
        ([at_most("temperature", 1)], (True,), {"temperature": 1}),
        ([at_least("temperature", 1)], (2,), {}),
        ([at_least("temperature", 1)], (0.5,), {"temperature": 1}),
        ([at_least("temperature", 1)], (), {"temperature": 1}),
        ([at_least("temperature", 1)], (0.5, 2), {"temperature": 1}),
        ([at_most("temperature", 1), at_most("temperature", 0.5)], (2,), {"temperature": 0.5}),
        ([at_most("temperature", 1), at_least("temperature", 0.5)], (0,), {"temperature": 0.5}),
        ([at_most("temperature", 1), at_least("temperature", 0.5)], (2,), {"temperature": 1}),
        ([at_most("temperature", 1), at_least("temperature", 0.5)], (), {"temperature": 1}),
        ([at_least("n", 1), at_least("n", 2)], (0,), {"n": 2}),
        ([at_most("n", 1), at_least("n", 2)], (1,), None),
        ([at_most("n", 2), at_least("n", 1), at_least("n", 3)], (2,), None),
        ([at_most("n", 3), at_most("n", 1), at_least("n", 2)], (2,), None),
        ([at_most("n", 1), at_least("n", 1)], (7,), {"n": 1}),
        ([at_most("max_tokens", 9)], (10**400,), {"max_tokens": 9}),
        ([at_most("reasoning_effort", "low")], ("max",), {"reasoning_effort": "low"}),
        ([at_most("reasoning_effort", "low")], ("none",), {}),
        ([at_most("reasoning_effort", "low")], ("odd",), {"reasoning_effort": "low"}),
        ([at_least("reasoning_effort", "low")], (), {"reasoning_effort": "low"}),
        (
            [at_most("reasoning_effort", "low"), at_least("reasoning_effort", "high")],
            ("medium",),
            None,
        ),
    ],
)
def test_a_value_is_moved_no_further_than_bounds_ask(
    conditions: list[Condition], values: tuple[Any, ...], written: dict[str, Any] | None
) -> None:
    for order in permutations(conditions):
        assert change(*order, **{conditions[0].word: values}) == written


@pytest.mark.parametrize(
    ("globs", "given_tools", "staying"),
    [
        ([("t*",)], ("t1", "t2"), None),
        ([("t*",)], ("t1", "u", "t2"), ("t1", "t2")),
        ([("t*",)], ("u",), ()),
        ([("t*",)], (), None),
        ([("t*", "u"), ("u", "v")], ("t1", "u", "v"), ("u",)),
        ([("*",)], ("t1", "x" * 300), ("t1",)),
        ([("*",)], ("t1", 7), ("t1",)),
        ([("t1",)], ("t1", "t1"), None),
    ],
)
def test_tools_stay_that_every_rule_lets_stay(
    globs: list[tuple[str, ...]], given_tools: tuple[Any, ...], staying: tuple[str, ...] | None
) -> None:
    conditions = [tools(names=names) for names in globs]
    written = change(*conditions, tools=given_tools)
    assert written == ({} if staying is None else {"tools": staying})


@pytest.mark.parametrize(
    ("conditions", "texts", "written"),
    [
        ([system(pinned="S")], ("S",), {}),
        ([system(pinned="S")], (), {"system": "S"}),
        ([system(pinned="S")], ("S", "more"), {"system": "S"}),
        ([system(pinned="S"), system(pinned="S")], ("T",), {"system": "S"}),
        ([system(pinned="S"), system(pinned="T")], ("S",), None),
        ([system(prefix="S")], ("So it is", "more"), {}),
        ([system(prefix="S")], (), {"system_prefix": "S"}),
        ([system(prefix="S")], ("more", "S"), {"system_prefix": "S"}),
        ([system(prefix="S"), system(prefix="SO")], ("S",), {"system_prefix": "SO"}),
        ([system(prefix="S"), system(prefix="T")], ("S",), None),
        ([system(pinned="SO"), system(prefix="S")], ("T",), {"system": "SO"}),
        ([system(pinned="S"), system(prefix="SO")], ("S",), None),
    ],
)
def test_system_texts_are_pinned_or_begun(
    conditions: list[Condition], texts: tuple[str, ...], written: dict[str, Any] | None
) -> None:
    for order in permutations(conditions):
        assert change(*order, system=texts) == written


@pytest.mark.parametrize(
    "condition",
    [
        one_of("n", 1, 2),
        Condition("n", bounds=Bounds()),
        Condition("n", present=True),
        Condition("n", present=True, bounds=Bounds(lte=1)),
        at_most("images", 0),
        at_most("messages", 3),
        one_of("stream", True),
        one_of("tool_choice", "auto"),
        tools(present=False),
        tools(any_name=("a",)),
        tools(count=Bounds(lte=1)),
        tools(names=("a",), count=Bounds(lte=1)),
        system(present=True),
        system(pinned="S", prefix="S"),
    ],
)
def test_attack_a_clamp_that_cannot_be_written_is_no_clamp_that_holds(
    condition: Condition,
) -> None:
    assert target(condition.word, [condition]) is None


def test_one_condition_that_cannot_be_written_spoils_the_others() -> None:
    assert change(at_most("n", 2), one_of("n", 1), n=1) is None
    assert change(tools(names=("a",)), tools(count=Bounds(lte=1)), tools="a") is None
    assert change(system(prefix="S"), system(present=True), system="S") is None


def test_ranges_are_bounds_and_nothing_else() -> None:
    assert is_range(at_most("n", 1))
    assert is_range(at_least("reasoning_effort", "low"))
    assert not is_range(one_of("n", 1))
    assert not is_range(Condition("n", bounds=Bounds()))
    assert not is_range(Condition("n", present=True, bounds=Bounds(lte=1)))
    assert not is_range(at_most("messages", 1))
    assert not is_range(tools(names=("a",)))


@given(st.lists(CLAMPS, min_size=1, max_size=3), PARAMETERS)
def test_what_is_written_makes_every_condition_hold(
    conditions: list[Condition], parameters: Parameters
) -> None:
    word = conditions[0].word
    same = [one for one in conditions if one.word == word]
    found = target(word, same)
    if found is not None:
        known = Parameters(parameters.values, parameters.stated)
        change = found.change(known.values.get(word, ()))
        after = known.changed(change)
        assert all(surely(one, after) for one in same)
        assert found.change(after.values.get(word, ())) == {}
        assert bool(change) == (not all(surely(one, known) for one in same))


VALUES = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, True, NAN, "x"]), max_size=3).map(tuple)


@given(VALUES, st.integers(0, 5), st.integers(0, 5), st.none() | st.integers(0, 5))
def test_a_tighter_clamp_never_yields_a_laxer_value(
    values: tuple[Any, ...], one: int, other: int, least: int | None
) -> None:
    tight, loose = sorted((one, other))
    more = [] if least is None else [at_least("n", least)]
    written = [change(at_most("n", most), *more, n=values) for most in (tight, loose)]
    if None not in written:
        mine, others = (values if one == {} else (one["n"],) for one in written if one is not None)
        assert max(mine) <= max(others)


@given(
    st.lists(st.sampled_from(EFFORTS), max_size=2).map(tuple),
    st.sampled_from(EFFORTS),
    st.sampled_from(EFFORTS),
)
def test_a_tighter_clamp_never_yields_more_effort(
    values: tuple[str, ...], one: str, other: str
) -> None:
    efforts = sorted((one, other), key=EFFORTS.index)
    tight, loose = (
        asked(reasoning_effort=values).changed(
            change(at_most("reasoning_effort", most), reasoning_effort=values) or {}
        )
        for most in efforts
    )
    assert max(map(EFFORTS.index, map(str, tight.values["reasoning_effort"]))) <= max(
        map(EFFORTS.index, map(str, loose.values["reasoning_effort"]))
    )


@given(
    st.lists(st.sampled_from(["t1", "t2", "u"]), max_size=4).map(tuple),
    st.sets(st.sampled_from(["t*", "t1", "u", "*"]), min_size=1),
    st.sampled_from(["t*", "t1", "u", "*"]),
)
def test_fewer_names_never_let_more_tools_stay(
    given_tools: tuple[str, ...], names: set[str], more: str
) -> None:
    few, many = tools(names=tuple(names)), tools(names=(*names, more))
    left, right = (
        asked(tools=given_tools).changed(change(one, tools=given_tools) or {}).values["tools"]
        for one in (few, many)
    )
    assert set(left) <= set(right)
