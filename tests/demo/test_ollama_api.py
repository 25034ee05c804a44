"""The demo model's Ollama side: every body and every line is valid by the SDK's own types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ollama import ChatResponse, EmbedResponse, GenerateResponse

from gateway.demo.ollama_api import (
    answer,
    error,
    events,
    read_chat,
    read_embed,
    read_generate,
    vectors,
)
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

CHAT = DemoRequest("ollama", "demo-small", (), stream=True, body={"messages": []})
TEXT = DemoRequest("ollama", "demo-small", (), stream=True, body={"prompt": "x"})
REPLY = DemoReply('Say "hi" é', thinking=("h", "m"), tool_calls=(ToolCall("f", {"a": 1}),))


def test_a_whole_answer_is_valid() -> None:
    chat = ChatResponse.model_validate_json(answer(CHAT, REPLY, 7))
    assert (chat.message.content, chat.message.thinking) == ('Say "hi" é', "hm")
    assert chat.message.tool_calls is not None
    assert chat.message.tool_calls[0].function.arguments == {"a": 1}
    assert (chat.done, chat.done_reason, chat.eval_count) == (True, "stop", 3)
    text = GenerateResponse.model_validate_json(answer(TEXT, REPLY, 7))
    assert (text.response, text.thinking, text.context) == ('Say "hi" é', "hm", [1, 2, 3])


@pytest.mark.parametrize("request_", [CHAT, TEXT], ids=["chat", "text"])
def test_every_line_of_a_stream_is_valid_and_the_last_is_done(request_: DemoRequest) -> None:
    kind: Any = ChatResponse if request_ is CHAT else GenerateResponse
    lines = list(events(request_, REPLY, 7))
    assert all(line.count(b"\n") == 1 and line.endswith(b"}\n") for line in lines)
    parts = [kind.model_validate_json(line) for line in lines]
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    said = [part.message.content if request_ is CHAT else part.response for part in parts]
    assert "".join(said) == 'Say "hi" é'


def test_an_error_is_a_message() -> None:
    assert json.loads(error(429, "rate_limit_error", "slow", 7)) == {"error": "slow"}


def test_a_stream_is_what_is_answered_unless_it_is_declined() -> None:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert read_chat(body, "", {}).stream
    assert not read_chat({**body, "stream": False}, "", {}).stream
    assert read_chat(body, "", {}).last.text == "hi"
    assert read_generate({"model": "m", "prompt": "hi", "system": "s"}, "", {}).last.text == "hi"


@pytest.mark.parametrize("given", ["hi", ["hi", "ho"]])
def test_each_text_has_a_vector(given: str | list[str]) -> None:
    request = read_embed({"model": "m", "input": given, "dimensions": 7}, "", {})
    found = EmbedResponse.model_validate_json(vectors(request, REPLY, 7))
    assert [len(vector) for vector in found.embeddings] == [7] * len(request.messages)
    assert found.prompt_eval_count == len(request.messages)


@pytest.mark.parametrize("body", [{}, {"model": "m", "messages": [{}]}, {"model": "m", "tools": 3}])
def test_what_is_none_of_this_api_is_an_error(body: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        read_chat(body, "", {})
