"""What completions without a conversation ask for, and how that is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import changed, changes_of, with_any_value

from gateway.errors import BadRequest, PolicyDenied
from gateway.wire.openai_completion_parameters import VOCABULARY
from gateway.wire.openai_completions import OpenAICompletions

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Parameters

FORMAT = OpenAICompletions()
SAYABLE: Final = {"max_tokens", "temperature", "top_p", "n"}
TEXTS: Final = st.sampled_from(["", "be brief", "hello"])
WHOLE: Final = st.integers(0, 4000) | st.none()
SHARE: Final = st.floats(0, 2) | st.integers(0, 2)
BODIES: Final[st.SearchStrategy[dict[str, Any]]] = st.fixed_dictionaries(
    {"model": st.just("gpt-3.5-turbo-instruct")},
    optional={
        "prompt": TEXTS | st.lists(TEXTS, max_size=4) | st.none(),
        "suffix": TEXTS,
        "stop": st.lists(TEXTS, max_size=2),
        "max_tokens": WHOLE,
        "temperature": SHARE,
        "top_p": SHARE,
        "n": WHOLE,
        "best_of": WHOLE,
        "stream": st.booleans(),
        "num_predict": st.just(5),
        "messages": st.just([{"role": "user", "content": "hi"}]),
    },
)


def asked(prompt: Any = "hi", **members: Any) -> Parameters:
    return FORMAT.read({"model": "m", "prompt": prompt, **members}).parameters


def written(changes: dict[str, Any], prompt: Any = "hi", **members: Any) -> dict[str, Any]:
    body = FORMAT.change_request({"prompt": prompt, **members}, changes)
    assert body.pop("prompt") == prompt
    return body


def test_a_request_that_says_nothing_asks_for_the_defaults_of_the_api() -> None:
    parameters = asked()
    measured = {"messages": (1,), "message_chars": (2,), "prompt_chars": (2,), "tainted": (False,)}
    assert parameters.values == {**VOCABULARY.defaults, **measured}
    assert parameters.values["max_tokens"] == (16,)
    assert parameters.foreign == frozenset()
    assert parameters.inexpressible == {"reasoning_effort", "reasoning_tokens", "system"}


def test_every_parameter_of_a_full_request_is_read(load: Callable[[str], Any]) -> None:
    parameters = FORMAT.read(load("openai_completion_request")).parameters
    said = {word: parameters.values[word] for word in parameters.stated}
    assert said == {
        "max_tokens": (100,),
        "temperature": (0.5,),
        "top_p": (0.9,),
        "n": (6, 4),
        "stream": (True,),
        "messages": (2,),
        "message_chars": (16,),
        "prompt_chars": (90,),
        "tainted": (True,),
    }


def test_each_prompt_has_its_answers_and_candidates_count_as_answers() -> None:
    assert asked(["a", "b", "c"]).values["n"] == (3,)
    assert asked(["a", "b", "c"], n=2).values["n"] == (6,)
    assert asked(["a"], n=2, best_of=5).values["n"] == (2, 5)
    assert asked([]).values["n"] == (1,)


def test_what_the_api_does_not_have_is_foreign() -> None:
    assert asked(messages=[]).foreign == {"messages", "message_chars"}
    assert asked(guided_json={}).foreign == {"response_format"}
    assert asked(tools=[{"type": "function"}]).foreign == {"tools"}


def test_answers_are_written_for_each_prompt() -> None:
    assert written({"n": 2}) == {"n": 2}
    assert written({"n": 2}, n=9, best_of=20) == {"n": 2, "best_of": 2}
    assert written({"n": 2}, best_of=20) == {"best_of": 2}
    assert written({"n": 7}, ["a", "b", "c"], n=9) == {"n": 2}


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(PolicyDenied):
        written({"n": 2}, ["a", "b", "c"])
    for word in ("system", "system_prefix", "tools", "reasoning_effort", "reasoning_tokens"):
        with pytest.raises(PolicyDenied):
            written({word: "x"})


@settings(max_examples=300)
@given(BODIES, st.data())
def test_what_was_demanded_is_what_is_read_and_nothing_else_changes(
    request: dict[str, Any], data: st.DataObject
) -> None:
    before = FORMAT.read(request)
    demanded = data.draw(changes_of(before.parameters))
    changes = {word: value for word, value in demanded.items() if word in SAYABLE}
    prompts = max(1, before.parameters.values["messages"][0])
    if int(changes.get("n", prompts)) < int(prompts):  # type: ignore[arg-type]
        with pytest.raises(PolicyDenied):
            FORMAT.change_request(request, changes)
        return
    after = changed(FORMAT, request, changes)
    found = dict(after.parameters.values)
    for word, values in before.parameters.changed(changes).values.items():
        if word == "n" and word in changes:
            (answers,) = set(found[word])
            assert int(values[0]) - int(prompts) < int(answers) <= int(values[0])
        elif word in changes:
            assert set(found[word]) == set(values)
        else:
            assert found[word] == values
    assert [text.value for text in after.texts] == [text.value for text in before.texts]
    assert (after.model, after.stream) == (before.model, before.stream)


@settings(max_examples=200)
@given(with_any_value(BODIES), st.data())
def test_any_body_that_is_taken_can_be_changed_or_is_refused(
    request: dict[str, Any], data: st.DataObject
) -> None:
    try:
        parameters = FORMAT.read(request).parameters
    except BadRequest:
        return
    changes = data.draw(changes_of(parameters))
    if set(changes) <= SAYABLE - {"n"}:
        FORMAT.change_request(request, changes)
    elif set(changes) - SAYABLE:
        with pytest.raises(PolicyDenied):
            FORMAT.change_request(request, changes)
