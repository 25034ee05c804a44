"""The demo model's Responses API: every body and every event is valid by the SDK's own types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.demo.reply import DemoMessage, DemoReply, DemoRequest, ToolCall
from gateway.demo.responses_api import answer, events, read

REPLY = DemoReply('Say "hi" é', thinking=("h", "m"), tool_calls=(ToolCall("f", {"a": 1}),))
ECHOED = {"instructions": "be brief", "user": "ada", "temperature": 0.5}
REQUEST = DemoRequest("openai", "demo-small", (), stream=True, body=ECHOED)


def told(request: DemoRequest, reply: DemoReply) -> list[dict[str, Any]]:
    found = []
    for event in events(request, reply, 7):
        name, data, *rest = event.split(b"\n")
        assert rest == [b"", b""]
        found.append(json.loads(data.removeprefix(b"data: ")))
        assert name == b"event: " + found[-1]["type"].encode()
        TypeAdapter(ResponseStreamEvent).validate_python(found[-1])
    return found


def test_a_whole_answer_is_valid() -> None:
    got = Response.model_validate_json(answer(REQUEST, REPLY, 7))
    assert (got.id, got.status, got.output_text) == ("resp_demo00000007", "completed", 'Say "hi" é')
    assert [item.type for item in got.output] == ["reasoning", "message", "function_call"]
    assert (got.instructions, got.user, got.temperature) == ("be brief", "ada", 0.5)


def test_every_event_of_a_stream_is_valid_and_numbered() -> None:
    found = told(REQUEST, REPLY)
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert [event["type"] for event in found[:2]] == ["response.created", "response.in_progress"]
    assert found[-1]["response"] == json.loads(answer(REQUEST, REPLY, 7))


def test_every_text_comes_in_pieces_and_then_whole() -> None:
    found = told(REQUEST, REPLY)
    for stem, member in (
        ("output_text", "text"),
        ("reasoning_summary_text", "text"),
        ("function_call_arguments", "arguments"),
    ):
        pieces = [one["delta"] for one in found if one["type"] == f"response.{stem}.delta"]
        (done,) = [one[member] for one in found if one["type"] == f"response.{stem}.done"]
        assert "".join(pieces) == done
    items = [one["item"] for one in found if one["type"] == "response.output_item.done"]
    assert items == found[-1]["response"]["output"]


def test_an_answer_may_be_cut_short() -> None:
    *_, last = told(REQUEST, DemoReply("Hi", finish="max_output_tokens"))
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


def test_a_conversation_is_read_without_the_models_own_calls() -> None:
    body = {
        "model": "m",
        "instructions": "be brief",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "weather?"}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"id": "msg_1"},
            {"type": "function_call_output", "call_id": "c", "output": "sunny"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": {}}, {"type": "web_search"}],
    }
    request = read(body, "", {})
    assert request.messages == (
        DemoMessage("system", "be brief"),
        DemoMessage("user", "weather?"),
        DemoMessage("tool", "sunny"),
    )
    assert [tool.name for tool in request.tools] == ["f"]
    assert read({"model": "m", "input": "hi"}, "", {}).last == DemoMessage("user", "hi")


@pytest.mark.parametrize("body", [{}, {"model": "m", "input": [3]}, {"model": "m", "tools": [{}]}])
def test_other_bodies_are_none_of_this_api(body: Any) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        read(body, "", {})
