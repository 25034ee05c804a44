"""Conditions: what holds, what does not, and what the gateway cannot tell."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from asking import asked, at_least, at_most, one_of, system, tools
from hypothesis import given
from hypothesis import strategies as st
from made_up_policies import CONDITIONS, PARAMETERS, WORDS

from gateway.policy.globs import MAX_MODEL
from gateway.policy.matrix import (
    Bounds,
    Condition,
    describe,
    judge,
    known,
    name_matches,
    possibly,
    rank,
    surely,
)
from gateway.terms import EFFORTS, Parameters
from gateway.terms import PARAMETERS as ALL_WORDS


@pytest.mark.parametrize(
    ("condition", "parameters", "truth"),
    [
        # Bounds of numbers
        (at_most("max_tokens", 10), asked(max_tokens=10), True),
        (at_most("max_tokens", 10), asked(max_tokens=11), False),
        (at_most("max_tokens", 10), asked(max_tokens=10**400), False),
        (at_most("max_tokens", 10), asked(), None),
        (at_most("max_tokens", 10), asked(max_tokens=()), None),
        (at_most("max_tokens", 10), asked(max_tokens=(5, 6)), True),
        (at_most("max_tokens", 10), asked(max_tokens=(5, 60)), None),
        (at_most("max_tokens", 10), asked(max_tokens=(50, 60)), False),
        (at_most("max_tokens", 10), asked(max_tokens="5"), None),
        (at_most("max_tokens", 10), asked(max_tokens=True), None),
        (at_most("max_tokens", 10), asked(max_tokens=(5, True)), None),
        (at_most("temperature", 1.0), asked(temperature=1), True),
        (at_most("temperature", 1.0), asked(temperature=float("nan")), None),
        (at_most("temperature", 1.0), asked(temperature=float("inf")), False),
        (at_most("temperature", 1.0), asked(temperature=float("-inf")), True),
        (at_least("n", 2), asked(n=2), True),
        (at_least("n", 2), asked(n=1), False),
        (Condition("n", bounds=Bounds(gte=2, lte=3)), asked(n=4), False),
        (one_of("n", 1, 3), asked(n=3), True),
        (one_of("n", 1, 3), asked(n=3.0), True),
        (one_of("n", 1, 3), asked(n=2), False),
        (one_of("n", 1, 3), asked(n=True), None),
        # Efforts
        (at_most("reasoning_effort", "low"), asked(reasoning_effort="minimal"), True),
        (at_most("reasoning_effort", "low"), asked(reasoning_effort="medium"), False),
        (at_most("reasoning_effort", "low"), asked(reasoning_effort="ultra"), None),
        (at_most("reasoning_effort", "low"), asked(reasoning_effort=1), None),
        (
            Condition("reasoning_effort", bounds=Bounds(gte="low", lte="high")),
            asked(reasoning_effort="none"),
            False,
        ),
        (
            one_of("reasoning_effort", "none", "low"),
            asked(reasoning_effort="low"),
            True,
        ),
        # Words and switches
        (one_of("stream", True), asked(stream=True), True),
        (one_of("stream", True), asked(stream=False), False),
        (one_of("stream", True), asked(stream=1), None),
        (one_of("stream", False), asked(stream="false"), None),
        (one_of("tool_choice", "auto"), asked(tool_choice="auto"), True),
        (one_of("tool_choice", "auto"), asked(tool_choice="any"), False),
        (one_of("tool_choice", "auto"), asked(tool_choice=7), None),
        (Condition("tool_choice", bounds=Bounds()), asked(tool_choice="auto"), False),
        # Presence
        (Condition("temperature", present=True), asked("temperature", temperature=1), True),
        (Condition("temperature", present=True), asked(temperature=1), False),
        (Condition("temperature", present=False), asked(temperature=1), True),
        (Condition("temperature", present=False), asked("temperature"), False),
        (Condition("images", present=True), asked(images=2), True),
        (Condition("images", present=True), asked(images=0), False),
        (Condition("images", present=True), asked(images=(0, 2)), True),
        (Condition("images", present=True), asked(), None),
        (Condition("audio", present=True), asked("audio", audio=0), True),
        (Condition("files", present=False), asked(files=0), True),
        (Condition("files", present=False), asked(files=1), False),
        (Condition("max_tokens", present=True, bounds=Bounds(lte=9)), asked(max_tokens=5), False),
        (
            Condition("max_tokens", present=True, bounds=Bounds(lte=9)),
            asked("max_tokens", max_tokens=5),
            True,
        ),
        (Condition("max_tokens", present=True, bounds=Bounds(lte=9)), asked("max_tokens"), None),
        # Tools
        (tools(present=True), asked(tools=("a",)), True),
        (tools(present=True), asked("tools", tools=()), False),
        (tools(present=False), asked(), True),
        (tools(names=("a", "b*")), asked(tools=("a", "bc")), True),
        (tools(names=("a", "b*")), asked(tools=("a", "c")), False),
        (tools(names=("a", "b*")), asked(tools=()), True),
        (tools(names=()), asked(tools=("a",)), False),
        (tools(names=("*",)), asked(tools=("a" * (MAX_MODEL + 1),)), None),
        (tools(names=("*",)), asked(tools=("a" * MAX_MODEL,)), True),
        (tools(names=("b",)), asked(tools=("c", "a" * (MAX_MODEL + 1))), False),
        (tools(names=("a",)), asked(tools=(7,)), None),
        (tools(any_name=("b*",)), asked(tools=("a", "bc")), True),
        (tools(any_name=("b*",)), asked(tools=("a",)), False),
        (tools(any_name=("b*",)), asked(tools=()), False),
        (tools(any_name=("b*",)), asked(tools=("a", "x" * (MAX_MODEL + 1))), None),
        (tools(any_name=("b*",)), asked(tools=("b", "x" * (MAX_MODEL + 1))), True),
        (tools(count=Bounds(lte=2)), asked(tools=("a", "b")), True),
        (tools(count=Bounds(lte=2)), asked(tools=("a", "b", "c")), False),
        (tools(names=("a",), count=Bounds(lte=1)), asked(tools=("a", "a")), False),
        # System texts
        (system(present=True), asked(system="be brief"), True),
        (system(present=False), asked(system=()), True),
        (system(pinned="be brief"), asked(system="be brief"), True),
        (system(pinned="be brief"), asked(system=("be brief", "no")), False),
        (system(pinned="be brief"), asked(), False),
        (system(prefix="be"), asked(system=("be brief", "no")), True),
        (system(prefix="be"), asked(system=("no", "be brief")), False),
        (system(prefix="be"), asked(), False),
    ],
)  # fmt: skip
def test_what_holds(condition: Condition, parameters: Parameters, truth: Any) -> None:
    assert judge(condition, parameters) is truth
    assert surely(condition, parameters) is (truth is True)
    assert possibly(condition, parameters) is (truth is not False)


@given(CONDITIONS, PARAMETERS)
def test_attack_what_is_not_known_is_neither_sure_nor_impossible(
    condition: Condition, parameters: Parameters
) -> None:
    word = frozenset({condition.word})
    spelt = Parameters(parameters.values, parameters.stated, word, frozenset())
    mute = Parameters(parameters.values, parameters.stated, frozenset(), word)
    for unknown in (None, spelt, mute):
        assert not surely(condition, unknown)
        assert possibly(condition, unknown)


@given(CONDITIONS, PARAMETERS, st.sampled_from(WORDS))
def test_only_its_own_parameter_matters(
    condition: Condition, parameters: Parameters, word: str
) -> None:
    if word != condition.word:
        values = {key: value for key, value in parameters.values.items() if key != word}
        others = Parameters(
            MappingProxyType(values),
            parameters.stated ^ {word},
            parameters.foreign ^ {word},
            parameters.inexpressible ^ {word},
        )
        assert judge(condition, others) is judge(condition, parameters)


@given(st.sampled_from(["max_tokens", "temperature"]), PARAMETERS, st.integers(0, 4))
def test_a_tighter_bound_holds_for_less(word: str, parameters: Parameters, most: int) -> None:
    tight, loose = at_most(word, most), at_most(word, most + 1)
    assert surely(tight, parameters) <= surely(loose, parameters)
    assert possibly(tight, parameters) <= possibly(loose, parameters)


def test_a_parameter_is_known_if_the_format_can_say_it_and_it_is_said_so() -> None:
    parameters = Parameters({}, frozenset(), frozenset({"n"}), frozenset({"top_p"}))
    assert [known(word, parameters) for word in ("n", "top_p", "stream")] == [False, False, True]


@pytest.mark.parametrize(
    ("word", "value", "place"),
    [
        ("n", 3, 3),
        ("temperature", 0.5, 0.5),
        ("n", True, None),
        ("n", "3", None),
        ("n", None, None),
        ("n", float("nan"), None),
        ("reasoning_effort", "none", 0),
        ("reasoning_effort", "max", len(EFFORTS) - 1),
        ("reasoning_effort", "odd", None),
        ("reasoning_effort", 2, None),
        ("stream", 1, None),
        ("tool_choice", 1, None),
    ],
)
def test_the_order_of_values(word: str, value: Any, place: float | None) -> None:
    assert rank(word, value) == place


def test_names_of_tools_match_as_names_of_models_do() -> None:
    assert name_matches(("search", "calendar.*"), "calendar.read")
    assert not name_matches(("search", "calendar.*"), "Search")
    assert not name_matches((), "search")
    assert not name_matches(("*",), "x" * (MAX_MODEL + 1))


@pytest.mark.parametrize(
    "said",
    [
        {"word": "prompt"},
        {"word": "n", "bounds": Bounds(lte="low")},
        {"word": "n", "bounds": Bounds(gte=float("nan"))},
        {"word": "n", "bounds": Bounds(lte=True)},
        {"word": "reasoning_effort", "bounds": Bounds(lte="little")},
        {"word": "reasoning_effort", "bounds": Bounds(gte=1)},
        {"word": "stream", "bounds": Bounds(lte=1)},
        {"word": "tools", "count": Bounds(gte="two")},
    ],
)
def test_a_condition_that_could_never_be_judged_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no parameter|no such bound"):
        Condition(**said)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (at_most("max_tokens", 4096), "max_tokens <= 4096"),
        (Condition("n", bounds=Bounds(gte=1, lte=2)), "n >= 1 and n <= 2"),
        (one_of("stream", False), "stream = false"),
        (one_of("n", 1, 2), "n one of 1, 2"),
        (at_most("reasoning_effort", "low"), "reasoning_effort <= low"),
        (Condition("images", present=False), "images absent"),
        (Condition("n", present=True, bounds=Bounds(lte=5)), "n present and n <= 5"),
        (tools(names=("search", "cal.*")), "tools only of search, cal.*"),
        (tools(names=()), "tools only of no name"),
        (tools(any_name=("sh*",)), "one of tools sh*"),
        (tools(count=Bounds(lte=3)), "number of tools <= 3"),
        (system(pinned="SECRET"), "the pinned system text"),
        (system(prefix="SECRET"), "the system text's fixed beginning"),
    ],
)  # fmt: skip
def test_a_condition_in_words(condition: Condition, words: str) -> None:
    assert describe(condition) == words


@given(CONDITIONS)
def test_every_condition_has_words_and_names_its_parameter(condition: Condition) -> None:
    assert condition.word in describe(condition)


def test_every_parameter_can_be_spoken_of() -> None:
    assert [Condition(word, present=True).word for word in ALL_WORDS] == list(ALL_WORDS)
