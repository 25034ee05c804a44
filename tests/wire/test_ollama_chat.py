"""Ollama's chats, whole: read, rewritten, withheld, refused."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import ollama
import pytest

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import Usage
from gateway.wire.ollama_chat import OllamaChat

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = OllamaChat()
MESSAGES = [{"role": "user", "content": "x"}]


def test_a_request_names_its_model_and_whether_it_streams(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("ollama_chat_request"))
    assert (exchange.model, exchange.stream) == ("llama3.2", True)


@pytest.mark.parametrize(
    ("said", "stream"),
    [
        ({}, True),
        ({"stream": None}, True),
        ({"stream": True}, True),
        ({"stream": False}, False),
    ],
)
def test_a_request_that_says_nothing_of_it_streams(said: dict[str, Any], *, stream: bool) -> None:
    exchange = FORMAT.read({"model": "m", "messages": MESSAGES, **said})
    assert exchange.stream is stream
    assert exchange.parameters.values["stream"] == (stream,)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({"messages": []}, "/model must be a string"),
        ({"model": "m", "messages": {}}, "/messages must be a list"),
        ({"model": "m", "stream": "false"}, "/stream must be true or false"),
        ({"model": "m", "Messages": []}, "/messages is spelt in another case"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body)
    assert caught.value.reason == reason


def test_rewriting_a_request_by_itself_changes_nothing(load: Callable[[str], Any]) -> None:
    body = load("ollama_chat_request")
    before = copy.deepcopy(body)
    texts = {
        t.path: t.value for t in FORMAT.read(body).texts if t.rewritable and not t.value.isdecimal()
    }
    assert FORMAT.rewrite_request(body, texts) == before == body


def test_an_answer_tells_what_it_cost_and_how_it_ended(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("ollama_chat_answer"))
    assert answer.usage == Usage(16, 7)
    assert (answer.model, answer.finish) == ("llama3.2", "stop")


def test_a_rewritten_answer_spells_nothing_a_second_time(load: Callable[[str], Any]) -> None:
    body = load("ollama_chat_answer") | {"context": [1, 2]}
    before = copy.deepcopy(body)
    written = FORMAT.rewrite_answer(body, {("message", "content"): "Hi [PERSON]"})
    assert written["message"] == {**before["message"], "content": "Hi [PERSON]"}
    assert {*before} - {*written} == {"logprobs", "context"}
    assert body == before
    assert FORMAT.rewrite_answer(body, {}) == before


def test_a_withheld_answer_has_no_text_and_is_what_the_sdk_reads(
    load: Callable[[str], Any],
) -> None:
    withheld = FORMAT.withhold(load("ollama_chat_answer"))
    assert [text.value for text in FORMAT.read_answer(withheld).texts] == [""]
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(withheld).encode(),)))
    with serve(app) as url, ollama.Client(host=url) as client:
        answer = client.chat(model="m", messages=MESSAGES)
    assert (answer.message.content, answer.message.tool_calls) == ("", None)
    assert (answer.done, answer.done_reason, answer.eval_count) == (True, "content_filter", 7)


def test_a_withheld_answer_keeps_no_word_that_could_speak(load: Callable[[str], Any]) -> None:
    body = load("ollama_chat_answer") | {"model": "my card is 4111 1111 1111 1111"}
    assert "4111" not in json.dumps(FORMAT.withhold(body))


def test_an_error_body_is_read_and_withheld() -> None:
    body = {"error": "no such user: ada"}
    assert "no such user: ada" in [text.value for text in FORMAT.read_answer(body).texts]
    withheld = FORMAT.withhold(body)
    assert withheld["code"] == "content_blocked"
    assert "ada" not in json.dumps(withheld)


@pytest.mark.parametrize("body", [[], "x", None, {"message": "x"}, {"message": {"content": 3}}])
def test_what_is_no_answer_is_the_upstreams_fault(body: Any) -> None:
    with pytest.raises(UpstreamError):
        FORMAT.read_answer(body)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504])
def test_errors_are_what_the_sdk_raises(status: int) -> None:
    body = FORMAT.error(status, "a_code", "A message.", "0190")
    assert body == {"error": "A message.", "code": "a_code"}
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(body).encode(),), status=status))
    with serve(app) as url, ollama.Client(host=url) as client:
        with pytest.raises(ollama.ResponseError) as caught:
            client.chat(model="m", messages=MESSAGES)
        with pytest.raises(ollama.ResponseError) as streamed:
            list(client.chat(model="m", messages=MESSAGES, stream=True))
    for error in (caught.value, streamed.value):
        assert (error.error, error.status_code) == ("A message.", status)


def test_this_api_counts_without_being_asked() -> None:
    assert FORMAT.counting_request({"model": "m", "messages": []}) is None
