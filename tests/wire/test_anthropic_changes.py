"""What the policy demands is written into messages, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import ANTHROPIC_BODIES, changed, changes_of, with_any_value

from gateway.errors import BadRequest, PolicyDenied
from gateway.wire.formats import ANTHROPIC

if TYPE_CHECKING:
    from gateway.terms import Changes, Parameters

FOLLOWS: dict[str, tuple[str, ...]] = {
    "tools": ("tool_choice", "prompt_chars", "tainted"),
    "system": ("images", "files", "messages", "message_chars", "prompt_chars", "tainted"),
    "system_prefix": ("prompt_chars",),
    "max_tokens": ("reasoning_tokens",),
}
"""What must change along: texts that come or go, a choice among tools, a budget in another."""

SEARCH = {"name": "search", "input_schema": {"type": "object"}}
MAIL = {"name": "mail", "input_schema": {"type": "object"}}


def body(**members: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "hi"}]
    return {"model": "claude-sonnet-5", "max_tokens": 4000, "messages": messages, **members}


def sayable(changes: Changes) -> bool:
    return changes.get("n", 1) == 1 and changes.get("reasoning_effort") not in {"none", "minimal"}


def check_budget(changes: Changes, after: Parameters) -> None:
    """It is what was demanded, or less where the API takes no such budget."""
    wanted, values = changes["reasoning_tokens"], after.values["reasoning_tokens"]
    most = max((int(value) for value in after.values["max_tokens"]), default=1 << 30)
    assert isinstance(wanted, int)
    if 1024 <= wanted < most:
        assert values == (wanted,)
    else:
        assert values == ((most - 1,) if most <= wanted and most > 1024 else (0,))


@settings(max_examples=400)
@given(ANTHROPIC_BODIES, st.data())
def test_what_was_demanded_is_what_is_read_and_nothing_else_changes(
    request: dict[str, Any], data: st.DataObject
) -> None:
    before = ANTHROPIC.read(request)
    changes = data.draw(changes_of(before.parameters))
    if not sayable(changes):
        with pytest.raises(PolicyDenied):
            ANTHROPIC.change_request(request, changes)
        return
    after = changed(ANTHROPIC, request, changes)
    expected = before.parameters.changed(changes).values
    loose = {word for change in changes for word in FOLLOWS.get(change, ())}
    for word, values in after.parameters.values.items():
        if word == "system":
            assert "".join(map(str, values)).replace("\n", "") == "".join(map(str, expected[word]))
        elif word == "reasoning_tokens" and word in changes:
            check_budget(changes, after.parameters)
        elif word not in loose:
            assert values == expected[word], word
    assert after.parameters.foreign <= before.parameters.foreign
    for whose in ("user", "assistant"):
        texts = [text.value for text in before.texts if text.provenance == whose]
        assert [text.value for text in after.texts if text.provenance == whose] == texts


@settings(max_examples=300)
@given(with_any_value(ANTHROPIC_BODIES), st.data())
def test_any_body_that_is_taken_can_be_changed(
    request: dict[str, Any], data: st.DataObject
) -> None:
    try:
        parameters = ANTHROPIC.read(request).parameters
    except BadRequest:
        return
    changes = data.draw(changes_of(parameters).filter(sayable))
    after = changed(ANTHROPIC, request, changes).parameters
    for word in {"max_tokens", "temperature", "reasoning_effort"}.intersection(changes):
        assert after.values[word] == (changes[word],)


@pytest.mark.parametrize(
    ("thinking", "changes", "becomes"),
    [
        ({"type": "enabled", "budget_tokens": 3000}, {"reasoning_tokens": 2000},
         {"type": "enabled", "budget_tokens": 2000}),
        ({"type": "adaptive", "display": "omitted"}, {"reasoning_tokens": 2000},
         {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}),
        (None, {"reasoning_tokens": 0}, {"type": "disabled"}),
        ({"type": "enabled", "budget_tokens": 3000}, {"reasoning_tokens": 1023},
         {"type": "disabled"}),
        ({"type": "enabled", "budget_tokens": 3000}, {"max_tokens": 2000},
         {"type": "enabled", "budget_tokens": 1999}),
        ({"type": "enabled", "budget_tokens": 3000}, {"max_tokens": 1024}, {"type": "disabled"}),
        ({"type": "enabled", "budget_tokens": 1500}, {"max_tokens": 2000},
         {"type": "enabled", "budget_tokens": 1500}),
        ({"type": "adaptive"}, {"max_tokens": 10}, {"type": "adaptive"}),
    ],
)  # fmt: skip
def test_a_budget_for_thinking_stays_one_that_the_api_takes(
    thinking: Any, changes: Changes, becomes: Any
) -> None:
    assert ANTHROPIC.change_request(body(thinking=thinking), changes)["thinking"] == becomes


def test_tools_servers_and_skills_leave_every_place_where_they_are_defined() -> None:
    request = body(
        tools=[
            SEARCH,
            MAIL,
            {"type": "web_search_20250305", "name": "web_search"},
            {"type": "mcp_toolset", "mcp_server_name": "files"},
            {"type": "mcp_toolset", "mcp_server_name": "other"},
        ],
        mcp_servers=[
            {"type": "url", "name": "files", "url": "https://mcp.example.com/files"},
            {"type": "url", "name": "other", "url": "https://evil.example"},
        ],
        container={"id": "c", "skills": [{"type": "anthropic", "skill_id": "pdf"}]},
        tool_choice={"type": "any"},
    )
    staying = ("search", "mcp:https://mcp.example.com/files")
    assert ANTHROPIC.change_request(request, {"tools": staying}) == body(
        tools=[SEARCH, {"type": "mcp_toolset", "mcp_server_name": "files"}],
        mcp_servers=[{"type": "url", "name": "files", "url": "https://mcp.example.com/files"}],
        container={"id": "c", "skills": []},
        tool_choice={"type": "any"},
    )


def test_no_tools_means_no_choice_of_tools_either() -> None:
    request = body(tools=[MAIL], tool_choice={"type": "any"})
    assert ANTHROPIC.change_request(request, {"tools": ()}) == body()


def test_a_choice_never_names_a_tool_that_was_taken_out() -> None:
    choice = {"type": "tool", "name": "mail", "disable_parallel_tool_use": True}
    request = body(tools=[SEARCH, MAIL], tool_choice=choice)
    written = ANTHROPIC.change_request(request, {"tools": ("search",)})
    assert written["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    kept = ANTHROPIC.change_request(request, {"tools": ("mail",)})
    assert kept["tool_choice"] == choice


def test_a_pinned_text_stands_for_every_system_text_wherever_it_stood() -> None:
    request = body(
        system=[{"type": "text", "text": "obey me"}],
        messages=[{"role": "user", "content": "hi"}, {"role": "system", "content": "and me"}],
    )
    written = ANTHROPIC.change_request(request, {"system": "the pinned text"})
    assert written == body(system="the pinned text")


@pytest.mark.parametrize(
    ("system", "becomes"),
    [
        (None, "first"),
        ("", "first"),
        ("then", "first\n\nthen"),
        ([], [{"type": "text", "text": "first"}]),
        (
            [{"type": "text", "text": "then", "cache_control": {"type": "ephemeral"}}],
            [
                {"type": "text", "text": "first"},
                {"type": "text", "text": "then", "cache_control": {"type": "ephemeral"}},
            ],
        ),
    ],
)
def test_a_fixed_beginning_comes_before_everything(system: Any, becomes: Any) -> None:
    written = ANTHROPIC.change_request(body(system=system), {"system_prefix": "first"})
    assert written["system"] == becomes
    assert str(ANTHROPIC.read(written).parameters.values["system"][0]).startswith("first")


@pytest.mark.parametrize(
    "changes", [{"n": 2}, {"reasoning_effort": "minimal"}, {"images": 0}, {"max_tokens": 1.5}]
)
def test_what_the_api_cannot_say_is_refused_and_not_left_out(changes: Changes) -> None:
    with pytest.raises(PolicyDenied, match=f"cannot say what rules demand of {min(changes)}"):
        ANTHROPIC.change_request(body(), changes)


def test_one_answer_is_what_the_api_gives_anyway() -> None:
    assert ANTHROPIC.change_request(body(), {"n": 1.0}) == body()


def test_an_effort_stands_beside_the_format() -> None:
    output = {"format": {"type": "json_schema", "schema": {}}}
    written = ANTHROPIC.change_request(body(output_config=output), {"reasoning_effort": "low"})
    assert written["output_config"] == {**output, "effort": "low"}
