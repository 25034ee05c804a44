"""The real ``anthropic`` SDK, unmodified, against the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import pytest
from house import House, build
from replies import JSON, answering

from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

if TYPE_CHECKING:
    from pathlib import Path


def _client(house: House, key: str) -> anthropic.Anthropic:
    return house.clients.enter_context(
        anthropic.Anthropic(base_url=house.url, api_key=key, max_retries=0)
    )


@pytest.fixture
def client(house: House) -> anthropic.Anthropic:
    return _client(house, house.token("analyst"))


def _ask(client: anthropic.Anthropic, text: str, **more: Any) -> Any:
    body: dict[str, Any] = {
        "model": "demo-small",
        "max_tokens": 256,
        "messages": [{"role": "user", "content": text}],
        **more,
    }
    return client.messages.create(**body)


def test_plain(client: anthropic.Anthropic) -> None:
    answer = _ask(client, "Hello there", system="You are kind.")
    assert answer.content[0].text == "Hello! You said: Hello there"
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens > 0


def test_streamed_text_equals_the_plain_one(client: anthropic.Anthropic) -> None:
    with client.messages.stream(
        model="demo-small",
        max_tokens=256,
        messages=[{"role": "user", "content": "Tell me a long story"}],
    ) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == _ask(client, "Tell me a long story").content[0].text
    assert final.stop_reason == "end_turn"


def test_usage_of_a_stream_reaches_the_audit(house: House) -> None:
    client = _client(house, house.token("analyst"))
    with client.messages.with_streaming_response.create(
        model="demo-small",
        max_tokens=64,
        messages=[{"role": "user", "content": "count me"}],
        stream=True,
    ) as stream:
        event = stream.headers["x-gateway-event"]
        list(stream.iter_lines())
    usage = house.records_of(event)[-1]["usage"]
    assert usage["input_tokens"] > 0
    assert usage["output_tokens"] > 0


def test_bad_token_is_an_authentication_error(house: House) -> None:
    with pytest.raises(anthropic.AuthenticationError):
        _ask(_client(house, "sk-ant-not-a-token"), "Hi")


def test_denied_is_a_permission_denied_error(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.PermissionDeniedError):
        _ask(client, "Hi", model="demo-large")


def test_blocked_is_a_bad_request_error(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="CREDIT_CARD") as caught:
        _ask(client, "my card is 4111 1111 1111 1111")
    assert "4111" not in str(caught.value)


def test_blocked_answer_ends_as_a_refusal(client: anthropic.Anthropic) -> None:
    plain = _ask(client, "sample personal data")
    assert plain.stop_reason == "refusal"
    assert "4111" not in plain.model_dump_json()
    with client.messages.stream(
        model="demo-small",
        max_tokens=256,
        messages=[{"role": "user", "content": "sample personal data"}],
    ) as stream:
        assert "4111" not in "".join(stream.text_stream)
        assert stream.get_final_message().stop_reason == "refusal"


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, anthropic.RateLimitError), (529, anthropic.InternalServerError)],
)
def test_errors_of_the_upstream_pass(
    tmp_path: Path, status: int, error: type[anthropic.APIStatusError]
) -> None:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply("from upstream", status=status)

    with (
        build(tmp_path, reply) as house,
        pytest.raises(error, match="from upstream"),
    ):
        _ask(_client(house, house.token("analyst")), "Hi")


def test_unreachable_upstream_is_an_internal_server_error(tmp_path: Path) -> None:
    with (
        build(tmp_path, upstream="http://127.0.0.1:9") as house,
        pytest.raises(anthropic.InternalServerError) as caught,
    ):
        _ask(_client(house, house.token("analyst")), "Hi")
    assert caught.value.status_code == 502


def test_thinking_and_tool_input_are_read_in_streams(tmp_path: Path) -> None:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply(
            ("Done", ", wrote to b", "ob@exam", "ple.com."),
            thinking=("The user is ca", "rol@example.com"),
            tool_calls=(ToolCall("send", {"to": "eve@example.com"}),),
        )

    with build(tmp_path, reply) as house:
        client = _client(house, house.token("analyst"))
        plain = _ask(client, "Hi").model_dump_json()
        with client.messages.stream(
            model="demo-small", max_tokens=64, messages=[{"role": "user", "content": "Hi"}]
        ) as stream:
            events = [event.model_dump_json() for event in stream]
            final = stream.get_final_message().model_dump_json()
    for shown in (plain, final, *events):
        assert "example.com" not in shown
    assert "Done, wrote to [EMAIL_ADDRESS]." in final


def _count(client: anthropic.Anthropic, text: str, **more: Any) -> int:
    messages: Any = [{"role": "user", "content": text}]
    body: dict[str, Any] = {"model": "demo-small", "messages": messages, **more}
    return client.messages.count_tokens(**body).input_tokens


def test_tokens_are_counted_of_what_would_be_sent(
    house: House, client: anthropic.Anthropic
) -> None:
    tools = [{"name": "search", "description": "by ada@example.com", "input_schema": {}}]
    assert _count(client, "Hello there", system="You are kind.") == 7
    assert _count(client, "I am ada@example.com", tools=tools) == _count(
        client, "I am [EMAIL_ADDRESS]"
    )
    answer = client.messages.with_raw_response.count_tokens(
        model="demo-small", messages=[{"role": "user", "content": "I am ada@example.com"}]
    )
    assert house.demo.seen[-1].json["messages"][0]["content"] == "I am [EMAIL_ADDRESS]"
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert (outcome["route"], outcome["stream"]) == ("messages", False)
    assert outcome["usage"] == {"input_tokens": 0, "output_tokens": 0}


def test_counting_is_refused_as_a_message_is(house: House, client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="CREDIT_CARD"):
        _count(client, "my card is 4111 1111 1111 1111")
    with pytest.raises(anthropic.PermissionDeniedError):
        _count(client, "Hi", model="demo-large")
    with pytest.raises(anthropic.AuthenticationError):
        _count(_client(house, "sk-ant-not-a-token"), "Hi")


def test_a_count_is_the_very_bytes_of_the_upstream(
    house: House, client: anthropic.Anthropic
) -> None:
    ask = client.messages.with_streaming_response.count_tokens
    messages: Any = [{"role": "user", "content": "Hi"}]
    with (
        answering(house, JSON, b'{ "input_tokens": 14 }\n') as sent,
        ask(model="demo-small", messages=messages) as answer,
    ):
        assert answer.read() == sent
