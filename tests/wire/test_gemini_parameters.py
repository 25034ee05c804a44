"""What Gemini's requests ask for, in every spelling that the API has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.exchange import Target
from gateway.wire.formats import GEMINI
from gateway.wire.spellings import HELD

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Parameters

TARGET = Target("gemini-3-pro", stream=False)


def asked(*contents: Any, **members: Any) -> Parameters:
    return GEMINI.read({"contents": [*contents], **members}, TARGET).parameters


def configured(**config: Any) -> Parameters:
    return asked(generationConfig=config)


def sent(*parts: Any) -> Parameters:
    return asked({"role": "user", "parts": list(parts)})


def test_a_request_that_says_nothing_asks_for_the_defaults_of_the_api() -> None:
    parameters = asked()
    assert dict(parameters.values) == {
        "max_tokens": (),
        "temperature": (),
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
    silent = ("systemInstruction", "tools", "toolConfig", "generationConfig", "cachedContent")
    assert asked(**dict.fromkeys(silent)) == asked()
    names = ("maxOutputTokens", "temperature", "topP", "candidateCount", "responseMimeType",
             "responseSchema", "responseModalities", "speechConfig", "thinkingConfig")  # fmt: skip
    assert configured(**dict.fromkeys(names)) == asked()


@pytest.mark.parametrize(
    ("config", "word", "values"),
    [
        ({"maxOutputTokens": 50}, "max_tokens", (50,)),
        ({"max_output_tokens": 50}, "max_tokens", (50,)),
        ({"temperature": 0}, "temperature", (0,)),
        ({"top_p": 0.5}, "top_p", (0.5,)),
        ({"candidateCount": 3}, "n", (3,)),
        ({"responseMimeType": "application/json"}, "response_format", ("json_object",)),
        ({"responseMimeType": "text/plain"}, "response_format", ("text",)),
        ({"response_schema": {}}, "response_format", ("json_schema",)),
        ({"responseJsonSchema": {}}, "response_format", ("json_schema",)),
        ({"_responseJsonSchema": {}}, "response_format", ("json_schema",)),
        ({"responseModalities": ["TEXT", "Image"]}, "images", (1,)),
        ({"responseModalities": "AUDIO", "speechConfig": {}}, "audio", (1,)),
        ({"responseModalities": ["VIDEO"]}, "audio", (1,)),
        ({"imageConfig": {"aspectRatio": "1:1"}}, "images", (1,)),
        ({"thinkingConfig": {"thinkingBudget": 0}}, "reasoning_tokens", (0,)),
        ({"thinking_config": {"thinking_budget": 9}}, "reasoning_tokens", (9,)),
        ({"thinkingConfig": {"thinkingBudget": -1}}, "reasoning_tokens", ()),
        ({"maxOutputTokens": 50}, "reasoning_tokens", (0, 50)),
        ({"thinkingConfig": {"thinkingBudget": -1}, "maxOutputTokens": 50}, "reasoning_tokens",
         (50,)),
        ({"thinkingConfig": {"thinkingLevel": "LOW"}}, "reasoning_effort", ("low",)),
        ({"thinkingConfig": {"thinkingLevel": "high"}}, "reasoning_effort", ("high",)),
        ({"thinkingConfig": {"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}}, "reasoning_effort",
         ()),
    ],
)  # fmt: skip
def test_a_setting_is_read(config: dict[str, Any], word: str, values: tuple[Any, ...]) -> None:
    parameters = configured(**config)
    assert parameters.values[word] == values
    assert parameters.foreign == frozenset()


@pytest.mark.parametrize(
    ("config", "foreign"),
    [
        ({"responseMimeType": "text/x.enum"}, {"response_format"}),
        ({"responseModalities": ["SMELL"]}, {"images", "audio"}),
        ({"responseFormat": {"text": {"mimeType": "application/json"}}}, {"response_format"}),
        ({"responseFormat": [{"audio": {}}]}, {"response_format", "images", "audio"}),
    ],
)
def test_a_value_that_nobody_knows_is_foreign(config: dict[str, Any], foreign: set[str]) -> None:
    assert configured(**config).foreign == foreign


def test_tools_are_called_by_their_names() -> None:
    server = {"name": "mine", "streamable_http_transport": {"url": "https://mcp.example.com"}}
    tools = [
        {"functionDeclarations": [{"name": "search"}, {"name": "mail"}], "googleSearch": {}},
        {"function_declarations": {"name": "calc"}},
        {"code_execution": {}, "urlContext": {}, "googleMaps": None},
        {"mcpServers": server},
    ]
    parameters = asked(tools=tools)
    assert parameters.values["tools"] == (
        "search", "mail", "google_search", "calc", "code_execution", "url_context",
        "mcp:https://mcp.example.com",
    )  # fmt: skip
    assert parameters.values["tool_choice"] == ("auto",)
    assert parameters.foreign == frozenset()
    assert asked(tools=tools[1]).values["tools"] == ("calc",)


def test_a_tool_of_no_known_kind_is_foreign() -> None:
    assert "tools" in asked(tools=[{"teleport": {}}]).foreign


@pytest.mark.parametrize(
    ("calling", "choice", "tools"),
    [
        ({"mode": "AUTO"}, "auto", ("a",)),
        ({"mode": "validated"}, "auto", ("a",)),
        ({"mode": "ANY"}, "required", ("a",)),
        ({"mode": "ANY", "allowedFunctionNames": ["a"]}, "named", ("a",)),
        ({"mode": "ANY", "allowed_function_names": ["a", "b"]}, "required", ("a", "b")),
        ({"mode": "NONE"}, "none", ("a",)),
        ({"allowedFunctionNames": "b"}, "auto", ("a", "b")),
    ],
)
@pytest.mark.parametrize("outer", ["toolConfig", "tool_config"])
def test_a_choice_among_tools(
    outer: str, calling: Any, choice: str, tools: tuple[str, ...]
) -> None:
    functions = {"functionDeclarations": [{"name": "a"}]}
    parameters = asked(tools=[functions], **{outer: {"functionCallingConfig": calling}})
    assert parameters.values["tool_choice"] == (choice,)
    assert parameters.values["tools"] == tools
    assert parameters.foreign == frozenset()


def test_an_unknown_choice_is_foreign() -> None:
    calling = {"functionCallingConfig": {"mode": "MOST"}}
    assert asked(toolConfig=calling).foreign == {"tool_choice"}


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("image/png", (1, 0, 0)),
        ("audio/wav", (0, 1, 0)),
        ("VIDEO/mp4", (1, 1, 0)),
        ("application/pdf", (0, 0, 1)),
        ("text/plain", (0, 0, 1)),
    ],
)
def test_parts_are_counted_by_their_media_type(kind: str, counts: tuple[int, ...]) -> None:
    for part in (
        {"inlineData": {"mimeType": kind, "data": ""}},
        {"file_data": {"mime_type": kind, "file_uri": "https://example.com/a"}},
        {"functionResponse": {"name": "f", "parts": [{"inlineData": {"mimeType": kind}}]}},
    ):
        values = sent(part).values
        assert (values["images"], values["audio"], values["files"]) == tuple((n,) for n in counts)


def test_a_file_of_no_said_type_may_be_a_picture_or_a_sound() -> None:
    parameters = sent({"fileData": {"fileUri": "https://www.youtube.com/watch"}})
    assert parameters.values["files"] == (1,)
    assert parameters.foreign == {"images", "audio"}


def test_system_texts_and_messages_are_measured() -> None:
    for key in ("systemInstruction", "system_instruction"):
        parameters = asked(
            {"role": "user", "parts": [{"text": "hello"}]},
            {"role": "model", "parts": {"text": "hi"}},
            **{key: {"parts": [{"text": "be kind"}]}},
        )
        values = parameters.values
        assert values["system"] == ("be kind",)
        assert (values["messages"], values["message_chars"], values["prompt_chars"]) == (
            (2,),
            (5,),
            (14,),
        )
    alone = GEMINI.read({"contents": {"parts": {"text": "hello"}}}, TARGET).parameters.values
    assert (alone["messages"], alone["message_chars"]) == ((1,), (5,))


@pytest.mark.parametrize("role", ["system", "User", "root"])
def test_bug_a_role_that_the_api_does_not_have_was_passed_on(role: str) -> None:
    with pytest.raises(BadRequest, match=r"^/contents/0/role must be one of function, model,"):
        asked({"role": role, "parts": [{"text": "obey"}]})


@pytest.mark.parametrize("key", ["cachedContent", "cached_content", "continuationToken"])
def test_what_the_upstream_holds_stands_in_no_body(key: str) -> None:
    assert asked(**{key: "c2VjcmV0"}).foreign == HELD | {"tool_choice"}
    calling = {"functionCallingConfig": {"mode": "NONE"}}
    assert asked(toolConfig=calling, **{key: "c2VjcmV0"}).foreign == HELD


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"generationConfig": []}, "/generationConfig must be an object"),
        ({"generationConfig": {"maxOutputTokens": "5"}},
         "/generationConfig/maxOutputTokens must be a whole number"),
        ({"generation_config": {"max_output_tokens": 5.0}},
         "/generation_config/max_output_tokens must be a whole number"),
        ({"generationConfig": {"thinkingConfig": {"thinkingBudget": -2}}},
         "/generationConfig/thinkingConfig/thinkingBudget must be a whole number"),
        ({"generationConfig": {"thinkingConfig": {"thinkingLevel": 2}}},
         "/generationConfig/thinkingConfig/thinkingLevel must be a name"),
        ({"generationConfig": {"responseModalities": ["TEXT", 2]}},
         "/generationConfig/responseModalities/1 must be a name"),
        ({"generationConfig": {"responseMimeType": 1}},
         "/generationConfig/responseMimeType must be a name"),
        ({"tools": ["x"]}, "/tools/0 must be an object"),
        ({"tools": {"functionDeclarations": [{"description": "x"}]}},
         "/tools/functionDeclarations/0/name must be a name"),
        ({"tools": [{"mcpServers": [{"name": "a"}]}]},
         "/tools/0/mcpServers/0/streamableHttpTransport must be an object"),
        ({"toolConfig": {"functionCallingConfig": {"mode": 1}}},
         "/toolConfig/functionCallingConfig/mode must be a name"),
        ({"tool_config": {"functionCallingConfig": {"allowedFunctionNames": [3]}}},
         "/tool_config/functionCallingConfig/allowedFunctionNames/0 must be a name"),
        ({"cachedContent": 3}, "/cachedContent must be a name"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused_with_its_place(
    members: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        asked(**members)
    assert caught.value.reason.removesuffix(", and not less than 0") == reason


def test_the_whole_vocabulary_in_one_request(load: Callable[[str], Any]) -> None:
    values = GEMINI.read(load("gemini_request"), TARGET).parameters.values
    assert (values["max_tokens"], values["n"], values["reasoning_tokens"]) == ((900,), (2,), (200,))
    assert values["tool_choice"] == ("required",)
    assert values["tools"] == (
        "weather", "time", "google_search", "code_execution", "file_search",
        "mcp:https://mcp.example.com/a",
    )  # fmt: skip
    assert (values["images"], values["audio"], values["files"]) == ((3,), (2,), (2,))
    assert values["response_format"] == ("json_schema",)
