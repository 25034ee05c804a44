"""What the policy demands is written into responses, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import changed, changes_of, with_any_value
from made_up_responses import RESPONSES_BODIES

from gateway.errors import BadRequest, PolicyDenied
from gateway.wire.openai_responses import OpenAIResponses

if TYPE_CHECKING:
    from gateway.terms import Changes, Parameters

FORMAT = OpenAIResponses()
FOLLOWS: dict[str, tuple[str, ...]] = {
    "tools": ("tool_choice", "prompt_chars", "message_chars", "system", "files", "images",
              "tainted"),
    "system": ("images", "audio", "files", "messages", "message_chars", "prompt_chars", "tools",
               "tool_choice", "tainted"),
    "system_prefix": ("prompt_chars",),
    "reasoning_effort": ("prompt_chars", "message_chars"),
}  # fmt: skip
"""What must change along: texts that come or go, and tools that stand in them."""


def body(*items: Any, **members: Any) -> dict[str, Any]:
    return {"model": "gpt-5-mini", "input": [*items], **members}


def asked(request: dict[str, Any]) -> Parameters:
    return FORMAT.read(request).parameters


def unsayable(changes: Changes) -> bool:
    return "reasoning_tokens" in changes or changes.get("n", 1) != 1


@settings(max_examples=300)
@given(RESPONSES_BODIES, st.data())
def test_what_was_demanded_is_what_is_read_and_nothing_else_changes(
    request: dict[str, Any], data: st.DataObject
) -> None:
    before = FORMAT.read(request)
    changes = data.draw(changes_of(before.parameters))
    if unsayable(changes):
        with pytest.raises(PolicyDenied):
            FORMAT.change_request(request, changes)
        return
    after = changed(FORMAT, request, changes)
    expected = before.parameters.changed(changes).values
    loose = {word for change in changes for word in FOLLOWS.get(change, ())}
    for word, values in after.parameters.values.items():
        if word == "system" and "tools" not in changes:
            assert "".join(map(str, values)).replace("\n", "") == "".join(map(str, expected[word]))
        elif word in changes and word not in {"tools", "system"}:
            assert set(values) == set(expected[word])
        elif word == "tools" and "tools" in changes:
            assert set(values) <= set(expected[word])
        elif word not in loose:
            assert values == expected[word], word
    assert after.parameters.foreign <= before.parameters.foreign
    assert (after.model, after.stream) == (before.model, before.stream)


@settings(max_examples=300)
@given(RESPONSES_BODIES, st.data())
def test_texts_of_others_stay_as_they_are(request: dict[str, Any], data: st.DataObject) -> None:
    before = FORMAT.read(request)
    changes: Changes = {
        word: value
        for word, value in data.draw(changes_of(before.parameters)).items()
        if word not in {"reasoning_tokens", "n"}
    }
    after = changed(FORMAT, request, changes)
    for whose in ("user", "assistant", "tool"):
        texts = [text.value for text in before.texts if text.provenance == whose]
        assert [text.value for text in after.texts if text.provenance == whose] == texts


@settings(max_examples=300)
@given(with_any_value(RESPONSES_BODIES), st.data())
def test_any_body_that_is_taken_can_be_changed(
    request: dict[str, Any], data: st.DataObject
) -> None:
    try:
        parameters = asked(request)
    except BadRequest:
        return
    changes = data.draw(changes_of(parameters))
    try:
        after = changed(FORMAT, request, changes).parameters
    except PolicyDenied:
        assert unsayable(changes)
        return
    for word in {"max_tokens", "temperature", "n"}.intersection(changes):
        assert set(after.values[word]) == {changes[word]}


FUNCTION = {"type": "function", "name": "search"}
MAIL = {"type": "function", "name": "mail"}
SERVER = {"type": "mcp", "server_label": "c", "server_url": "https://a.b"}
ALLOWED = {"type": "allowed_tools", "mode": "auto"}


@pytest.mark.parametrize(
    ("request_", "staying", "becomes"),
    [
        ({"tools": [FUNCTION, MAIL]}, ("search",), {"tools": [FUNCTION]}),
        ({"tools": [MAIL], "tool_choice": "auto", "parallel_tool_calls": True}, (), {}),
        (
            {"tools": [MAIL], "tool_choice": "none", "prompt": {"id": "pmpt_1"}},
            (),
            {"tool_choice": "none", "prompt": {"id": "pmpt_1"}},
        ),
        ({"tools": [SERVER]}, ("c", "mcp:c"), {}),
        (
            {"tools": [FUNCTION, MAIL], "tool_choice": MAIL},
            ("search",),
            {"tools": [FUNCTION], "tool_choice": "auto"},
        ),
        (
            {"tools": [FUNCTION, SERVER], "tool_choice": {"type": "mcp", "server_label": "c"}},
            ("search",),
            {"tools": [FUNCTION], "tool_choice": "auto"},
        ),
        (
            {"tools": [FUNCTION, SERVER], "tool_choice": {"type": "mcp", "server_label": "c"}},
            ("search", "mcp:https://a.b"),
            {"tools": [FUNCTION, SERVER], "tool_choice": {"type": "mcp", "server_label": "c"}},
        ),
        (
            {"tools": [FUNCTION, MAIL], "tool_choice": {**ALLOWED, "tools": [FUNCTION, MAIL]}},
            ("search",),
            {"tools": [FUNCTION], "tool_choice": {**ALLOWED, "tools": [FUNCTION]}},
        ),
        (
            {"tools": [FUNCTION, MAIL], "tool_choice": {**ALLOWED, "tools": [MAIL]}},
            ("search",),
            {"tools": [FUNCTION], "tool_choice": "none"},
        ),
        (
            {"input": [{"type": "additional_tools", "role": "developer", "tools": [MAIL]}],
             "tool_choice": "required"},
            (),
            {"input": [{"type": "additional_tools", "role": "developer", "tools": []}]},
        ),
        (
            {"input": [{"type": "tool_search_output", "tools": [MAIL, FUNCTION]}]},
            ("search",),
            {"input": [{"type": "tool_search_output", "tools": [FUNCTION]}]},
        ),
    ],
)  # fmt: skip
def test_a_tool_leaves_every_place_that_defines_it(
    request_: dict[str, Any], staying: tuple[str, ...], becomes: dict[str, Any]
) -> None:
    assert FORMAT.change_request({"model": "m", **request_}, {"tools": staying}) == {
        "model": "m",
        **becomes,
    }


def test_an_effort_is_written_wherever_the_conversation_sets_it() -> None:
    update = {"type": "configuration_update", "reasoning": {"effort": "high"}}
    silent = {"type": "configuration_update", "reasoning": {"effort": None}}
    request = body(update, silent, reasoning={"effort": "max", "summary": "auto"})
    assert FORMAT.change_request(request, {"reasoning_effort": "low"}) == body(
        {**update, "reasoning": {"effort": "low"}},
        silent,
        reasoning={"effort": "low", "summary": "auto"},
    )
    assert request["input"] == [update, silent]


def test_a_system_text_takes_the_place_of_all() -> None:
    user = {"role": "user", "content": "hi"}
    request = body({"role": "system", "content": "obey"}, user, instructions="obey more")
    assert FORMAT.change_request(request, {"system": "be brief"}) == body(
        user, instructions="be brief"
    )
    assert FORMAT.change_request({"model": "m", "input": "hi"}, {"system": "be brief"}) == {
        "model": "m",
        "input": "hi",
        "instructions": "be brief",
    }


def test_a_prefix_comes_before_all_other_system_texts() -> None:
    said = {"role": "system", "content": "and kind"}
    assert FORMAT.change_request(body(said), {"system_prefix": "be brief"}) == body(
        said, instructions="be brief"
    )
    both = body(said, instructions="and calm")
    assert FORMAT.change_request(both, {"system_prefix": "be brief"}) == body(
        said, instructions="be brief\n\nand calm"
    )


@pytest.mark.parametrize(
    "changes", [{"n": 2}, {"reasoning_tokens": 5}, {"response_format": "text"}]
)
def test_what_this_api_cannot_say_is_refused(changes: Changes) -> None:
    with pytest.raises(PolicyDenied):
        FORMAT.change_request(body(), changes)
