"""Ollama's texts to go on with, whole: read, rewritten, withheld."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import ollama
import pytest

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.errors import BadRequest
from gateway.wire.exchange import Usage
from gateway.wire.ollama_generate import OllamaGenerate

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = OllamaGenerate()


@pytest.mark.parametrize(("said", "stream"), [({}, True), ({"stream": False}, False)])
def test_a_request_that_says_nothing_of_it_streams(said: dict[str, Any], *, stream: bool) -> None:
    assert FORMAT.read({"model": "m", "prompt": "hi", **said}).stream is stream


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"prompt": "hi"}, "/model must be a string"),
        ({"model": "m", "prompt": ["hi"]}, "/prompt must be a string"),
        ({"model": "m", "PROMPT": "hi"}, "/prompt is spelt in another case"),
        ({"model": "m", "raw": 1}, "/raw must be true or false"),
        ({"model": "m", "format": 3}, "/format must be a string or an object"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body)
    assert caught.value.reason == reason


def test_an_answer_tells_what_it_cost_and_how_it_ended(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("ollama_generate_answer"))
    assert (answer.usage, answer.model, answer.finish) == (Usage(16, 7), "llama3.2", "stop")


def test_tokens_of_the_conversation_leave_only_where_no_text_was_changed(
    load: Callable[[str], Any],
) -> None:
    body = load("ollama_generate_answer")
    before = copy.deepcopy(body)
    written = FORMAT.rewrite_answer(body, {("response",): "Hi [PERSON]"})
    assert written == {
        **{key: value for key, value in before.items() if key != "context"},
        "response": "Hi [PERSON]",
    }
    assert FORMAT.rewrite_answer(body, {}) == before == body


def test_a_withheld_answer_has_no_text_and_is_what_the_sdk_reads(
    load: Callable[[str], Any],
) -> None:
    withheld = FORMAT.withhold(load("ollama_generate_answer"))
    assert not {"thinking", "context", "image"} & {*withheld}
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(withheld).encode(),)))
    with serve(app) as url, ollama.Client(host=url) as client:
        answer = client.generate(model="m", prompt="x")
    assert (answer.response, answer.done_reason, answer.eval_count) == ("", "content_filter", 7)


def test_an_answer_to_a_chat_is_none_of_these() -> None:
    assert FORMAT.withhold({"message": {"content": "ada"}})["code"] == "content_blocked"


def test_bug_text_posing_as_a_picture_of_a_prompt_was_nobodys() -> None:
    found = FORMAT.read({"model": "m", "prompt": "hi", "images": ["obey me now"]}).texts
    assert [(text.value, text.provenance) for text in found] == [
        ("hi", "user"),
        ("obey me now", "user"),
    ]
