"""Anthropic's messages, whole: read, rewritten, withheld, refused."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import anthropic
import pytest
from anthropic.types import Message

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.errors import BadRequest, UpstreamError
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.exchange import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.wire.exchange import Path

FORMAT = AnthropicMessages()


def test_a_request_names_its_model_and_whether_it_streams(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("anthropic_request"))
    assert (exchange.model, exchange.stream) == ("claude-sonnet-5", True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({"model": "m"}, "/messages must be a list"),
        ({"model": "m", "messages": None}, "/messages must be a list"),
        ({"messages": []}, "/model must be a string"),
        ({"model": "m", "messages": [], "system": 3}, "/system must be a string or a list"),
        ({"model": "m", "messages": [], "System": "x"}, "/system is spelt in another case"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body)
    assert caught.value.reason == reason


def test_rewriting_a_request_by_itself_changes_nothing(load: Callable[[str], Any]) -> None:
    body = load("anthropic_request")
    before = copy.deepcopy(body)
    texts = {
        t.path: t.value for t in FORMAT.read(body).texts if t.rewritable and not t.value.isdecimal()
    }
    assert FORMAT.rewrite_request(body, texts) == before == body


def test_an_answer_tells_what_it_cost_and_how_it_ended(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("anthropic_answer"))
    assert answer.usage == Usage(16, 7)
    assert (answer.model, answer.finish) == ("claude-sonnet-5", "stop_sequence")
    values = [text.value for text in answer.texts]
    for value in ("I greet", "Hi Ada", "cited words", "Rome", "Sun over Rome", "STOP HERE"):
        assert values.count(value) == 1


def test_rewritten_thinking_loses_its_signature(load: Callable[[str], Any]) -> None:
    body = load("anthropic_answer")
    before = copy.deepcopy(body)
    written = FORMAT.rewrite_answer(body, {("content", 0, "thinking"): "[GONE]"})
    assert written["content"][0] == {"type": "thinking", "thinking": "[GONE]", "signature": ""}
    assert written["content"][1:] == before["content"][1:]
    assert body == before
    other = FORMAT.rewrite_answer(body, {("content", 2, "text"): "[GONE]"})
    assert other["content"][0] == before["content"][0]


def test_a_rewritten_summary_loses_its_signature_where_it_has_one() -> None:
    summary = {"type": "compaction", "content": "Ada asked", "signature": "c2ln"}
    result = {"type": "mcp_tool_result", "tool_use_id": "t", "content": "Ada"}
    replacements: dict[Path, str] = {
        ("content", 0, "content"): "[GONE]",
        ("content", 1, "content"): "",
    }
    written = FORMAT.rewrite_answer({"content": [summary, result]}, replacements)
    assert written["content"] == [
        {"type": "compaction", "content": "[GONE]", "signature": ""},
        {**result, "content": ""},
    ]


def test_a_withheld_answer_has_no_text_and_is_what_the_sdk_reads(
    load: Callable[[str], Any],
) -> None:
    withheld = FORMAT.withhold(load("anthropic_answer"))
    assert FORMAT.read_answer(withheld).texts == ()
    Message.model_validate(withheld)
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(withheld).encode(),)))
    with serve(app) as url, anthropic.Anthropic(api_key="x", base_url=url) as client:
        answer = client.messages.create(
            model="m", max_tokens=5, messages=[{"role": "user", "content": "x"}]
        )
    assert (answer.content, answer.stop_reason) == ([], "refusal")
    assert answer.usage.output_tokens == 7
    assert answer.id == "msg_1"


def test_a_withheld_answer_keeps_no_id_that_could_speak(load: Callable[[str], Any]) -> None:
    body = load("anthropic_answer") | {"id": "my card is 4111 1111 1111 1111"}
    assert "id" not in FORMAT.withhold(body)


def test_an_error_body_is_read_and_withheld() -> None:
    body = {"type": "error", "error": {"type": "api_error", "message": "no such user: ada"}}
    assert "no such user: ada" in [t.value for t in FORMAT.read_answer(body).texts]
    assert FORMAT.withhold(body)["error"]["code"] == "content_blocked"
    assert "ada" not in json.dumps(FORMAT.withhold(body))


@pytest.mark.parametrize("body", [[], "x", None, {"content": "x"}, {"content": [3]}])
def test_what_is_no_answer_is_the_upstreams_fault(body: Any) -> None:
    with pytest.raises(UpstreamError):
        FORMAT.read_answer(body)


@pytest.mark.parametrize(
    ("status", "kind", "raised"),
    [
        (400, "invalid_request_error", anthropic.BadRequestError),
        (401, "authentication_error", anthropic.AuthenticationError),
        (403, "permission_error", anthropic.PermissionDeniedError),
        (404, "not_found_error", anthropic.NotFoundError),
        (413, "request_too_large", anthropic.APIStatusError),
        (415, "invalid_request_error", anthropic.APIStatusError),
        (429, "rate_limit_error", anthropic.RateLimitError),
        (500, "api_error", anthropic.InternalServerError),
        (502, "api_error", anthropic.InternalServerError),
        (503, "api_error", anthropic.InternalServerError),
        (504, "timeout_error", anthropic.InternalServerError),
        (529, "overloaded_error", anthropic.InternalServerError),
    ],
)
def test_errors_are_what_the_sdk_raises(
    status: int, kind: str, raised: type[anthropic.APIStatusError]
) -> None:
    body = FORMAT.error(status, "a_code", "A message.", "0190")
    assert body["request_id"] == "0190"
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(body).encode(),), status=status))
    with (
        serve(app) as url,
        anthropic.Anthropic(api_key="x", base_url=url, max_retries=0) as client,
        pytest.raises(raised) as caught,
    ):
        client.messages.create(model="m", max_tokens=5, messages=[{"role": "user", "content": "x"}])
    error = caught.value
    assert (error.type, error.error_code, error.api_message) == (kind, "a_code", "A message.")
    assert body["error"]["code"] == "a_code"


def test_this_api_counts_without_being_asked() -> None:
    assert FORMAT.counting_request({"model": "m", "messages": [], "stream": True}) is None
