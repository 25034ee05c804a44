"""What every format shares in reading parameters: one value after the other, or a refusal."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import ANTHROPIC_BODIES, JSON, OPENAI_BODIES

from gateway.errors import BadRequest
from gateway.terms import PARAMETERS
from gateway.wire.exchange import Text
from gateway.wire.formats import ANTHROPIC, OPENAI
from gateway.wire.leaves import Finder
from gateway.wire.parameters import (
    Asked,
    Vocabulary,
    listed,
    number,
    read_parameters,
    whole,
    within,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.wire.exchange import Format

WORDS = Vocabulary(
    readers={
        "most": whole("max_tokens"),
        "limit": whole("max_tokens"),
        "heat": number("temperature"),
        "care": word("reasoning_effort"),
        "inner": within({"most": whole("max_tokens"), "deep": within({"heat": number("n")})}),
    },
    defaults={
        "max_tokens": (7,),
        "temperature": (1,),
        "tools": (),
        "tool_choice": ("none",),
        "images": (0,),
        "system": (),
    },
    system_roles=frozenset({"system"}),
    system_keys=frozenset({"before"}),
    inexpressible=frozenset({"n"}),
)


def found(*texts: Text) -> Finder:
    finder = Finder.request()
    finder.texts += texts
    return finder


def test_the_first_value_takes_the_place_of_the_default_and_others_join_it() -> None:
    parameters = read_parameters({"messages": []}, found(), WORDS, stream=False)
    assert parameters.values["max_tokens"] == (7,)
    body = {"messages": [], "most": 5, "limit": 9, "heat": None, "care": "much"}
    parameters = read_parameters(body, found(), WORDS, stream=False)
    assert parameters.values["max_tokens"] == (5, 9)
    assert parameters.values["temperature"] == (1,)
    assert parameters.values["reasoning_effort"] == ("much",)
    assert parameters.stated == {
        "max_tokens", "reasoning_effort", "messages", "message_chars", "prompt_chars", "tainted",
    }  # fmt: skip
    assert parameters.inexpressible == {"n"}


def test_a_role_that_is_no_word_is_none() -> None:
    finder = found(Text("hi", "user", ("messages", 0, "content")))
    roles: list[Any] = [{}, [], None, 3]
    for role in roles:
        parameters = read_parameters({"messages": [{"role": role}]}, finder, WORDS, stream=False)
        assert parameters.values.get("system", ()) == ()


def test_a_hundred_thousand_tools_take_no_longer_than_their_number() -> None:
    # With a copy of the list for each of them it would be a minute.
    tools = [{"type": f"t{number}"} for number in range(50_000)]
    chosen = [{"type": f"c{number}"} for number in range(50_000)]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": chosen}}
    body = {"model": "m", "messages": [], "tools": tools, "tool_choice": choice}
    began = time.monotonic()
    assert len(OPENAI.read(body).parameters.values["tools"]) == 100_000
    assert time.monotonic() - began < 20


def test_members_of_a_member_are_read_and_named_by_their_whole_path() -> None:
    body: dict[str, Any] = {"messages": [], "inner": {"most": 3, "deep": {"heat": 2}}, "limit": 9}
    parameters = read_parameters(body, found(), WORDS, stream=False)
    assert (parameters.values["max_tokens"], parameters.values["n"]) == ((3, 9), (2,))
    for inner, place in (
        ("x", "/inner must"),
        ({"most": "x"}, "/inner/most must"),
        ({"deep": {"heat": "x"}}, "/inner/deep/heat must"),
    ):
        with pytest.raises(BadRequest) as caught:
            read_parameters({"messages": [], "inner": inner}, found(), WORDS, stream=False)
        assert caught.value.reason.startswith(place)


def test_streaming_is_stated_where_the_body_says_so() -> None:
    for value, stated in ((None, False), (False, True), (True, True)):
        body: dict[str, Any] = {"messages": [], "stream": value}
        parameters = read_parameters(body, found(), WORDS, stream=bool(value))
        assert ("stream" in parameters.stated) is stated
        assert parameters.values.get("stream", (False,)) == (bool(value),)


def test_what_the_walk_found_is_counted_and_measured_without_another_walk() -> None:
    finder = found(
        Text("1234", "user", ("messages", 0, "content")),
        Text("56", "unknown", ("messages", 0, "odd")),
        Text("789", "user", ("messages", 1, "content")),
        Text("later", "system", ("messages", 2, "content")),
        Text("first", "system", ("before",)),
        Text("", "system", ("before",)),
    )
    finder.counts["images"] = 2
    finder.foreign.add("top_p")
    messages: list[Any] = [{"role": "user"}, {"role": "user"}, {"role": "system"}]
    parameters = read_parameters({"messages": messages}, finder, WORDS, stream=False)
    assert parameters.values["images"] == (2,)
    assert parameters.values["messages"] == (3,)
    assert parameters.values["message_chars"] == (6,)
    assert parameters.values["prompt_chars"] == (19,)
    assert parameters.values["system"] == ("first", "later")
    assert parameters.foreign == {"top_p"}


def test_a_body_without_a_place_for_messages_is_one_message() -> None:
    finder = found(Text("1234", "user", ("a", 0)), Text("56", "unknown", ("b",)))
    parameters = read_parameters({}, finder, replace(WORDS, messages_key=None), stream=False)
    words = ("messages", "message_chars", "prompt_chars")
    assert [parameters.values[word] for word in words] == [(1,), (6,), (6,)]


def test_values_that_are_no_names_objects_or_lists_are_refused() -> None:
    asked = Asked({}, found(), {})
    assert asked.name("a", ("x",)) == "a"
    assert asked.member({}, ("x",)) == {}
    assert listed(asked, [{}], ("x",)) == [{}]
    for refused, place in (
        (lambda: asked.name("", ("x",)), "/x must be a name"),
        (lambda: asked.member([], ("x",)), "/x must be an object"),
        (lambda: asked.whole(-1, ("x",)), "/x must be a whole number"),
        (lambda: listed(asked, {}, ("x",)), "/x must be a list"),
        (lambda: listed(asked, [{}, 1], ("x",)), "/x/1 must be an object"),
    ):
        with pytest.raises(BadRequest) as caught:
            refused()
        assert caught.value.reason.startswith(place)


# fmt: off
MEMBERS = st.sampled_from((
    "tools", "functions", "tool_choice", "function_call", "thinking", "container", "mcp_servers",
    "output_config", "output_format", "response_format", "modalities", "audio", "max_tokens",
    "temperature", "n", "reasoning_effort", "web_search_options", "fallbacks", "thread", "system",
    "messages", "extra_body",
))
# fmt: on


@settings(max_examples=1500)
@given(st.sampled_from([OPENAI, ANTHROPIC]), st.dictionaries(MEMBERS, JSON, max_size=4))
def test_no_body_of_any_shape_is_more_than_a_bad_request(
    wire: Format, members: dict[str, Any]
) -> None:
    try:
        parameters = wire.read({"model": "m", "messages": [], **members}).parameters
    except BadRequest as refused:
        assert refused.reason.startswith(("/", "the body has"))  # noqa: PT017 - both ways out are right
        return
    assert set(parameters.values) == set(PARAMETERS)
    assert parameters.stated | parameters.foreign <= set(PARAMETERS)


@settings(max_examples=200)
@given(OPENAI_BODIES | ANTHROPIC_BODIES, st.data())
def test_the_order_of_members_says_nothing(body: dict[str, Any], data: st.DataObject) -> None:
    def meaning(request: dict[str, Any]) -> Any:
        try:
            parameters = wire.read(request).parameters
        except BadRequest:
            return None
        values = {name: sorted(map(str, held)) for name, held in parameters.values.items()}
        return values, parameters.stated, parameters.foreign

    wire = ANTHROPIC if body["model"].startswith("claude") else OPENAI
    members = data.draw(st.permutations(list(body.items())))
    assert meaning(dict(members)) == meaning(body)


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_every_word_of_the_vocabulary_has_a_place(name: str, load: Callable[[str], Any]) -> None:
    wire = {"openai": OPENAI, "anthropic": ANTHROPIC}[name]
    assert set(wire.read(load(f"{name}_request")).parameters.values) == set(PARAMETERS)
