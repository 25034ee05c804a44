"""What messages ask for, in every spelling that the API has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.formats import ANTHROPIC

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Parameters

IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
DOCUMENT = {"type": "document", "source": {"type": "content", "content": [IMAGE]}}
SERVER = {"type": "url", "name": "files", "url": "https://mcp.example.com/files"}


def asked(*messages: Any, **members: Any) -> Parameters:
    return ANTHROPIC.read(
        {"model": "claude-sonnet-5", "messages": [*messages], **members}
    ).parameters


def said(content: Any, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": content}


def test_a_request_that_says_nothing_asks_for_the_defaults_of_the_api() -> None:
    parameters = asked()
    assert dict(parameters.values) == {
        "max_tokens": (),
        "temperature": (1,),
        "top_p": (),
        "n": (1,),
        "stream": (False,),
        "tools": (),
        "tool_choice": ("none",),
        "images": (0,),
        "audio": (0,),
        "files": (0,),
        "response_format": ("text",),
        "reasoning_effort": (),
        "reasoning_tokens": (),
        "system": (),
        "messages": (0,),
        "message_chars": (0,),
        "prompt_chars": (0,),
        "tainted": (False,),
    }
    assert parameters.stated == {"messages", "message_chars", "prompt_chars", "tainted"}
    assert parameters.foreign == parameters.inexpressible == frozenset()


def test_null_says_nothing() -> None:
    silent = ("max_tokens", "temperature", "top_p", "stream", "tools", "mcp_servers", "container",
              "tool_choice", "thinking", "output_config", "output_format", "system")  # fmt: skip
    assert asked(**dict.fromkeys(silent)) == asked()


def test_every_parameter_of_a_full_request_is_read(load: Callable[[str], Any]) -> None:
    parameters = ANTHROPIC.read(load("anthropic_request")).parameters
    assert dict(parameters.values) == {
        "max_tokens": (100,),
        "temperature": (0.5,),
        "top_p": (),
        "n": (1,),
        "stream": (True,),
        "tools": ("weather", "web_search"),
        "tool_choice": ("named",),
        "images": (3,),
        "audio": (0,),
        "files": (7,),
        "response_format": ("json_schema",),
        "reasoning_effort": ("low",),
        "reasoning_tokens": (1024,),
        "system": ("be brief",),
        "messages": (4,),
        "message_chars": (290,),
        "prompt_chars": (674,),
        "tainted": (True,),
    }


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ({"name": "weather"}, "weather"),
        ({"type": "custom", "name": "weather"}, "weather"),
        ({"type": "web_search_20250305", "name": "web_search"}, "web_search"),
        ({"type": "bash_20250124", "name": "bash"}, "bash"),
        ({"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
         "str_replace_based_edit_tool"),
        ({"type": "browser_toolset_20260801"}, "browser_toolset"),
        ({"type": "tool_search_tool_regex", "name": "tool_search_tool_regex"},
         "tool_search_tool_regex"),
    ],
)  # fmt: skip
def test_a_tool_goes_by_the_name_that_the_model_calls_it_by(tool: Any, name: str) -> None:
    parameters = asked(tools=[tool])
    assert parameters.values["tools"] == (name,)
    assert parameters.values["tool_choice"] == ("auto",)
    assert parameters.foreign == frozenset()


def test_a_tool_of_the_provider_cannot_pass_for_another_by_its_name() -> None:
    parameters = asked(tools=[{"type": "web_search_20250305", "name": "calc"}])
    assert parameters.values["tools"] == ("web_search_20250305",)
    assert "tools" in parameters.foreign


def test_a_server_goes_by_its_url_because_its_name_is_the_clients_own_word() -> None:
    toolset = {"type": "mcp_toolset", "mcp_server_name": "files", "configs": {"rm": {"x": True}}}
    parameters = asked(mcp_servers=[SERVER], tools=[toolset])
    assert parameters.values["tools"] == ("mcp:https://mcp.example.com/files",) * 2
    assert parameters.foreign == frozenset()


def test_a_toolset_of_a_server_that_is_nowhere_is_foreign() -> None:
    parameters = asked(tools=[{"type": "mcp_toolset", "mcp_server_name": "files"}])
    assert parameters.values["tools"] == ("mcp_toolset",)
    assert parameters.foreign == {"tools"}


def test_skills_of_the_container_are_tools() -> None:
    skills = [{"type": "anthropic", "skill_id": "pptx", "version": "latest"}]
    assert asked(container={"skills": skills}).values["tools"] == ("skill:pptx",)
    assert asked(container="container_1").values["tools"] == ()


def test_a_tool_defined_in_the_middle_of_a_conversation_does_not_go_unseen() -> None:
    definition = {"type": "tool_definition", "definition": {"name": "mail"}}
    addition = {"type": "tool_addition", "tool": definition}
    assert "tools" in asked(said([addition], "system")).foreign
    listing = {"type": "mcp_tool_listing", "mcp_server_name": "m", "tools": [{"name": "mail"}]}
    summary = {"type": "compaction", "content": "so far", "tool_changes": [addition]}
    for block in (listing, summary):
        assert "tools" in asked(said([block], "assistant")).foreign


def test_an_adviser_is_another_model_wherever_it_is_defined() -> None:
    adviser = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}
    definition = {"type": "tool_definition", "definition": adviser}
    addition = {"type": "tool_addition", "tool": definition}
    with pytest.raises(BadRequest, match="names another model"):
        asked(tools=[adviser])
    with pytest.raises(BadRequest, match="names another model"):
        asked(said([addition], "system"))


@pytest.mark.parametrize(
    "members",
    [
        {"compaction": {"type": "summarize", "instructions": "obey"}},
        {"context_management": {"edits": [{"type": "compact_20260112", "instructions": "obey"}]}},
    ],
    ids=["compaction", "edit"],
)
def test_instructions_for_a_summary_are_system_texts_of_which_no_rule_knows(members: Any) -> None:
    body = {"model": "m", "messages": [], **members}
    exchange = ANTHROPIC.read(body)
    assert [(text.value, text.provenance) for text in exchange.texts] == [("obey", "system")]
    assert "system" in exchange.parameters.foreign


@pytest.mark.parametrize(
    ("choice", "value"),
    [("auto", "auto"), ("any", "required"), ("none", "none"), ("tool", "named")],
)
def test_a_choice_of_tools_has_one_word_for_each_meaning(choice: str, value: str) -> None:
    parameters = asked(tools=[{"name": "a"}], tool_choice={"type": choice, "name": "b"})
    assert parameters.values["tool_choice"] == (value,)
    assert parameters.values["tools"] == (("a", "b") if choice == "tool" else ("a",))


def test_words_that_the_api_does_not_know_are_foreign() -> None:
    parameters = asked(
        tool_choice={"type": "most"},
        thinking={"type": "endless"},
        output_config={"format": {"type": "yaml"}},
    )
    words = {"tool_choice", "reasoning_tokens", "response_format"}
    assert {parameters.values[word] for word in words} == {()}
    assert parameters.foreign == words


@pytest.mark.parametrize(
    ("thinking", "values"),
    [
        ({"type": "enabled", "budget_tokens": 2000}, (2000,)),
        ({"type": "disabled"}, (0,)),
        ({"type": "between_tools"}, (0,)),
        ({"type": "adaptive"}, (5000,)),
        (None, (0, 5000)),
    ],
)
def test_thoughts_are_bounded_by_their_budget_or_by_that_of_the_answer(
    thinking: Any, values: Any
) -> None:
    parameters = asked(thinking=thinking, max_tokens=5000)
    assert parameters.values["reasoning_tokens"] == values
    assert ("reasoning_tokens" in parameters.stated) is (thinking is not None)


def test_without_any_bound_nobody_knows_how_much_a_model_thinks() -> None:
    assert asked(thinking={"type": "adaptive"}).values["reasoning_tokens"] == ()
    assert asked().values["reasoning_tokens"] == ()


def test_an_effort_in_the_middle_of_a_conversation_does_not_go_unseen() -> None:
    message = {**said("now think hard", "system"), "output_config": {"effort": "max"}}
    parameters = asked(message, output_config={"effort": "low"})
    assert parameters.values["reasoning_effort"] == ("low",)
    assert "reasoning_effort" in parameters.foreign


def test_both_places_of_a_format_are_read() -> None:
    schema = {"type": "json_schema", "schema": {"type": "object"}}
    for members in ({"output_config": {"format": schema}}, {"output_format": schema}):
        parameters = asked(**members)
        assert parameters.values["response_format"] == ("json_schema",)
        assert parameters.foreign == frozenset()


def test_images_and_files_are_counted_wherever_they_stand() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [IMAGE, DOCUMENT]}
    upload = {"type": "container_upload", "file_id": "file_1"}
    parameters = asked(said([IMAGE, DOCUMENT, result, upload]))
    assert parameters.values["images"] == (4,)
    assert parameters.values["files"] == (3,)
    assert parameters.foreign == frozenset()


def test_a_block_of_unknown_type_may_be_anything() -> None:
    for block in (
        {"type": "hologram"},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "hologram"}]},
        {"type": "mcp_tool_result", "tool_use_id": "t", "content": [{"type": "image"}]},
    ):
        assert asked(said([block])).foreign == {"images", "audio", "files", "tools"}


def test_the_system_text_comes_first_and_those_among_the_messages_after_it() -> None:
    block = {"type": "text", "text": "b", "citations": [{"type": "x", "cited_text": "c"}]}
    body = {
        "model": "claude-sonnet-5",
        "messages": [said("hi"), said("d", "system")],
        "system": [{"type": "text", "text": "a"}, block],
    }
    parameters = ANTHROPIC.read(body).parameters
    assert parameters.values["system"] == ("a", "b", "c", "d")
    assert asked(system="a").values["system"] == ("a",)
    assert asked(system="").values["system"] == ()


@pytest.mark.parametrize("role", ["System", "developer", "root"])
def test_bug_a_role_that_the_api_does_not_have_was_passed_on(role: str) -> None:
    with pytest.raises(
        BadRequest, match=r"^/messages/0/role must be one of assistant, system, user"
    ):
        asked(said("obey me", role))


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"max_tokens": "5"}, "/max_tokens must be a whole number"),
        ({"temperature": True}, "/temperature must be a number"),
        ({"top_p": []}, "/top_p must be a number"),
        ({"tools": [{}]}, "/tools/0/name must be a name"),
        ({"tools": [{"type": 3}]}, "/tools/0/type must be a name"),
        ({"tools": [{"type": "bash_20250124", "name": ""}]}, "/tools/0/name must be a name"),
        ({"tools": [{"type": "mcp_toolset"}]}, "/tools/0/mcp_server_name must be a name"),
        ({"mcp_servers": [{"name": "a"}]}, "/mcp_servers/0/url must be a name"),
        ({"mcp_servers": {}}, "/mcp_servers must be a list"),
        ({"container": 3}, "/container must be an object"),
        ({"container": {"skills": [3]}}, "/container/skills/0 must be an object"),
        ({"container": {"skills": [{}]}}, "/container/skills/0/skill_id must be a name"),
        ({"tool_choice": "auto"}, "/tool_choice must be an object"),
        ({"tool_choice": {"type": "tool"}}, "/tool_choice/name must be a name"),
        ({"thinking": True}, "/thinking must be an object"),
        ({"thinking": {"type": "enabled"}}, "/thinking/budget_tokens must be a whole number"),
        ({"output_config": {"effort": 3}}, "/output_config/effort must be a name"),
        ({"output_config": {"format": {}}}, "/output_config/format/type must be a name"),
        ({"output_format": {}}, "/output_format/type must be a name"),
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused_with_its_place(members: Any, place: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(**members)
    assert refused.value.reason.startswith(place)
