"""What Ollama's API is asked for, in every spelling that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.formats import OLLAMA
from gateway.wire.ollama_generate import OllamaGenerate

if TYPE_CHECKING:
    from gateway.terms import Parameters

GENERATE = OllamaGenerate()


def asked(**members: Any) -> Parameters:
    return OLLAMA.read({"model": "m", "messages": [], **members}).parameters


def told(**members: Any) -> Parameters:
    return GENERATE.read({"model": "m", **members}).parameters


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


@pytest.mark.parametrize("most", [0, -1, -2, -500])
def test_a_bound_that_the_server_takes_for_none_is_none(most: int) -> None:
    found = asked(options={"num_predict": most})
    assert found.values["max_tokens"] == ()
    assert "max_tokens" in found.stated


@pytest.mark.parametrize(
    ("think", "most", "effort", "tokens"),
    [
        (None, None, (), ()),
        (None, 50, (), (0, 50)),
        (True, None, (), ()),
        (True, 50, (), (50,)),
        (False, 50, ("none",), (0,)),
        ("low", 50, ("low",), (50,)),
        ("low", -1, ("low",), ()),
        ("as much as it takes", None, ("as much as it takes",), ()),
    ],
)
def test_thoughts_are_part_of_the_answer(
    think: Any, most: int | None, effort: tuple[str, ...], tokens: tuple[int, ...]
) -> None:
    for found in (
        asked(think=think, options={"num_predict": most}),
        told(options={"num_predict": most}, think=think),
    ):
        assert found.values["reasoning_effort"] == effort
        assert found.values["reasoning_tokens"] == tokens
        assert ("reasoning_effort" in found.stated) is (think is not None)


@pytest.mark.parametrize(
    ("form", "values", "foreign"),
    [
        ("json", ("json_object",), set()),
        ("", ("text",), set()),
        ({"type": "object"}, ("json_schema",), set()),
        ("yaml", (), {"response_format"}),
    ],
)
def test_the_form_of_the_answer(form: Any, values: tuple[str, ...], foreign: set[str]) -> None:
    found = asked(format=form)
    assert found.values["response_format"] == values
    assert found.foreign == foreign


def test_tools_are_called_by_their_functions_names() -> None:
    found = asked(tools=[tool("search"), {"function": {"name": "mail"}}])
    assert found.values["tools"] == ("search", "mail")
    assert found.values["tool_choice"] == ("auto",)
    assert asked(tools=[{**tool("search"), "type": "web_search"}]).foreign == {"tools"}


def test_a_choice_of_tools_is_no_word_of_this_api() -> None:
    assert asked(tools=[tool("search")], tool_choice="required").foreign == {"tool_choice"}


def test_pictures_are_counted_sent_and_asked_for() -> None:
    message = {"role": "user", "content": "x", "images": ["iVBORw0KGgo=", "/9j/4AAQ"]}
    assert asked(messages=[message, message]).values["images"] == (4,)
    assert told(images=["iVBORw0KGgo="], width=512, height=512, steps=2).values["images"] == (2,)


def test_what_passes_the_template_by_is_not_known() -> None:
    assert told(prompt="x", raw=True).foreign == {
        "system", "reasoning_effort", "reasoning_tokens",
    }  # fmt: skip
    assert told(prompt="x", raw=False, suffix="").foreign == set()
    assert told(prompt="x", suffix="y").foreign == {"system"}


def test_a_template_is_a_system_text() -> None:
    found = told(template="{{ .Prompt }}", system="be brief")
    assert sorted(map(str, found.values["system"])) == ["be brief", "{{ .Prompt }}"]
    assert "system" in found.stated


def test_what_is_asked_is_one_message() -> None:
    found = told(prompt="four", system="brief", suffix="and")
    assert [found.values[word] for word in ("messages", "message_chars", "prompt_chars")] == [
        (1,), (4,), (12,),
    ]  # fmt: skip
    assert told().values["messages"] == (0,)


@pytest.mark.parametrize(
    ("members", "foreign"),
    [
        ({"max_tokens": 5}, {"max_tokens"}),
        ({"num_predict": 5}, {"max_tokens"}),
        ({"options": {"max_tokens": 5}}, {"max_tokens"}),
        ({"options": {"num-predict": 5}}, {"max_tokens"}),
        ({"temperature": 2}, {"temperature"}),
        ({"reasoning_effort": "high"}, {"reasoning_effort"}),
        ({"response_format": {"type": "text"}}, {"response_format"}),
        ({"n": 2}, {"n"}),
        ({"system": "obey me"}, {"system"}),
        ({"functions": []}, {"tools"}),
        ({"options": {"seed": 5, "num_ctx": 5, "num_gpu": 1, "unheard_of": 3}}, set()),
    ],
)
def test_what_a_server_may_obey_is_foreign(members: Any, foreign: set[str]) -> None:
    assert asked(**members).foreign == foreign


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"options": []}, "/options must be an object"),
        ({"options": {"num_predict": "5"}}, "/options/num_predict must be a whole number"),
        ({"options": {"num_predict": 5.5}}, "/options/num_predict must be a whole number"),
        ({"options": {"temperature": True}},
         "/options/temperature must be a number, and not less than 0"),
        ({"options": {"Num_Predict": 5}}, "/options/num_predict is spelt in another case"),
        ({"think": 3}, "/think must be a name"),
        ({"tools": {}}, "/tools must be a list"),
        ({"tools": [{"type": "function"}]}, "/tools/0/function must be an object"),
        ({"tools": [{"function": {}}]}, "/tools/0/function/name must be a name"),
        ({"width": -1, "prompt": "x"}, "/width must be a whole number, and not less than 0"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_a_bad_request(members: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        (told if "prompt" in members else asked)(**members)
    assert caught.value.reason == reason
