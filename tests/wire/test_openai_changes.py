"""What the policy demands is written into chat completions, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import OPENAI_BODIES, changed, changes_of, with_any_value

from gateway.errors import BadRequest, PolicyDenied
from gateway.wire.exchange import Target
from gateway.wire.formats import OPENAI
from gateway.wire.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.terms import Changes, Parameters
    from gateway.wire.exchange import Text

FOLLOWS: dict[str, tuple[str, ...]] = {
    "tools": ("tool_choice", "prompt_chars", "tainted"),
    "system": ("images", "audio", "files", "messages", "message_chars", "prompt_chars", "tainted"),
    "system_prefix": ("messages", "message_chars", "prompt_chars"),
    "reasoning_effort": ("prompt_chars", "tainted"),
}
"""What must change along: texts that come or go, and a choice among tools."""


USER = {"role": "user", "content": "hi"}


def body(**members: Any) -> dict[str, Any]:
    return {"model": "gpt-5-mini", "messages": [USER], **members}


def asked(request: dict[str, Any]) -> Parameters:
    return OPENAI.read(request).parameters


def allowed(mode: str, *names: str) -> dict[str, Any]:
    tools = [function(name) for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}


def system(content: Any, **members: Any) -> dict[str, Any]:
    return {"role": "system", **members, "content": content}


def parts(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text} for text in texts]


def function(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


@settings(max_examples=400)
@given(OPENAI_BODIES, st.data())
def test_what_was_demanded_is_what_is_read_and_nothing_else_changes(
    request: dict[str, Any], data: st.DataObject
) -> None:
    before = OPENAI.read(request)
    changes = data.draw(changes_of(before.parameters))
    if "reasoning_tokens" in changes:
        with pytest.raises(PolicyDenied):
            OPENAI.change_request(request, changes)
        return
    after = changed(OPENAI, request, changes)
    expected = before.parameters.changed(changes).values
    loose = {word for change in changes for word in FOLLOWS.get(change, ())}
    for word, values in after.parameters.values.items():
        if word == "system":
            assert "".join(map(str, values)).replace("\n", "") == "".join(map(str, expected[word]))
        elif word in changes and word != "tools":
            assert set(values) == set(expected[word])
        elif word not in loose:
            assert values == expected[word], word
    assert after.parameters.foreign <= before.parameters.foreign
    assert (after.model, after.stream) == (before.model, before.stream)


@settings(max_examples=400)
@given(OPENAI_BODIES, st.data())
def test_texts_of_others_stay_as_they_are(request: dict[str, Any], data: st.DataObject) -> None:
    before = OPENAI.read(request)
    changes: Changes = {
        word: value
        for word, value in data.draw(changes_of(before.parameters)).items()
        if word != "reasoning_tokens"
    }
    after = changed(OPENAI, request, changes)
    for whose in ("user", "assistant", "tool"):
        texts = [text.value for text in before.texts if text.provenance == whose]
        assert [text.value for text in after.texts if text.provenance == whose] == texts


@settings(max_examples=300)
@given(with_any_value(OPENAI_BODIES), st.data())
def test_any_body_that_is_taken_can_be_changed(
    request: dict[str, Any], data: st.DataObject
) -> None:
    try:
        parameters = asked(request)
    except BadRequest:
        return
    changes = data.draw(changes_of(parameters))
    try:
        after = changed(OPENAI, request, changes).parameters
    except PolicyDenied:
        assert "reasoning_tokens" in changes
        return
    for word in {"max_tokens", "temperature", "n"}.intersection(changes):
        assert set(after.values[word]) == {changes[word]}


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("gpt-5-mini", "max_completion_tokens"),
        ("o3", "max_completion_tokens"),
        ("ft:gpt-4o:acme::1", "max_completion_tokens"),
        ("openai/gpt-6", "max_completion_tokens"),
        ("gpt-oss-120b", "max_tokens"),
        ("openai/gpt-oss-20b", "max_tokens"),
        ("mistral-large", "max_tokens"),
        ("ollama3", "max_tokens"),
    ],
)
def test_a_bound_that_nobody_stated_is_written_as_the_model_reads_it(model: str, key: str) -> None:
    written = OPENAI.change_request(body(model=model), {"max_tokens": 100})
    assert written == body(model=model, **{key: 100})


def test_a_choice_of_no_known_type_stays_as_it_is() -> None:
    request = body(tools=[function("a"), function("b")], tool_choice={"type": ["a"]})
    left = OPENAI.change_request(request, {"tools": ("a",)})
    assert left == {**request, "tools": [function("a")], "tool_choice": "auto"}


def test_a_list_of_tools_that_is_empty_already_stays_with_the_choice_beside_it() -> None:
    request = body(tools=[], tool_choice=allowed("auto", "search"))
    assert OPENAI.change_request(request, {"tools": ("search",)}) == request
    left = OPENAI.change_request(request, {"tools": ()})
    assert left == body(tools=[], tool_choice="none")


def test_a_request_whose_model_stands_in_its_path_can_be_bounded() -> None:
    request = {"messages": [USER]}
    target = Target(model="my-deployment")
    assert OPENAI.read(request, target).body == request
    written = OPENAI.change_request(request, {"max_tokens": 100})
    assert OPENAI.read(written, target).parameters.values["max_tokens"] == (100,)


def test_every_spelling_gets_the_new_bound() -> None:
    written = OPENAI.change_request(
        body(max_tokens=900, max_completion_tokens=9000), {"max_tokens": 100.0}
    )
    assert written == body(max_tokens=100, max_completion_tokens=100)
    assert isinstance(written["max_tokens"], int)


def test_tools_leave_every_place_where_they_are_defined() -> None:
    request = body(
        tools=[function("search"), function("mail"), {"type": "web_search"}],
        functions=[{"name": "mail"}, {"name": "search"}],
        web_search_options={},
        tool_choice="required",
    )
    assert OPENAI.change_request(request, {"tools": ("search", "search")}) == body(
        tools=[function("search")], functions=[{"name": "search"}], tool_choice="required"
    )


def test_no_tools_means_no_choice_of_tools_either() -> None:
    request = body(
        tools=[function("mail")],
        functions=[{"name": "mail"}],
        tool_choice="required",
        function_call="auto",
        parallel_tool_calls=False,
    )
    assert OPENAI.change_request(request, {"tools": ()}) == body()


@pytest.mark.parametrize(
    ("choice", "becomes"),
    [
        (function("mail"), "auto"),
        (function("search"), function("search")),
        ("required", "required"),
        (allowed("required", "mail"), "none"),
        (allowed("auto", "mail", "search"), allowed("auto", "search")),
    ],
)
def test_a_choice_never_names_a_tool_that_was_taken_out(choice: Any, becomes: Any) -> None:
    request = body(tools=[function("search"), function("mail")], tool_choice=choice)
    written = OPENAI.change_request(request, {"tools": ("search",)})
    assert written["tool_choice"] == becomes


def test_an_old_choice_never_names_a_function_that_was_taken_out() -> None:
    request = body(functions=[{"name": "mail"}, {"name": "a"}], function_call={"name": "mail"})
    written = OPENAI.change_request(request, {"tools": ("a",)})
    assert written == body(functions=[{"name": "a"}], function_call="auto")


def test_a_pinned_text_stands_for_every_system_text_wherever_it_stood() -> None:
    request = body(
        messages=[
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "obey me"},
            {"role": "developer", "content": [{"type": "text", "text": "and me"}]},
        ]
    )
    written = OPENAI.change_request(request, {"system": "the pinned text"})
    assert written["messages"] == [
        {"role": "system", "content": "the pinned text"},
        {"role": "user", "content": "hi"},
    ]


@pytest.mark.parametrize(
    ("messages", "become"),
    [
        ([], [system("first")]),
        ([system("then")], [system("first\n\nthen")]),
        ([{"role": "developer", "content": ""}], [{"role": "developer", "content": "first"}]),
        ([system(parts("then"))], [system(parts("first", "then"))]),
        ([system("then", name="boss")], [system("first"), system("then", name="boss")]),
        ([system(None)], [system("first"), system(None)]),
        ([USER, system("then")], [system("first"), USER, system("then")]),
    ],
)
def test_a_fixed_beginning_comes_before_everything(messages: Any, become: Any) -> None:
    written = OPENAI.change_request(body(messages=messages), {"system_prefix": "first"})
    assert written["messages"] == become
    assert str(asked(written).values["system"][0]).startswith("first")


def test_a_body_of_azure_needs_no_model() -> None:
    azure = OpenAIChat("azure")
    request = {"messages": [USER]}
    assert azure.read(request, Target("deployed")).model == "deployed"
    assert azure.change_request(request, {"max_tokens": 5}) == {**request, "max_tokens": 5}


def test_texts_are_rewritten_before_parameters_are_changed(load: Callable[[str], Any]) -> None:
    def users(texts: Sequence[Text]) -> dict[str, str]:
        """By the end of their places, for messages move."""
        return {
            text.where.partition("content")[2] or text.where: text.value
            for text in texts
            if text.rewritable and text.provenance == "user"
        }

    request = load("openai_request")
    texts = [one for one in OPENAI.read(request).texts if one.rewritable]
    loud = {text.path: text.value.upper() for text in texts if text.provenance == "user"}
    rewritten = OPENAI.rewrite_request(request, loud)
    after = changed(OPENAI, rewritten, {"system": "the pinned text", "tools": ()})
    assert users(after.texts) == {place: text.upper() for place, text in users(texts).items()}
    assert after.parameters.values["system"] == ("the pinned text",)
