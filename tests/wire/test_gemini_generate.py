"""Gemini's generation of content, whole: read, rewritten, withheld, refused."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from google import genai
from google.genai import types

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import Target, Usage
from gateway.wire.gemini_generate import GeminiGenerate

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = GeminiGenerate()
TARGET = Target("gemini-3-pro", stream=True)


def test_the_path_names_the_model_and_whether_to_stream(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("gemini_request"), TARGET)
    assert (exchange.model, exchange.stream) == ("gemini-3-pro", True)
    assert exchange.parameters.values["stream"] == (True,)
    assert exchange.continues == ()
    assert not FORMAT.read(load("gemini_request"), Target("m", stream=False)).stream


def test_a_body_that_names_the_models_again_goes_out_without(load: Callable[[str], Any]) -> None:
    body = load("gemini_request")
    exchange = FORMAT.read({**body, "model": "models/gemini-3-pro"}, TARGET)
    assert exchange.body == body
    with pytest.raises(BadRequest, match="/model must name"):
        FORMAT.read({**body, "model": "models/another"}, TARGET)


@pytest.mark.parametrize("key", ["cachedContent", "cached_content"])
def test_what_the_upstream_holds_is_said(key: str) -> None:
    exchange = FORMAT.read({"contents": [], key: "cachedContents/c-1"}, TARGET)
    assert exchange.continues == ("cachedContents/c-1",)
    assert {"tools", "system", "messages", "prompt_chars"} <= exchange.parameters.foreign
    with pytest.raises(BadRequest, match=f"/{key} must be a name"):
        FORMAT.read({"contents": [], key: "a text"}, TARGET)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({}, "/contents must be a list or an object"),
        ({"contents": None}, "/contents must be a list or an object"),
        ({"contents": "hi"}, "/contents must be an object"),
        ({"contents": [], "systemInstruction": "x"}, "/systemInstruction must be an object"),
        ({"contents": [], "Tools": []}, "/tools is spelt in another case"),
        ({"contents": [{"role": 3}]}, "/contents/0/role must be a string"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body, TARGET)
    assert caught.value.reason == reason


def test_rewriting_a_request_by_itself_changes_nothing(load: Callable[[str], Any]) -> None:
    body = load("gemini_request")
    before = copy.deepcopy(body)
    texts = {
        t.path: t.value
        for t in FORMAT.read(body, TARGET).texts
        if t.rewritable and not t.value.isdecimal()
    }
    assert FORMAT.rewrite_request(body, texts) == before == body


def test_a_text_file_is_rewritten_in_base64(load: Callable[[str], Any]) -> None:
    body = load("gemini_request")
    (file,) = (t for t in FORMAT.read(body, TARGET).texts if t.value == "a plain file")
    written = FORMAT.rewrite_request(body, {file.path: "[GONE]"})
    assert written["contents"][0]["parts"][2]["inlineData"]["data"] == "W0dPTkVd"


def test_an_answer_tells_what_it_cost_and_how_it_ended(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("gemini_answer"))
    assert answer.usage == Usage(15, 10)
    assert (answer.model, answer.finish) == ("gemini-3-pro", "STOP")


def test_a_prompt_that_the_upstream_blocks_is_an_answer() -> None:
    feedback = {"blockReason": "SAFETY", "blockReasonMessage": "not this"}
    answer = FORMAT.read_answer({"promptFeedback": feedback})
    assert ([t.value for t in answer.texts], answer.finish) == (["not this"], "SAFETY")


def test_a_rewritten_answer_spells_nothing_again(load: Callable[[str], Any]) -> None:
    body = load("gemini_answer")
    body["candidates"].append(copy.deepcopy(body["candidates"][0]))
    for candidate in body["candidates"]:
        candidate["logprobsResult"] = {"chosenCandidates": [{"token": "Ada"}]}
    before = copy.deepcopy(body)
    path = ("candidates", 0, "content", "parts", 1, "text")
    written = FORMAT.rewrite_answer(body, {path: "Hi [PERSON]"})
    assert body == before
    first, second = written["candidates"]
    assert first["content"]["parts"][1] == {"text": "Hi [PERSON]"}
    assert "Ada again" not in json.dumps(first)
    assert "logprobsResult" not in first
    assert second == before["candidates"][1]


def test_a_rewrite_beside_the_content_leaves_the_rest(load: Callable[[str], Any]) -> None:
    body = load("gemini_answer")
    path = ("candidates", 0, "groundingMetadata", "webSearchQueries", 0)
    written = FORMAT.rewrite_answer(body, {path: "[GONE]"})
    assert written["candidates"][0]["groundingMetadata"]["groundingSupports"]


def through_the_sdk(body: Any) -> types.GenerateContentResponse:
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(body).encode(),)))
    with serve(app) as url:
        client = genai.Client(api_key="x", http_options={"base_url": url})
        answer = client.models.generate_content(model="m", contents="x")
        client.close()
    return answer


def test_a_withheld_answer_has_no_text_and_is_what_the_sdk_reads(
    load: Callable[[str], Any],
) -> None:
    body = load("gemini_answer")
    body["candidates"] *= 2
    withheld = FORMAT.withhold(body)
    assert FORMAT.read_answer(withheld).texts == ()
    answer = through_the_sdk(withheld)
    assert [one.finish_reason for one in answer.candidates or ()] == [types.FinishReason.SAFETY] * 2
    assert answer.text is None
    assert answer.response_id == "resp-1"
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.total_token_count == 25


@pytest.mark.parametrize("body", [{}, {"candidates": []}, {"promptFeedback": {"x": "4111"}}])
def test_an_answer_without_candidates_is_withheld_as_one(body: Any) -> None:
    (candidate,) = FORMAT.withhold(body)["candidates"]
    assert (candidate["index"], candidate["finishReason"]) == (0, "SAFETY")
    assert "4111" not in json.dumps(FORMAT.withhold(body))


def test_a_withheld_answer_keeps_no_id_that_could_speak(load: Callable[[str], Any]) -> None:
    body = load("gemini_answer") | {"responseId": "my card is 4111 1111 1111 1111"}
    assert "responseId" not in FORMAT.withhold(body)


@pytest.mark.parametrize(
    "body", [[], "x", None, {"candidates": "x"}, {"candidates": [3]}, {"candidates": {}}]
)
def test_what_is_no_answer_is_the_upstreams_fault(body: Any) -> None:
    with pytest.raises(UpstreamError):
        FORMAT.read_answer(body)


def test_an_error_names_its_request() -> None:
    details = FORMAT.error(403, "policy_denied", "No.", "0190")["error"]["details"]
    assert details[0]["metadata"] == {"code": "policy_denied", "request": "0190"}


def test_this_api_counts_without_being_asked() -> None:
    assert FORMAT.counting_request({"contents": []}) is None
