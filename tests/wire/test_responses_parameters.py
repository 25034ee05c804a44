"""What responses ask for, in every spelling that the API has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.openai_responses import OpenAIResponses
from gateway.wire.spellings import HELD

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Parameters

FORMAT = OpenAIResponses()
FUNCTION = {"type": "function", "name": "search"}
SERVER = {"type": "mcp", "server_label": "c", "server_url": "https://a.b"}
TEMPLATE = {
    "max_tokens",
    "temperature",
    "top_p",
    "tool_choice",
    "response_format",
    "reasoning_effort",
}


def asked(*items: Any, **members: Any) -> Parameters:
    return FORMAT.read({"model": "gpt-5-mini", "input": [*items], **members}).parameters


def test_a_request_that_says_nothing_asks_for_the_defaults_of_the_api() -> None:
    parameters = asked()
    assert dict(parameters.values) == {
        "max_tokens": (),
        "temperature": (1,),
        "top_p": (1,),
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
    assert parameters.foreign == frozenset()
    assert parameters.inexpressible == {"reasoning_tokens"}


def test_null_says_nothing() -> None:
    silent = ("max_output_tokens", "temperature", "top_p", "stream", "tools", "tool_choice",
              "text", "reasoning", "previous_response_id", "conversation", "prompt",
              "background", "instructions")  # fmt: skip
    assert asked(**dict.fromkeys(silent)) == asked()


def test_every_parameter_of_a_full_request_is_read(load: Callable[[str], Any]) -> None:
    parameters = FORMAT.read(load("responses_request")).parameters
    values = dict(parameters.values)
    assert values.pop("message_chars")
    assert values.pop("prompt_chars")
    assert values.pop("tainted") == (True,)
    assert values == {
        "max_tokens": (100,),
        "temperature": (0.5,),
        "top_p": (0.9,),
        "n": (1,),
        "stream": (True,),
        "tools": (
            "weather", "shell", "lookup", "mcp:https://mcp.example.com/c", "file_search",
            "web_search", "code_interpreter", "image_generation", "shell", "skill:skill_1",
            "inline_skill", "tool_search", "computer_use_preview", "local_shell", "mail", "extra",
        ),
        "tool_choice": ("named",),
        "images": (7,),
        "audio": (1,),
        "files": (5,),
        "response_format": ("json_schema",),
        "reasoning_effort": ("low", "high"),
        "reasoning_tokens": (),
        "system": ("be brief", "be kind", "extra", "one more"),
        "messages": (36,),
    }  # fmt: skip


def test_a_text_alone_is_one_message() -> None:
    parameters = FORMAT.read({"model": "m", "input": "hello"}).parameters
    assert parameters.values["messages"] == (1,)
    assert parameters.values["message_chars"] == parameters.values["prompt_chars"] == (5,)
    assert FORMAT.read({"model": "m"}).parameters.values["messages"] == (0,)


def test_system_texts_stand_before_and_in_the_conversation() -> None:
    parameters = asked({"role": "developer", "content": "be kind"}, instructions="be brief")
    assert parameters.values["system"] == ("be brief", "be kind")


@pytest.mark.parametrize(
    ("choice", "value", "tools"),
    [
        ("required", "required", ("search",)),
        (FUNCTION, "named", ("search",)),
        ({"type": "function", "name": "mail"}, "named", ("search", "mail")),
        ({"type": "file_search"}, "named", ("search", "file_search")),
        ({"type": "mcp", "server_label": "c"}, "named", ("search", "mcp:c")),
        ({"type": "allowed_tools", "mode": "auto", "tools": [FUNCTION]}, "auto", ("search",)),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "web_search"}]},
            "required",
            ("search", "web_search"),
        ),
    ],
)
def test_a_choice_of_tools_and_what_it_names(
    choice: Any, value: str, tools: tuple[str, ...]
) -> None:
    parameters = asked(tools=[FUNCTION], tool_choice=choice)
    assert parameters.values["tool_choice"] == (value,)
    assert parameters.values["tools"] == tools


def test_a_server_is_chosen_by_its_label_and_named_by_its_place() -> None:
    parameters = asked(tools=[SERVER], tool_choice={"type": "mcp", "server_label": "c"})
    assert parameters.values["tools"] == ("mcp:https://a.b",)


@pytest.mark.parametrize(
    ("members", "foreign"),
    [
        ({"tool_choice": "any"}, {"tool_choice"}),
        ({"text": {"format": {"type": "grammar"}}}, {"response_format"}),
        ({"tools": [{"type": "web_search", "name": "f"}]}, {"tools"}),
        ({"tools": [{"type": "oracle"}]}, {"tools", "images", "audio", "files"}),
        ({"max_tokens": 9}, {"max_tokens"}),
        ({"previous_response_id": "resp_1"}, HELD),
        ({"conversation": "conv_1"}, HELD),
        ({"conversation": {"id": "conv_1"}}, HELD),
        ({"prompt": {"id": "pmpt_1"}}, HELD | TEMPLATE),
        ({"prompt": {"id": "p"}, "temperature": 1}, HELD | (TEMPLATE - {"temperature"})),
        ({"temperature": 1, "prompt": {"id": "p"}}, HELD | (TEMPLATE - {"temperature"})),
        ({"input": [{"id": "msg_1"}]}, HELD),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, HELD),
    ],
)
def test_what_nobody_here_can_know_is_foreign(
    members: dict[str, Any], foreign: frozenset[str]
) -> None:
    assert FORMAT.read({"model": "m", **members}).parameters.foreign == foreign


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"max_output_tokens": "5"}, "/max_output_tokens must be a whole number"),
        ({"temperature": True}, "/temperature must be a number"),
        ({"tools": [{"type": "function"}]}, "/tools/0/name must be a name"),
        ({"tools": [{"type": "mcp"}]}, "/tools/0/server_label must be a name"),
        ({"tools": [{"type": "namespace", "name": "n"}]}, "/tools/0/tools must be a list"),
        ({"tools": [{"name": "f"}]}, "/tools/0/type must be a string"),
        ({"tools": [{**SERVER, "connector_id": 3}]}, "/tools/0/connector_id must be a name"),
        ({"tool_choice": 3}, "/tool_choice must be a string or an object"),
        ({"tool_choice": {"type": "function"}}, "/tool_choice/name must be a name"),
        ({"tool_choice": {"type": "allowed_tools"}}, "/tool_choice/mode must be a name"),
        (
            {"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{}]}},
            "/tool_choice/tools/0/type must be a name",
        ),
        ({"tool_choice": {"type": "shell", "environment": {"skills": [3]}}},
         "/tool_choice/environment/skills/0 must be an object"),
        ({"text": {"format": 3}}, "/text/format must be an object"),
        ({"reasoning": "low"}, "/reasoning must be an object"),
        ({"reasoning": {"effort": 3}}, "/reasoning/effort must be a string"),
        (
            {"input": [{"type": "configuration_update", "reasoning": {"effort": 3}}]},
            "/input/0/reasoning/effort must be a string",
        ),
        ({"prompt": {}}, "/prompt/id must be a name"),
        ({"previous_response_id": 3}, "/previous_response_id must be a name"),
        ({"previous_response_id": ""}, "/previous_response_id must be a name"),
        ({"conversation": {}}, "/conversation/id must be a name"),
        ({"conversation": 3}, "/conversation must be an object"),
        ({"background": 1}, "/background must be false"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused_with_its_place(
    members: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read({"model": "m", **members})
    assert caught.value.reason.startswith(reason)
