"""The real ``openai`` SDK, unmodified, against the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from house import House, build

from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator


def _client(house: House, key: str) -> openai.OpenAI:
    return house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0)
    )


@pytest.fixture
def client(house: House) -> openai.OpenAI:
    return _client(house, house.token("analyst"))


def _ask(client: openai.OpenAI, text: str, **more: Any) -> Any:
    messages: Any = [{"role": "user", "content": text}]
    return client.chat.completions.create(**{"model": "demo-small", "messages": messages, **more})


def test_plain(client: openai.OpenAI) -> None:
    answer = _ask(client, "Hello there")
    assert answer.choices[0].message.content == "Hello! You said: Hello there"
    assert answer.usage.total_tokens > 0


def test_streamed_text_equals_the_plain_one(client: openai.OpenAI) -> None:
    chunks = list(_ask(client, "Tell me a long story", stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == _ask(client, "Tell me a long story").choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_usage_of_a_stream_reaches_client_and_audit(house: House, client: openai.OpenAI) -> None:
    stream = client.chat.completions.with_raw_response.create(
        model="demo-small",
        messages=[{"role": "user", "content": "count me"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream.parse())
    usage = chunks[-1].usage
    assert usage is not None
    outcome = house.records_of(stream.headers["x-gateway-event"])[-1]
    assert outcome["usage"] == {
        "input_tokens": usage.prompt_tokens,
        "output_tokens": usage.completion_tokens,
    }


def test_tool_call_plain_and_streamed(client: openai.OpenAI) -> None:
    tools = [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "The weather of a city",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        }
    ]
    plain = _ask(client, "call weather", tools=tools).choices[0]
    assert plain.finish_reason == "tool_calls"
    chunks = list(_ask(client, "call weather", tools=tools, stream=True))
    arguments = "".join(
        call.function.arguments or ""
        for chunk in chunks
        for call in chunk.choices[0].delta.tool_calls or []
    )
    assert arguments == plain.message.tool_calls[0].function.arguments


def test_models_are_only_those_the_role_may_use(house: House) -> None:
    analyst = {model.id for model in _client(house, house.token("analyst")).models.list()}
    developer = {model.id for model in _client(house, house.token("developer")).models.list()}
    assert analyst == {"demo-small"}
    assert developer == {"demo-small", "demo-large"}


def test_bad_token_is_an_authentication_error(house: House) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        _ask(_client(house, "sk-not-a-token"), "Hi")
    assert caught.value.code == "unauthenticated"


def test_denied_is_a_permission_denied_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as caught:
        _ask(client, "Hi", model="demo-large")
    assert caught.value.code == "policy_denied"


def test_blocked_is_a_bad_request_error_that_names_the_entity(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _ask(client, "my card is 4111 1111 1111 1111")
    assert caught.value.code == "content_blocked"
    assert "CREDIT_CARD" in str(caught.value)
    assert "4111" not in str(caught.value)


def test_blocked_answer_ends_with_content_filter(client: openai.OpenAI) -> None:
    plain = _ask(client, "sample personal data").choices[0]
    assert (plain.message.content, plain.finish_reason) == (None, "content_filter")
    chunks = list(_ask(client, "sample personal data", stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "4111" not in text
    assert chunks[-1].choices[0].finish_reason == "content_filter"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
    ],
)
def test_errors_of_the_upstream_pass(
    tmp_path_factory: pytest.TempPathFactory, status: int, error: type[openai.APIStatusError]
) -> None:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply("from upstream", status=status)

    with build(tmp_path_factory.mktemp("error"), reply) as house:
        with pytest.raises(error, match="from upstream"):
            _ask(_client(house, house.token("analyst")), "Hi")
        with pytest.raises(error, match="from upstream"):
            _ask(_client(house, house.token("analyst")), "Hi", stream=True)


def test_unreachable_upstream_is_an_internal_server_error(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("unreachable")
    with build(folder, upstream="http://127.0.0.1:9") as house:
        with pytest.raises(openai.InternalServerError) as caught:
            _ask(_client(house, house.token("analyst")), "Hi")
        assert caught.value.status_code == 502
        assert caught.value.code == "upstream_error"


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply(
            ("Mail b", "ob@exam", "ple.com soon."),
            tool_calls=(ToolCall("send", {"to": "eve@example.com"}),),
        )

    with build(tmp_path_factory.mktemp("several"), reply) as house:
        yield house


def test_every_choice_and_every_tool_argument_is_read(several: House) -> None:
    client = _client(several, several.token("analyst"))
    plain = _ask(client, "Hi", n=2)
    assert len(plain.choices) == 2
    assert "example.com" not in plain.model_dump_json()
    chunks = list(_ask(client, "Hi", n=2, stream=True))
    for index in (0, 1):
        text = "".join(
            choice.delta.content or ""
            for chunk in chunks
            for choice in chunk.choices
            if choice.index == index
        )
        assert text == "Mail [EMAIL_ADDRESS] soon."
    assert not any("eve@" in chunk.model_dump_json() for chunk in chunks)
