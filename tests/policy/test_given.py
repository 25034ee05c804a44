"""What an embedded test's request asks of the model."""

from __future__ import annotations

from typing import Any

from gateway.policy.case_schema import GivenModel
from gateway.policy.given import parameters_of, texts_of
from gateway.policy.probes import PLAIN
from gateway.terms import PARAMETERS


def given(**keys: Any) -> GivenModel:
    return GivenModel.model_validate({"role": "a", "route": "messages", "model": "m", **keys})


def test_a_request_that_says_nothing_is_modest() -> None:
    assert parameters_of(given()) == PLAIN.parameters
    assert set(PLAIN.parameters.values) == set(PARAMETERS)


def test_what_a_test_says_stands_and_is_stated() -> None:
    asked = parameters_of(
        given(parameters={"max_tokens": "4k", "temperature": 1.5, "stream": True, "images": 2})
    )
    assert asked.values["max_tokens"] == (4000,)
    assert asked.values["temperature"] == (1.5,)
    assert asked.values["stream"] == (True,)
    assert asked.values["images"] == (2,)
    assert asked.stated == {"max_tokens", "temperature", "stream", "images"}
    assert asked.values["n"] == PLAIN.parameters.values["n"]


def test_what_is_absent_has_no_value_and_is_not_stated() -> None:
    asked = parameters_of(given(parameters={"max_tokens": "absent", "top_p": "absent"}))
    assert asked.values["max_tokens"] == asked.values["top_p"] == ()
    assert asked.stated == frozenset()


def test_tools_are_names_and_are_chosen_from() -> None:
    asked = parameters_of(given(parameters={"tools": ["search", "mail"]}))
    assert asked.values["tools"] == ("search", "mail")
    assert asked.values["tool_choice"] == ("auto",)
    assert "tool_choice" not in asked.stated
    forced = parameters_of(given(parameters={"tools": ["search"], "tool_choice": "required"}))
    assert forced.values["tool_choice"] == ("required",)
    none = parameters_of(given(parameters={"tools": []}))
    assert (none.values["tools"], none.values["tool_choice"]) == ((), ("none",))
    assert "tools" not in none.stated


def test_the_texts_are_measured_but_for_the_answer() -> None:
    asked = parameters_of(given(system="Be brief.", prompt="12345", tool="123", answer="x" * 99))
    assert asked.values["system"] == ("Be brief.",)
    assert "system" in asked.stated
    assert asked.values["message_chars"] == (9,)
    assert asked.values["prompt_chars"] == (17,)
    assert asked.values["messages"] == (1,)


def test_an_empty_system_text_is_none() -> None:
    assert parameters_of(given(system="", prompt="hi")).values["system"] == ()


def test_what_a_test_says_comes_before_what_is_measured() -> None:
    asked = parameters_of(given(prompt="12345", parameters={"prompt_chars": "1M", "messages": 9}))
    assert (asked.values["prompt_chars"], asked.values["messages"]) == ((10**6,), (9,))
    assert asked.values["message_chars"] == (5,)


def test_texts_keep_their_provenance() -> None:
    texts = texts_of(given(prompt="p", system="s", tool="t", document="d", answer="a"))
    assert dict(texts) == {
        "user": "p", "system": "s", "tool": "t", "document": "d", "answer": "a",
    }  # fmt: skip
