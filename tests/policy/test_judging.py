"""Many conditions judged at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asking import asked, at_least, at_most, one_of, tools
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_policies import CONDITIONS, PARAMETERS

from gateway.policy.judging import Judging
from gateway.policy.matrix import Bounds, Condition, judge

if TYPE_CHECKING:
    from gateway.terms import Parameters

NAN = float("nan")


@settings(max_examples=300)
@given(st.lists(CONDITIONS, max_size=6), st.lists(PARAMETERS, min_size=2, max_size=6))
def test_requests_with_one_key_are_judged_alike(
    conditions: list[Condition], requests: list[Parameters]
) -> None:
    judging = Judging(conditions)
    judged: dict[object, list[bool | None]] = {}
    for parameters in requests:
        truths = [judge(one, parameters) for one in conditions]
        assert judged.setdefault(judging.key(parameters), truths) == truths


VALUES = [0, 0.5, 1, 1.5, 2, 3, True, "x", NAN]


@given(
    st.lists(
        st.builds(
            Bounds,
            st.none() | st.sampled_from([1, 2]),
            st.none() | st.sampled_from([1, 2]),
            st.none() | st.just((1, 2)),
        ),
        min_size=2,
        max_size=4,
    ),
    st.lists(st.sampled_from(VALUES), max_size=2).map(tuple),
    st.lists(st.sampled_from(VALUES), max_size=2).map(tuple),
)
def test_values_in_one_place_are_judged_alike(
    bounds: list[Bounds], one: tuple[object, ...], other: tuple[object, ...]
) -> None:
    conditions = [Condition("n", bounds=each) for each in bounds]
    judging = Judging(conditions)
    if judging.key(asked(n=one)) == judging.key(asked(n=other)):
        for condition in conditions:
            assert judge(condition, asked(n=one)) is judge(condition, asked(n=other))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (0, 1, True),
        (1, 2, False),
        (2, 2.5, False),
        (2.5, 2.9, True),
        (2.5, 3, False),
        (3, 5, True),
        (1, True, False),
        ("x", NAN, True),
    ],
)
def test_keys_are_no_finer_than_the_bounds(one: object, other: object, alike: object) -> None:
    judging = Judging([at_most("n", 1), at_least("n", 3), one_of("n", 2)])
    same = judging.key(asked(n=one)) == judging.key(asked(n=other))
    assert same is alike


def test_whether_a_parameter_is_named_is_part_of_the_key_where_it_is_asked() -> None:
    named = Condition("n", present=True, bounds=Bounds(lte=2))
    for other in (Condition("n", present=False), at_most("n", 3)):
        judging = Judging([named, other])
        assert judging.key(asked("n", n=1)) != judging.key(asked(n=1))
    assert Judging([at_most("n", 1)]).key(asked("n", n=1)) == Judging([at_most("n", 1)]).key(
        asked(n=1)
    )


def test_without_conditions_there_is_nothing_to_judge() -> None:
    assert not Judging([])
    assert Judging([tools(present=True)])
    assert Judging([at_most("n", 1), at_most("n", 2)])


def test_attack_a_key_holds_no_text_of_a_request() -> None:
    conditions = [
        Condition("system", prefix="S"),
        tools(names=("t",)),
        one_of("tool_choice", "auto"),
        at_most("reasoning_effort", "low"),
        at_most("reasoning_effort", "high"),
    ]
    values = dict.fromkeys(("system", "tools", "tool_choice", "reasoning_effort"), "a secret")
    assert "secret" not in repr(Judging(conditions).key(asked(**values)))
