"""OpenAI's chat completions, whole: read, rewritten, withheld, refused."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from openai.types.chat import ChatCompletion

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import EMBEDDED, Usage
from gateway.wire.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = OpenAIChat()


def test_a_request_names_its_model_and_whether_it_streams(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("openai_request"))
    assert (exchange.model, exchange.stream) == ("gpt-5-mini", True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({"model": "m"}, "/messages must be a list"),
        ({"model": "m", "messages": None}, "/messages must be a list"),
        ({"model": "m", "messages": "x"}, "/messages must be a list"),
        ({"messages": []}, "/model must be a string"),
        ({"Model": "m", "model": "m", "messages": []}, "/model is spelt in another case"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body)
    assert caught.value.reason == reason


def test_rewriting_a_request_by_itself_changes_nothing(load: Callable[[str], Any]) -> None:
    body = load("openai_request")
    before = copy.deepcopy(body)
    texts = {t.path: t.value for t in FORMAT.read(body).texts if t.rewritable}
    written = FORMAT.rewrite_request(body, texts)
    arguments = written["messages"][3]["tool_calls"][0]["function"]
    assert json.loads(arguments["arguments"]) == {"city": "Rome", "days": [1, "4111111111111111"]}
    arguments["arguments"] = before["messages"][3]["tool_calls"][0]["function"]["arguments"]
    assert written == before == body


def test_an_answer_tells_what_it_cost_and_how_it_ended(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("openai_answer"))
    assert answer.usage == Usage(11, 7)
    assert (answer.model, answer.finish) == ("gpt-5-mini", "stop")


def test_every_text_of_an_answer_is_found(load: Callable[[str], Any]) -> None:
    found = {t.where: t.value for t in FORMAT.read_answer(load("openai_answer")).texts}
    message = "/choices/0/message"
    assert found == {
        f"{message}/content": "Hi Ada",
        f"{message}/refusal": "not quite",
        f"{message}/reasoning_content": "I greet",
        f"{message}/reasoning": "a greeting",
        f"{message}/annotations/0/url_citation/title": "a title",
        f"{message}/annotations/0/url_citation/url": "https://example.com/a b",
        f"{message}/audio/transcript": "Hi there",
        f"{message}/function_call/name": "old",
        f"{message}/function_call/arguments#/a": "b c",
        f"{message}/tool_calls/0/function/name": "weather",
        f"{message}/tool_calls/0/function/arguments#/city": "Rome",
        f"{message}/tool_calls/1/custom/name": "shell",
        f"{message}/tool_calls/1/custom/input": "ls -l",
        "/choices/1/message/content": "Ho",
        "/unheard_of": "unheard_of",
        "/unheard_of/deep": "deep",
        "/unheard_of/deep/0": "a hidden text",
    }


def test_a_rewritten_choice_loses_what_spells_it_again(load: Callable[[str], Any]) -> None:
    body = load("openai_answer")
    before = copy.deepcopy(body)
    where = ("choices", 0, "message", "tool_calls", 0, "function", "arguments", EMBEDDED, "city")
    written = FORMAT.rewrite_answer(body, {where: "[CITY]"})
    assert body == before
    choice = written["choices"][0]
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city":"[CITY]"}'
    assert choice["logprobs"] is None
    assert choice["message"]["audio"]["data"] == ""
    assert written["choices"][1] == before["choices"][1]
    assert FORMAT.rewrite_answer(body, {}) == before


def test_log_probabilities_are_read_where_they_say_more_than_the_text() -> None:
    tops = [{"token": "Blue", "logprob": -1, "bytes": None}]
    tokens = [{"token": "Red", "logprob": -1, "bytes": None, "top_logprobs": tops}]
    choice = {"index": 0, "message": {"content": "Red"}, "logprobs": {"content": tokens}}
    body = {"choices": [choice, {"index": 1, "logprobs": {"content": tokens}}]}
    found = FORMAT.read_answer(body).texts
    assert [(text.where, text.value) for text in found] == [
        ("/choices/0/message/content", "Red"),
        ("/choices/0/logprobs#/content/0", "Blue"),
        ("/choices/1/logprobs#/content/0", "Blue"),
        ("/choices/1/logprobs#/content/tokens", "Red"),
    ]
    written = FORMAT.rewrite_answer(body, {found[1].path: "[PROJECT]"})
    assert written["choices"] == [{**choice, "logprobs": None}, body["choices"][1]]


def test_a_withheld_answer_has_no_text_and_is_what_the_sdk_expects(
    load: Callable[[str], Any],
) -> None:
    withheld = FORMAT.withhold(load("openai_answer"))
    assert FORMAT.read_answer(withheld).texts == ()
    answer = ChatCompletion.model_validate(withheld)
    assert [choice.finish_reason for choice in answer.choices] == ["content_filter"] * 2
    assert [choice.message.content for choice in answer.choices] == [None, None]
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 7
    assert (answer.id, answer.model) == ("chatcmpl-1", "gpt-5-mini")


def test_a_withheld_answer_keeps_no_id_that_could_speak(load: Callable[[str], Any]) -> None:
    body = load("openai_answer") | {"id": "my card is 4111 1111 1111 1111"}
    assert "id" not in FORMAT.withhold(body)


def test_a_withheld_choice_keeps_its_index() -> None:
    withheld = FORMAT.withhold({"choices": [{"index": 1}, {"index": 0}, {"index": "x"}, 3]})
    assert [choice["index"] for choice in withheld["choices"]] == [1, 0, 2, 3]


def test_an_error_body_is_read_and_withheld() -> None:
    body = {"error": {"message": "no such user: ada@example.com", "code": None, "type": "x"}}
    assert "no such user: ada@example.com" in [t.value for t in FORMAT.read_answer(body).texts]
    assert FORMAT.withhold(body)["error"]["code"] == "content_blocked"
    assert "ada" not in json.dumps(FORMAT.withhold(body))
    assert FORMAT.read_answer({"detail": "no"}).finish is None


@pytest.mark.parametrize("body", [[], "x", None, {"choices": {}}, {"choices": [3]}])
def test_what_is_no_answer_is_the_upstreams_fault(body: Any) -> None:
    with pytest.raises(UpstreamError):
        FORMAT.read_answer(body)


def test_empty_choices_are_an_answer() -> None:
    ways: tuple[Any, ...] = ([], None)
    for choices in ways:
        assert FORMAT.read_answer({"choices": choices}).finish is None
    assert FORMAT.withhold({"choices": []}) == {"choices": []}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "invalid_request_error"),
        (403, "request_forbidden"),
        (404, "invalid_request_error"),
        (413, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "server_error"),
        (502, "server_error"),
        (503, "server_error"),
        (504, "server_error"),
    ],
)
def test_errors_are_worded_as_openai_does(status: int, kind: str) -> None:
    assert FORMAT.error(status, "a_code", "A message.", "0190") == {
        "error": {"message": "A message.", "type": kind, "param": None, "code": "a_code"}
    }


def test_a_stream_is_asked_for_its_counts_where_the_client_did_not() -> None:
    body = {"model": "m", "messages": [], "stream": True}
    assert FORMAT.counting_request(body) == {**body, "stream_options": {"include_usage": True}}
    more = {**body, "stream_options": {"include_obfuscation": False}}
    options = {"include_obfuscation": False, "include_usage": True}
    assert FORMAT.counting_request(more) == {**body, "stream_options": options}
    assert more["stream_options"] == {"include_obfuscation": False}
    for asked in (
        {**body, "stream": False},
        {**body, "stream_options": {"include_usage": True}},
        {**body, "stream_options": "odd"},
    ):
        assert FORMAT.counting_request(asked) is None
