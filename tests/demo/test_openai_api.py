"""The demo model's OpenAI side: every body and every event is valid by the SDK's own types."""

from __future__ import annotations

import json

from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.demo.openai_api import MODELS, answer, error, events, read
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

REQUEST = DemoRequest("openai", "demo-small", (), stream=True, choices=2, stream_usage=True)
REPLY = DemoReply('Say "hi" é', thinking=("hm",), tool_calls=(ToolCall("f", {"a": 1}),))


def test_a_whole_answer_is_valid() -> None:
    got = ChatCompletion.model_validate_json(answer(REQUEST, REPLY, 7), strict=True)
    assert [choice.message.content for choice in got.choices] == ['Say "hi" é'] * 2
    assert got.id == "chatcmpl-demo00000007"


def test_every_event_of_a_stream_is_valid() -> None:
    *chunks, done = events(REQUEST, REPLY, 7)
    assert done == b"data: [DONE]\n\n"
    for chunk in chunks:
        assert chunk.startswith(b"data: {")
        assert chunk.endswith(b"}\n\n")
        ChatCompletionChunk.model_validate_json(chunk.removeprefix(b"data: "), strict=True)


def test_errors_and_models_have_openais_shape() -> None:
    assert json.loads(error(429, "tokens", "slow")) == {
        "error": {
            "message": "slow",
            "type": "tokens",
            "param": None,
            "code": "rate_limit_exceeded",
        }
    }
    assert [model["id"] for model in json.loads(MODELS)["data"]] == ["demo-small", "demo-large"]


def test_a_tool_call_alone_has_no_text() -> None:
    only = DemoReply(tool_calls=(ToolCall("f", {}),))
    got = ChatCompletion.model_validate_json(answer(REQUEST, only, 1))
    assert got.choices[0].message.content is None
    assert got.choices[0].finish_reason == "tool_calls"


def test_the_number_of_choices_is_bounded() -> None:
    body = {"model": "m", "messages": [], "n": 10**6}
    assert read(body, "", {}).choices == 16


def test_azures_path_names_the_model() -> None:
    body = {"model": "other", "messages": []}
    path = "/openai/deployments/demo-small/chat/completions?api-version=2024-10-21"
    assert read(body, path, {}).model == "demo-small"
