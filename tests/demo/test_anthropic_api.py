"""The demo model's Anthropic side: every body and every event is valid by the SDK's own types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from gateway.demo.anthropic_api import answer, count, error, events, read, read_count
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

REQUEST = DemoRequest("anthropic", "demo-small", (), stream=True)
REPLY = DemoReply('Say "hi" é', thinking=("hm",), tool_calls=(ToolCall("f", {"a": 1}),))


def test_a_whole_answer_is_valid() -> None:
    got = Message.model_validate_json(answer(REQUEST, REPLY, 7))
    assert [block.type for block in got.content] == ["thinking", "text", "tool_use"]
    assert got.stop_reason == "tool_use"


def test_every_event_of_a_stream_is_valid_and_named_as_it_is() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
    kinds = []
    for event in events(REQUEST, REPLY, 7):
        head, data, *rest = event.split(b"\n")
        parsed = json.loads(data.removeprefix(b"data: "))
        assert head == b"event: " + parsed["type"].encode()
        assert rest == [b"", b""]
        kinds.append(parsed["type"])
        if parsed["type"] != "ping":
            adapter.validate_python(parsed)
    assert kinds[:3] == ["message_start", "content_block_start", "ping"]
    assert kinds[-2:] == ["message_delta", "message_stop"]


def test_an_error_has_anthropics_shape() -> None:
    body = json.loads(error(429, "rate_limit_error", "slow", 7))
    assert body["error"] == {"type": "rate_limit_error", "message": "slow"}
    assert body["type"] == "error"


def test_a_tools_result_is_the_last_message() -> None:
    content = [{"type": "tool_result", "tool_use_id": "t", "content": "sunny"}]
    body = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": content}]}
    assert (read(body, "", {}).last.role, read(body, "", {}).last.text) == ("tool", "sunny")


def test_an_answer_must_be_bounded() -> None:
    with pytest.raises(KeyError):
        read({"model": "m", "messages": []}, "", {})


def test_tokens_are_counted_without_a_bound() -> None:
    request = read_count(
        {"model": "m", "messages": [{"role": "user", "content": "12345678"}]}, "", {}
    )
    assert json.loads(count(request, DemoReply(), 1)) == {"input_tokens": 2}
