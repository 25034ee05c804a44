"""OpenAI's responses, whole: read, rewritten, withheld, refused."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from openai.types.responses import Response

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import EMBEDDED, Usage
from gateway.wire.openai_responses import OpenAIResponses

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = OpenAIResponses()


def test_a_request_names_its_model_and_whether_it_streams(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("responses_request"))
    assert (exchange.model, exchange.stream) == ("gpt-5-mini", True)
    assert exchange.held == ("msg_9", "msg_8")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({"input": "x"}, "/model must be a string"),
        ({"model": "m", "input": 3}, "/input must be a string or a list"),
        ({"model": "m", "Input": "x"}, "/input is spelt in another case"),
        ({"prompt": {"id": "p"}}, "/model must be a string"),
        (
            {"model": "m", "background": True},
            "/background must be false: an answer in the background is fetched elsewhere",
        ),
        (
            {"model": "m", "previous_response_id": "a", "conversation": "b"},
            "/previous_response_id must be left out where /conversation is given",
        ),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"previous_response_id": "resp_1"}, ("resp_1",)),
        ({"conversation": "conv_1"}, ("conv_1",)),
        ({"conversation": {"id": "conv_1"}}, ("conv_1",)),
        ({"conversation": None, "previous_response_id": None}, ()),
        (
            {"previous_response_id": "resp_1", "input": [{"id": "msg_1"}, {"id": "msg_1"}]},
            ("resp_1", "msg_1"),
        ),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, ("msg_1",)),
        ({"input": [{"type": "reasoning", "id": "rs_1", "summary": []}]}, ("rs_1",)),
        ({"input": [{"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA"}]}, ()),
        ({"input": [{"type": "image_generation_call", "id": "ig_1"}]}, ("ig_1",)),
        ({"input": [{"type": "image_generation_call", "id": "ig_1", "result": "iVBO"}]}, ()),
        ({"input": [{"type": "message", "id": "msg_1", "role": "user", "content": "x"}]}, ()),
        ({"input": [{"type": "custom_tool_call", "id": "ct_1", "name": "x", "input": "y"}]}, ()),
    ],
)
def test_a_request_says_what_it_goes_on_with(
    held: dict[str, Any], expected: tuple[str, ...]
) -> None:
    exchange = FORMAT.read({"model": "m", "input": "x", **held})
    assert exchange.continues == exchange.held == expected
    assert bool(expected) == ("prompt_chars" in exchange.parameters.foreign) or "ig_1" in expected


def test_rewriting_a_request_by_itself_changes_nothing_but_respellings(
    load: Callable[[str], Any],
) -> None:
    body = load("responses_request")
    before = copy.deepcopy(body)
    texts = {t.path: t.value for t in FORMAT.read(body).texts if t.rewritable}
    written = FORMAT.rewrite_request(body, texts)
    arguments = written["input"][4].pop("arguments")
    assert json.loads(arguments) == {"city": "Rome", "days": [1, "4111111111111111"]}
    assert written["input"][2]["content"][0].pop("logprobs") == []
    expected = copy.deepcopy(before)
    del expected["input"][4]["arguments"], expected["input"][2]["content"][0]["logprobs"]
    approval = written["input"][22].pop("arguments")
    assert json.loads(approval) == json.loads(expected["input"][22].pop("arguments"))
    assert written == expected
    assert body == before


def test_an_answer_tells_what_it_cost_how_it_ended_and_where_it_is_held(
    load: Callable[[str], Any],
) -> None:
    body = load("responses_answer")
    answer = FORMAT.read_answer(body)
    assert answer.usage == Usage(11, 7)
    assert (answer.model, answer.finish, answer.held_as) == ("gpt-5-mini", "completed", "resp_1")
    assert answer.parts[:2] == ("rs_1", body["output"][1]["id"])
    assert FORMAT.read_answer({**body, "store": False}).held_as is None
    cut = {**body, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    assert FORMAT.read_answer(cut).finish == "max_output_tokens"


def test_every_text_of_an_answer_is_found(load: Callable[[str], Any]) -> None:
    found = {t.where: t.value for t in FORMAT.read_answer(load("responses_answer")).texts}
    assert found == {
        "/instructions": "be brief",
        "/metadata/ticket": "T 42",
        "/prompt/variables/customer": "Ada Lovelace",
        "/tools/0/name": "weather",
        "/tools/0/description": "tells the weather",
        "/user": "ada",
        "/output/0/summary/0/text": "I looked",
        "/output/0/content/0/text": "hm hm",
        "/output/1/content/0/text": "Hi Ada",
        "/output/1/content/0/annotations/0/url": "https://example.com/c",
        "/output/1/content/0/annotations/0/title": "of Ada",
        "/output/1/content/0/annotations/1/filename": "by ada.txt",
        "/output/1/content/1/refusal": "not that",
        "/output/2/name": "weather",
        "/output/2/arguments#/city": "Rome",
        "/output/3/name": "shell",
        "/output/3/input": "ls -l",
        "/output/4/server_label": "calendar",
        "/output/4/name": "list",
        "/output/4/arguments#/day": "one day",
        "/output/4/output": "no days",
        "/output/5/type": "code_interpreter",
        "/output/5/code": "print(1)",
        "/output/5/outputs/0/logs": "it is 1",
        "/output/6/type": "image_generation",
        "/unheard_of": "unheard_of",
        "/unheard_of/deep": "deep",
        "/unheard_of/deep/0": "a hidden text",
    }


def test_an_answer_with_a_rewritten_text_says_nothing_of_the_old_one(
    load: Callable[[str], Any],
) -> None:
    body = load("responses_answer")
    written = FORMAT.rewrite_answer(
        body,
        {
            ("output", 1, "content", 0, "text"): "Hi [PERSON]",
            ("output", 2, "arguments", EMBEDDED, "city"): "[CITY]",
        },
    )
    message: Any = Response.model_validate(written).output[1]
    (part, _) = message.content
    assert (part.text, part.logprobs) == ("Hi [PERSON]", [])
    assert json.loads(written["output"][2]["arguments"]) == {"city": "[CITY]"}
    assert body["output"][1]["content"][0]["logprobs"]


def test_what_a_client_calls_like_log_probabilities_stays() -> None:
    variables = {"customer": "Ada", "logprobs": "a word"}
    body = {"model": "m", "prompt": {"id": "p", "variables": variables}}
    written = FORMAT.rewrite_request(body, {("prompt", "variables", "customer"): "[PERSON]"})
    assert written["prompt"]["variables"] == {"customer": "[PERSON]", "logprobs": "a word"}


@pytest.mark.parametrize("logprobs", [[{"token": "Ada"}], {"content": [{"token": "Ada"}]}])
def test_log_probabilities_of_whatever_form_go_with_a_changed_text(logprobs: Any) -> None:
    part = {"type": "output_text", "text": "Ada", "logprobs": logprobs}
    body = {"output": [{"type": "message", "role": "assistant", "content": [part]}]}
    written = FORMAT.rewrite_answer(body, {("output", 0, "content", 0, "text"): "[PERSON]"})
    assert "Ada" not in json.dumps(written)


def test_a_withheld_answer_has_no_text_and_is_one_that_the_sdk_understands(
    load: Callable[[str], Any],
) -> None:
    body = load("responses_answer")
    withheld = FORMAT.withhold(body)
    response = Response.model_validate(withheld)
    assert (response.status, response.output, response.output_text) == ("incomplete", [], "")
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "content_filter"
    assert (response.id, response.usage and response.usage.total_tokens) == ("resp_1", 18)
    told = FORMAT.read_answer(withheld)
    assert (told.texts, told.finish) == ((), "content_filter")


def test_a_withheld_answer_keeps_no_member_that_could_speak(load: Callable[[str], Any]) -> None:
    body = {**load("responses_answer"), "id": "my card is 4111", "model": "tell me more"}
    withheld = FORMAT.withhold(body)
    assert (withheld["id"], withheld["model"]) == ("resp_withheld", "")


def test_withholding_an_answer_that_is_none_is_an_error() -> None:
    withheld = FORMAT.withhold({"error": {"message": "my card is 4111"}})
    assert withheld["error"]["code"] == "content_blocked"
    assert "4111" not in json.dumps(withheld)


def test_an_error_body_is_read() -> None:
    answer = FORMAT.read_answer({"error": {"message": "no user ada", "code": "x", "param": None}})
    assert [text.value for text in answer.texts] == ["no user ada"]


@pytest.mark.parametrize("body", [[], {"output": 3}, {"output": [3]}, {"output": [{"type": 3}]}])
def test_a_body_that_is_no_answer_is_the_upstreams_fault(body: Any) -> None:
    with pytest.raises(UpstreamError):
        FORMAT.read_answer(body)


def test_this_api_counts_unasked() -> None:
    assert FORMAT.counting_request({"model": "m", "stream": True}) is None
