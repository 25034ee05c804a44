"""What chat completions ask for, in every spelling that the API has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.formats import OPENAI

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Parameters

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}
FILE = {"type": "file", "file": {"file_id": "file-1"}}


def asked(*messages: Any, **members: Any) -> Parameters:
    return OPENAI.read({"model": "gpt-5-mini", "messages": [*messages], **members}).parameters


def function(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def said(role: str, content: Any, **members: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **members}


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
    silent = ("max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stream", "tools",
              "functions", "tool_choice", "function_call", "modalities", "audio",
              "response_format", "reasoning_effort", "web_search_options")  # fmt: skip
    assert asked(**dict.fromkeys(silent)) == asked()


def test_every_parameter_of_a_full_request_is_read(load: Callable[[str], Any]) -> None:
    parameters = OPENAI.read(load("openai_request")).parameters
    assert {word: values for word, values in parameters.values.items() if word != "system"} == {
        "max_tokens": (100,),
        "temperature": (0.5,),
        "top_p": (1,),
        "n": (2,),
        "stream": (True,),
        "tools": ("web_search", "weather", "shell", "old"),
        "tool_choice": ("named",),
        "images": (3,),
        "audio": (3,),
        "files": (2,),
        "response_format": ("json_schema",),
        "reasoning_effort": ("low",),
        "reasoning_tokens": (),
        "messages": (8,),
        "message_chars": (69,),
        "prompt_chars": (431,),
        "tainted": (True,),
    }
    assert parameters.values["system"] == ("be brief", "boss", "be kind")
    assert parameters.foreign == frozenset()


def test_every_spelling_of_a_bound_counts() -> None:
    parameters = asked(max_tokens=5, max_completion_tokens=90_000)
    assert parameters.values["max_tokens"] == (5, 90_000)


def test_a_tool_of_a_providers_own_goes_by_its_type() -> None:
    parameters = asked(tools=[{"type": "web_search_preview"}, function("a"), {"type": "mcp"}])
    assert parameters.values["tools"] == ("web_search_preview", "a", "mcp")
    assert parameters.foreign == frozenset()


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "web_search", "function": {"name": "allowed"}},
        {"type": "function", "function": {"name": "allowed"}, "custom": {"name": "evil"}},
        {"type": "custom", "custom": {"name": "allowed"}, "function": {"name": "evil"}},
        {"type": "function", "function": {"name": "allowed"}, "name": "evil"},
    ],
)
def test_a_tool_under_two_names_cannot_pass_for_the_one_that_is_allowed(tool: Any) -> None:
    assert "tools" in asked(tools=[tool]).foreign


@pytest.mark.parametrize(
    ("members", "values"),
    [
        ({}, ("none",)),
        ({"tools": []}, ("none",)),
        ({"tools": [function("a")]}, ("auto",)),
        ({"functions": [{"name": "a"}]}, ("auto",)),
        ({"tool_choice": "required"}, ("required",)),
        ({"tool_choice": function("a")}, ("named",)),
        ({"tool_choice": {"type": "custom", "custom": {"name": "a"}}}, ("named",)),
        ({"tool_choice": "none", "function_call": {"name": "a"}}, ("none", "named")),
        ({"tool_choice": ALLOWED}, ("required",)),
    ],
)
def test_a_choice_of_tools_has_one_word_for_each_meaning(members: Any, values: Any) -> None:
    parameters = asked(**members)
    assert parameters.values["tool_choice"] == values
    assert "tool_choice" not in parameters.foreign


@pytest.mark.parametrize("choice", ["any", "", {"type": "hosted", "hosted": {}}])
def test_a_choice_of_tools_that_the_api_does_not_know_is_foreign(choice: Any) -> None:
    parameters = asked(tool_choice=choice, tools=[function("a")])
    assert parameters.values["tool_choice"] == ()
    assert "tool_choice" in parameters.foreign


def test_a_tool_that_is_chosen_counts_even_if_nothing_defines_it() -> None:
    chosen = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [function("c")]}}
    assert asked(tools=[function("a")], tool_choice=chosen).values["tools"] == ("a", "c")
    assert asked(tools=[function("a")], tool_choice=function("b")).values["tools"] == ("a", "b")
    assert asked(function_call={"name": "d"}).values["tools"] == ("d",)
    assert asked(tools=[function("a")], tool_choice=function("a")).values["tools"] == ("a",)


def test_images_sounds_and_files_are_counted_wherever_they_stand() -> None:
    parameters = asked(
        said("user", [IMAGE, SOUND, IMAGE]),
        said("tool", [IMAGE, FILE], tool_call_id="c"),
        said("assistant", "hi", audio={"id": "audio_1"}),
        prediction={"type": "content", "content": [IMAGE]},
    )
    assert [parameters.values[word] for word in ("images", "audio", "files")] == [(4,), (2,), (1,)]
    assert {"images", "audio", "files"} <= parameters.stated


@pytest.mark.parametrize("kind", ["video_url", "input_image", "image_embeds", "IMAGE_URL"])
def test_a_part_of_unknown_type_may_be_an_image_a_sound_or_a_file(kind: str) -> None:
    parameters = asked(said("user", [{"type": kind, kind: {"url": "https://example.com"}}]))
    assert {"images", "audio", "files"} <= parameters.foreign


@pytest.mark.parametrize(
    ("members", "images", "audio"),
    [
        ({"modalities": ["text"]}, 0, 0),
        ({"modalities": ["text", "audio"]}, 0, 1),
        ({"modalities": ["audio"], "audio": {"voice": "alloy", "format": "wav"}}, 0, 1),
        ({"audio": {"voice": "alloy", "format": "wav"}}, 0, 1),
        ({"modalities": ["image", "text"]}, 1, 0),
    ],
)
def test_sound_that_is_asked_for_counts_like_sound_that_is_sent(
    members: Any, images: int, audio: int
) -> None:
    parameters = asked(**members)
    assert parameters.values["images"] == (images,)
    assert parameters.values["audio"] == (audio,)
    assert asked(said("user", [SOUND]), **members).values["audio"] == (audio + 1,)


def test_a_modality_that_the_api_does_not_know_may_be_any() -> None:
    assert asked(modalities=["video"]).foreign == {"images", "audio", "files"}


def test_system_texts_are_read_wherever_they_stand() -> None:
    parameters = asked(
        said("user", "hi"),
        said("developer", [{"type": "text", "text": "a"}, {"type": "text", "text": ""}]),
        said("system", "b", name="boss", extra={"evil": "c"}),
    )
    assert parameters.values["system"] == ("a", "b", "boss", "extra", "evil", "c")
    assert "system" in parameters.stated


def test_sizes_are_those_of_all_texts_and_of_the_longest_message() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "ab", "arguments": '{"c": "de"}'}}
    parameters = asked(said("user", "1234"), said("assistant", "5", tool_calls=[call]), user="123")
    assert parameters.values["messages"] == (2,)
    assert parameters.values["message_chars"] == (6,)
    assert parameters.values["prompt_chars"] == (13,)


def test_a_format_that_the_api_does_not_know_is_foreign() -> None:
    parameters = asked(response_format={"type": "grammar", "grammar": "root"})
    assert parameters.values["response_format"] == ()
    assert "response_format" in parameters.foreign


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"max_tokens": "5"}, "/max_tokens must be a whole number, and not less than 0"),
        ({"max_completion_tokens": 5.0}, "/max_completion_tokens must be a whole number"),
        ({"max_tokens": -1}, "/max_tokens must be a whole number"),
        ({"max_tokens": True}, "/max_tokens must be a whole number"),
        ({"n": 1.5}, "/n must be a whole number"),
        ({"temperature": True}, "/temperature must be a number, and not less than 0"),
        ({"temperature": "1"}, "/temperature must be a number"),
        ({"temperature": float("inf")}, "/temperature must be a number"),
        ({"temperature": float("nan")}, "/temperature must be a number"),
        ({"top_p": -0.1}, "/top_p must be a number"),
        ({"stream": "yes"}, "/stream must be true or false"),
        ({"tools": {}}, "/tools must be a list"),
        ({"tools": [{"type": "function"}]}, "/tools/0/function must be an object"),
        ({"tools": [{"type": "function", "name": "a"}]}, "/tools/0/function must be an object"),
        ({"tools": [{"function": {}}]}, "/tools/0/function/name must be a name"),
        ({"tools": [{"type": "custom", "custom": {"name": ""}}]}, "/tools/0/custom/name must be"),
        ({"tools": [{"type": []}]}, "/tools/0/type must be a name"),
        ({"tools": [{"type": ""}]}, "/tools/0/type must be a name"),
        ({"functions": [{}]}, "/functions/0/name must be a name"),
        ({"web_search_options": True}, "/web_search_options must be an object"),
        ({"tool_choice": 1}, "/tool_choice must be a string or an object"),
        ({"tool_choice": {"type": "function"}}, "/tool_choice/function must be an object"),
        ({"tool_choice": {"type": "allowed_tools"}}, "/tool_choice/allowed_tools must be an"),
        ({"function_call": {}}, "/function_call/name must be a name"),
        ({"modalities": "audio"}, "/modalities must be a list of strings"),
        ({"audio": "wav"}, "/audio must be an object"),
        ({"response_format": {}}, "/response_format/type must be a name"),
        ({"reasoning_effort": 3}, "/reasoning_effort must be a string"),
    ],
)  # fmt: skip
def test_a_parameter_of_the_wrong_type_is_refused_with_its_place(members: Any, place: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(**members)
    assert refused.value.reason.startswith(place)
    assert refused.value.message == f"{refused.value.reason}."
