"""The demo model's Gemini side: every body and every event is valid by the SDK's own types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.genai.types import FinishReason, GenerateContentResponse

from gateway.demo.gemini_api import answer, error, events, model_of, read
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

REQUEST = DemoRequest("gemini", "demo-small", (), stream=True)
REPLY = DemoReply('Say "hi" é', thinking=("hm",), tool_calls=(ToolCall("f", {"a": 1}),))
PATH = "/v1beta/models/demo-small:generateContent"


def test_a_whole_answer_is_valid() -> None:
    got = GenerateContentResponse.model_validate_json(answer(REQUEST, REPLY, 7))
    assert [(part.text, part.thought) for part in got.parts or ()] == [
        ("hm", True), ('Say "hi" é', None), (None, None),
    ]  # fmt: skip
    assert [(call.name, call.args) for call in got.function_calls or ()] == [("f", {"a": 1})]


def test_every_event_of_a_stream_is_valid_and_the_last_says_why_it_ends() -> None:
    reasons = []
    for event in events(REQUEST, REPLY, 7):
        head, data, *rest = event.partition(b"data: ")
        assert (head, rest[0][-4:]) == (b"", b"\r\n\r\n")
        got = GenerateContentResponse.model_validate_json(rest[0])
        assert data
        assert got.usage_metadata is not None
        assert got.candidates is not None
        reasons.append(got.candidates[0].finish_reason)
    assert reasons == [None] * (len(reasons) - 1) + [FinishReason.STOP]


def test_candidates_take_turns() -> None:
    request = DemoRequest("gemini", "m", (), stream=True, choices=2)
    indices = [
        json.loads(event[6:])["candidates"][0]["index"]
        for event in events(request, DemoReply("a b"), 1)
    ]
    assert indices == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("status", "word"), [(400, "INVALID_ARGUMENT"), (429, "RESOURCE_EXHAUSTED"), (502, "INTERNAL")]
)
def test_an_error_has_googles_shape(status: int, word: str) -> None:
    body = json.loads(error(status, "any", "slow", 7))
    assert body == {"error": {"code": status, "message": "slow", "status": word}}


def test_a_request_is_read_in_either_spelling() -> None:
    for outer, inner in (
        ("systemInstruction", "functionDeclarations"),
        ("system_instruction", "function_declarations"),
    ):
        body: dict[str, Any] = {
            outer: {"parts": {"text": "be kind"}},
            "contents": {"parts": [{"text": "hi"}, {"text": "there"}]},
            "tools": {inner: [{"name": "f", "parameters": {"type": "OBJECT"}}]},
            "generationConfig": {"candidateCount": 2},
        }
        got = read(body, PATH, {})
        assert [(one.role, one.text) for one in got.messages] == [
            ("system", "be kind"),
            ("user", "hi\nthere"),
        ]
        assert (got.model, got.stream, got.choices) == ("demo-small", False, 2)
        assert got.tools[0].parameters == {"type": "OBJECT"}
    stream = read({"contents": []}, "/v1/models/a:b:streamGenerateContent?alt=sse", {})
    assert (stream.model, stream.stream) == ("a:b", True)


def test_a_functions_result_is_the_last_message() -> None:
    part = {"functionResponse": {"name": "f", "response": {"result": "sunny"}}}
    contents = [{"role": "model", "parts": [{"text": "x"}]}, {"role": "user", "parts": [part]}]
    got = read({"contents": contents}, PATH, {})
    assert [one.role for one in got.messages] == ["assistant", "tool"]
    assert got.last.text == '{"result":"sunny"}'


def test_a_body_without_contents_is_none_of_this_api() -> None:
    with pytest.raises(KeyError):
        read({}, PATH, {})


def test_the_path_names_the_model() -> None:
    assert model_of("/v1/models/m:embedContent?x=/a:b") == "m"
