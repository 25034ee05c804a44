"""What the policy demands is written into Gemini's requests, and nothing else changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import GEMINI_BODIES, changed, changes_of, with_any_value

from gateway.errors import BadRequest, PolicyDenied
from gateway.wire.exchange import Target
from gateway.wire.formats import GEMINI

if TYPE_CHECKING:
    from gateway.terms import Changes
    from gateway.wire.exchange import Exchange, Text

TARGET = Target("gemini-3-pro", stream=False)
FOLLOWS: dict[str, tuple[str, ...]] = {
    "tools": ("tool_choice", "prompt_chars", "tainted"),
    "system": ("images", "audio", "files", "prompt_chars", "tainted"),
    "system_prefix": ("prompt_chars",),
    "max_tokens": ("reasoning_tokens",),
}
"""What must change along: texts that come or go, a choice among tools, a bound on thoughts."""


def sayable(changes: Changes) -> bool:
    return changes.get("reasoning_effort") not in {"none", "max"}


def said(exchange: Exchange) -> list[Text]:
    return [text for text in exchange.texts if text.path[0] == "contents"]


@settings(max_examples=400)
@given(GEMINI_BODIES, st.data())
def test_what_was_demanded_is_what_is_read_and_nothing_else_changes(
    request: dict[str, Any], data: st.DataObject
) -> None:
    before = GEMINI.read(request, TARGET)
    changes = data.draw(changes_of(before.parameters))
    if not sayable(changes):
        with pytest.raises(PolicyDenied):
            GEMINI.change_request(request, changes)
        return
    after = changed(GEMINI, request, changes, TARGET)
    expected = before.parameters.changed(changes).values
    loose = {word for change in changes for word in FOLLOWS.get(change, ()) if word not in changes}
    for word, values in after.parameters.values.items():
        if word not in loose:
            assert values == expected[word], word
    assert after.parameters.foreign <= before.parameters.foreign
    assert said(after) == said(before)


@settings(max_examples=300)
@given(with_any_value(GEMINI_BODIES), st.data())
def test_any_body_that_is_taken_can_be_changed(
    request: dict[str, Any], data: st.DataObject
) -> None:
    try:
        parameters = GEMINI.read(request, TARGET).parameters
    except BadRequest:
        return
    changes = data.draw(changes_of(parameters).filter(sayable))
    after = changed(GEMINI, request, changes, TARGET).parameters
    for word in {"max_tokens", "temperature", "reasoning_effort"}.intersection(changes):
        assert after.values[word] == (changes[word],)


@pytest.mark.parametrize(
    ("config", "changes", "becomes"),
    [
        ({"max_output_tokens": 900}, {"max_tokens": 100}, {"max_output_tokens": 100}),
        ({"maxOutputTokens": None}, {"max_tokens": 100.0}, {"maxOutputTokens": 100}),
        ({}, {"top_p": 0.5}, {"topP": 0.5}),
        ({"thinking_config": {"thinking_budget": -1, "include_thoughts": True}},
         {"reasoning_tokens": 0},
         {"thinking_config": {"thinking_budget": 0, "include_thoughts": True}}),
        ({}, {"reasoning_effort": "low"}, {"thinkingConfig": {"thinkingLevel": "LOW"}}),
        ({"thinkingConfig": {"thinkingBudget": 500}}, {"reasoning_effort": "low"},
         {"thinkingConfig": {"thinkingBudget": 500, "thinkingLevel": "LOW"}}),
    ],
)  # fmt: skip
def test_a_setting_is_written_where_and_as_it_stands(
    config: Any, changes: Changes, becomes: Any
) -> None:
    for key in ("generationConfig", "generation_config"):
        written = GEMINI.change_request({"contents": [], key: config}, changes)
        assert written == {"contents": [], key: becomes}


def test_tools_leave_every_place_where_they_are_defined() -> None:
    server = {"name": "files", "streamableHttpTransport": {"url": "https://a.example"}}
    request = {
        "contents": [],
        "tools": [
            {"function_declarations": [{"name": "search"}, {"name": "mail"}], "googleSearch": {}},
            {"functionDeclarations": {"name": "calc"}, "mcpServers": [server]},
            {"code_execution": {}},
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": "mail"}},
    }
    written = GEMINI.change_request(request, {"tools": ("search", "code_execution")})
    assert written["tools"] == [
        {"function_declarations": [{"name": "search"}]},
        {"code_execution": {}},
    ]
    assert written["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}
    kept = GEMINI.change_request(request, {"tools": ("mcp:https://a.example", "mail")})
    assert kept["tools"] == [
        {"function_declarations": [{"name": "mail"}]},
        {"mcpServers": [server]},
    ]
    assert kept["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] == ["mail"]
    none = GEMINI.change_request(request, {"tools": ()})
    assert none == {"contents": []}
    assert "mail" not in json.dumps([written, none])


@pytest.mark.parametrize(
    ("calling", "becomes"),
    [
        ({"mode": "ANY", "allowedFunctionNames": ["a", "b"]},
         {"mode": "ANY", "allowedFunctionNames": ["a"]}),
        ({"mode": "ANY", "allowed_function_names": ["b", "c"]}, {"mode": "NONE"}),
        ({"mode": "NONE"}, {"mode": "NONE"}),
        ({}, {}),
    ],
)  # fmt: skip
def test_a_choice_is_made_among_those_that_stay(calling: Any, becomes: Any) -> None:
    functions = [{"name": name} for name in "abc"]
    body = {
        "contents": [],
        "tools": {"functionDeclarations": functions},
        "toolConfig": {"functionCallingConfig": calling, "retrievalConfig": {}},
    }
    written = GEMINI.change_request(body, {"tools": ("a",)})
    assert written["toolConfig"] == {"functionCallingConfig": becomes, "retrievalConfig": {}}


def test_a_choice_goes_with_the_last_tool() -> None:
    calling = {"functionCallingConfig": {"mode": "ANY"}}
    held = {"contents": [], "toolConfig": calling, "cachedContent": "cachedContents/c"}
    assert GEMINI.change_request(held, {"tools": ()}) == held
    body: dict[str, Any] = {"contents": [], "toolConfig": calling}
    assert GEMINI.change_request(body, {"tools": ()}) == {"contents": []}
    body["toolConfig"] = {**calling, "retrievalConfig": {}}
    assert GEMINI.change_request(body, {"tools": ()})["toolConfig"] == {"retrievalConfig": {}}


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize("parts", [{"text": "obey"}, [{"text": "obey"}]])
def test_a_system_text_is_replaced_or_begun(key: str, parts: Any) -> None:
    body = {"contents": [], key: {"role": "user", "parts": parts}}
    assert GEMINI.change_request(body, {"system": "be brief"})[key] == {
        "parts": [{"text": "be brief"}]
    }
    assert GEMINI.change_request(body, {"system_prefix": "be brief"})[key] == {
        "role": "user",
        "parts": [{"text": "be brief"}, {"text": "obey"}],
    }


def test_what_cannot_be_said_is_refused() -> None:
    changes: list[Changes] = [{"images": 0}, {"reasoning_effort": "none"}, {"max_tokens": 1.5}]
    for change in changes:
        with pytest.raises(PolicyDenied):
            GEMINI.change_request({"contents": []}, change)
