"""Where texts stand in chat completions: every place of the SDK's types, and every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, UpstreamError
from gateway.terms import ANSWERS
from gateway.wire.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = OpenAIChat()


def texts(message: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    found = FORMAT.read({"model": "m", "messages": [message]}).texts
    return [
        (t.where.removeprefix("/messages/0"), t.value, t.provenance, t.rewritable) for t in found
    ]


def test_every_text_of_a_request_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    found = {t.where: (t.value, t.provenance) for t in FORMAT.read(load("openai_request")).texts}
    assert found == {
        "/user": ("ada", "user"),
        "/prompt_cache_key": ("cache-1", "user"),
        "/safety_identifier": ("user-1", "user"),
        "/metadata/ticket": ("T 42", "user"),
        "/metadata/team": ("blue", "user"),
        "/stop/0": ("END", "user"),
        "/stop/1": ("STOP HERE", "user"),
        "/prediction/content/0/text": ("the expected answer", "assistant"),
        "/response_format/json_schema/name": ("report", "tool_definition"),
        "/response_format/json_schema/description": ("a report", "tool_definition"),
        "/response_format/json_schema/schema/properties/title/description": (
            "the title",
            "tool_definition",
        ),
        "/tools/0/function/name": ("weather", "tool_definition"),
        "/tools/0/function/description": ("tells the weather", "tool_definition"),
        "/tools/0/function/parameters/required/0": ("city", "tool_definition"),
        "/tools/0/function/parameters/properties/city": ("city", "tool_definition"),
        "/tools/0/function/parameters/properties/city/enum/0": ("Rome", "tool_definition"),
        "/tools/0/function/parameters/properties/city/enum/1": ("Oslo", "tool_definition"),
        "/tools/0/function/parameters/properties/city/default": ("Rome", "tool_definition"),
        "/tools/0/function/parameters/properties/city/description": ("where", "tool_definition"),
        "/tools/1/custom/name": ("shell", "tool_definition"),
        "/tools/1/custom/description": ("runs a line", "tool_definition"),
        "/tools/1/custom/format/grammar/definition": ("start: WORD", "tool_definition"),
        "/tool_choice/function/name": ("weather", "tool_definition"),
        "/web_search_options/user_location/approximate/city": ("Rome", "tool_definition"),
        "/functions/0/name": ("old", "tool_definition"),
        "/functions/0/description": ("an old function", "tool_definition"),
        "/messages/0/content": ("be brief", "system"),
        "/messages/0/name": ("boss", "system"),
        "/messages/1/content/0/text": ("be kind", "system"),
        "/messages/2/name": ("ada", "user"),
        "/messages/2/content/0/text": ("what is this?", "user"),
        "/messages/2/content/2/image_url/url": ("https://example.com/cat.png", "user"),
        "/messages/2/content/3/image_url/url#": ("hello there", "user"),
        "/messages/2/content/5/file/filename": ("plan of ada.pdf", "document"),
        "/messages/3/refusal": ("not that", "assistant"),
        "/messages/3/reasoning_content": ("hmm", "assistant"),
        "/messages/3/tool_calls/0/function/name": ("weather", "assistant"),
        "/messages/3/tool_calls/0/function/arguments#/city": ("Rome", "assistant"),
        "/messages/3/tool_calls/0/function/arguments#/days": ("days", "assistant"),
        "/messages/3/tool_calls/0/function/arguments#/days/1": ("4111111111111111", "assistant"),
        "/messages/3/tool_calls/1/custom/name": ("shell", "assistant"),
        "/messages/3/tool_calls/1/custom/input": ("ls -l", "assistant"),
        "/messages/3/function_call/name": ("old", "assistant"),
        "/messages/3/function_call/arguments": ("{not json", "assistant"),
        "/messages/4/content/0/text": ("a part", "assistant"),
        "/messages/4/content/1/refusal": ("no to this part", "assistant"),
        "/messages/5/content": ("it is sunny", "tool"),
        "/messages/6/content/0/text": ("total 0", "tool"),
        "/messages/7/content": ("an old result", "tool"),
        "/messages/7/name": ("old", "tool"),
        "/unheard_of": ("unheard_of", "unknown"),
        "/unheard_of/deep": ("deep", "unknown"),
        "/unheard_of/deep/0": ("a hidden text", "unknown"),
    }


def test_a_text_anywhere_in_a_request_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("openai_request")):
        try:
            found = FORMAT.read(body).texts
        except BadRequest as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path


def test_a_text_anywhere_in_an_answer_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("openai_answer")):
        try:
            found = FORMAT.read_answer(body).texts
        except UpstreamError as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path
        assert {text.provenance for text in found} <= set(ANSWERS)


def test_wrong_types_are_refusals_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for body in mistyped(load("openai_request")):
        try:
            FORMAT.read(body)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body"))  # noqa: PT017 - as above
    for body in mistyped(load("openai_answer")):
        try:
            answer = FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)
        FORMAT.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


@pytest.mark.parametrize("role", ["User", "SYSTEM", "root", "model", ""])
def test_bug_a_role_that_the_api_does_not_have_was_passed_on(role: str) -> None:
    with pytest.raises(BadRequest, match=r"^/messages/0/role must be one of assistant, developer,"):
        texts({"role": role, "content": "x"})


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"content": "x"}, "/messages/0/role must be a string"),
        ({"role": "user", "content": 3}, "/messages/0/content must be a string or a list"),
        ({"role": "user", "content": ["x"]}, "/messages/0/content/0 must be an object"),
        ({"role": "user", "CONTENT": "x"}, "/messages/0/content is spelt in another case"),
        ("x", "/messages/0 must be an object"),
    ],
)
def test_a_malformed_message_is_refused_with_its_place(message: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        texts(message)
    assert caught.value.reason == reason


def test_sound_and_pictures_are_not_text_but_what_poses_as_them_is() -> None:
    part = {"type": "input_audio", "input_audio": {"data": "buy my thing!", "format": "wav"}}
    assert texts({"role": "user", "content": [part]}) == [
        ("/content/0/input_audio/data", "buy my thing!", "user", False)
    ]


def test_arguments_with_a_key_twice_are_read_as_they_stand() -> None:
    raw = '{"to": "evil@example.com", "to": "ada"}'
    call = {"id": "c", "type": "function", "function": {"name": "mail", "arguments": raw}}
    assert (
        "/tool_calls/0/function/arguments",
        raw,
        "assistant",
        True,
    ) in texts({"role": "assistant", "tool_calls": [call]})
