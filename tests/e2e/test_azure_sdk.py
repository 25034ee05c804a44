"""The real ``openai`` SDK's clients for Azure, unmodified, against the gateway."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import openai
import pytest
from house import ANY_ROUTE, STAND_INS, House, build
from replies import EVENTS, JSON, TOOL, answering, by_word

from gateway.demo import openai_api
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.vectors import vector_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "2024-10-21"
CITED = {
    "citations": [{"content": "Ask ada@example.com.", "title": "Plan", "url": None}],
    "intent": '["who is ada@example.com?"]',
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("azure"), by_word, policy=ANY_ROUTE) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> openai.AzureOpenAI:
    return _client(house, api_key=house.token("analyst"))


def _client(house: House, **more: Any) -> openai.AzureOpenAI:
    azure = openai.AzureOpenAI(azure_endpoint=house.url, api_version=VERSION, max_retries=0, **more)
    return house.clients.enter_context(azure)


def _ask(client: openai.AzureOpenAI, text: str, **more: Any) -> Any:
    messages: Any = [{"role": "user", "content": text}]
    return client.chat.completions.create(**{"model": "demo-small", "messages": messages, **more})


def _joined(chunks: list[Any]) -> str:
    choices = [choice for chunk in chunks for choice in chunk.choices]
    return "".join(choice.delta.content or "" for choice in choices)


def _arguments(chunks: list[Any]) -> str:
    choices = [choice for chunk in chunks for choice in chunk.choices]
    calls = [call for choice in choices for call in choice.delta.tool_calls or []]
    return "".join(call.function.arguments or "" for call in calls)


def test_plain_and_streamed_say_the_same(house: House, client: openai.AzureOpenAI) -> None:
    plain = _ask(client, "Hello there").choices[0]
    assert plain.message.content == "Hello! You said: Hello there"
    assert _joined(list(_ask(client, "Hello there", stream=True))) == plain.message.content
    call = house.demo.seen[-1]
    assert call.path == f"/openai/deployments/demo-small/chat/completions?api-version={VERSION}"
    assert "api-key" not in dict(call.headers)


def test_a_token_of_entra_stands_where_azures_does(house: House) -> None:
    azure = _client(house, azure_ad_token_provider=lambda: house.token("analyst"))
    assert _ask(azure, "Hi").choices[0].message.content == "Hello! You said: Hi"


def test_the_path_names_the_deployment_and_no_other_model_goes_out(house: House) -> None:
    azure = _client(house, api_key=house.token("analyst"), azure_deployment="demo-small")
    answer = azure.chat.completions.with_raw_response.create(
        model="gpt-4-secret", messages=[{"role": "user", "content": "Hi"}]
    )
    assert house.demo.seen[-1].json["model"] == "demo-small"
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert (outcome["model"], outcome["format"]) == ("demo-small", "azure")
    assert outcome["usage"]["output_tokens"] > 0


async def test_the_client_without_waiting(house: House) -> None:
    async with openai.AsyncAzureOpenAI(
        azure_endpoint=house.url, api_version=VERSION, api_key=house.token("analyst")
    ) as azure:
        messages: Any = [{"role": "user", "content": "mail"}]
        plain = await azure.chat.completions.create(model="demo-small", messages=messages)
        stream = await azure.chat.completions.create(
            model="demo-small", messages=messages, stream=True
        )
        chunks = [chunk async for chunk in stream]
        vectors = await azure.embeddings.create(model="demo-small", input="Hi")
    assert plain.choices[0].message.content == _joined(chunks) == "Write to [EMAIL_ADDRESS] soon."
    assert vectors.data[0].embedding == pytest.approx(vector_of("Hi"))


def test_tool_calls_are_redacted_plain_and_streamed(client: openai.AzureOpenAI) -> None:
    (plain,) = _ask(client, "tool", tools=[TOOL]).choices
    assert json.loads(plain.message.tool_calls[0].function.arguments) == {"to": "[EMAIL_ADDRESS]"}
    chunks = list(_ask(client, "tool", tools=[TOOL], stream=True))
    assert json.loads(_arguments(chunks)) == {"to": "[EMAIL_ADDRESS]"}


def test_prompts_are_redacted_or_blocked(house: House, client: openai.AzureOpenAI) -> None:
    _ask(client, "I am ada@example.com")
    assert house.demo.seen[-1].json["messages"][0]["content"] == "I am [EMAIL_ADDRESS]"
    for more in ({}, {"stream": True}):
        with pytest.raises(openai.BadRequestError, match="CREDIT_CARD") as caught:
            _ask(client, "my card is 4111 1111 1111 1111", **more)
        assert caught.value.code == "content_blocked"


def test_a_blocked_answer_ends_with_content_filter(client: openai.AzureOpenAI) -> None:
    (plain,) = _ask(client, "card").choices
    assert (plain.message.content, plain.finish_reason) == (None, "content_filter")
    chunks = list(_ask(client, "card", stream=True))
    assert "It is ".startswith(_joined(chunks))
    assert chunks[-1].choices[0].finish_reason == "content_filter"


def test_who_may_not_is_told_by_the_sdks_own_exceptions(house: House) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        _ask(_client(house, api_key=house.token("reader")), "Hi")
    with pytest.raises(openai.AuthenticationError):
        _ask(_client(house, api_key="0123456789abcdef"), "Hi")


def test_embeddings(house: House, client: openai.AzureOpenAI) -> None:
    answer = client.embeddings.with_raw_response.create(model="demo-small", input="ada@example.com")
    found = answer.parse().data[0].embedding
    assert found == pytest.approx(vector_of("[EMAIL_ADDRESS]"))
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert (outcome["route"], outcome["format"]) == ("embeddings", "azure")
    with pytest.raises(openai.BadRequestError, match="send text"):
        client.embeddings.create(model="demo-small", input=[[1, 2], [3]])


def test_data_of_ones_own_is_read_on_its_way_in_and_out(
    house: House, client: openai.AzureOpenAI
) -> None:
    """Azure's On Your Data, which the API of the route does not know."""
    source = {"type": "azure_search", "parameters": {"role_information": "Help ada@example.com."}}
    message = {"role": "assistant", "content": "She is here.", "context": CITED}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    delta = {"choices": [{"index": 0, "delta": {"role": "assistant", "context": CITED}}]}
    end = {"choices": [{"index": 0, "delta": {"end_turn": True}, "finish_reason": "stop"}]}
    with answering(house, JSON, json.dumps(whole).encode()):
        plain = _ask(client, "Hi", extra_body={"data_sources": [source]})
    sent = house.demo.seen[-1].json["data_sources"][0]["parameters"]
    assert sent == {"role_information": "Help [EMAIL_ADDRESS]."}
    events = [b"data: %b\n\n" % json.dumps(one).encode() for one in (delta, end)]
    with answering(house, EVENTS, *events, b"data: [DONE]\n\n"):
        chunks = list(_ask(client, "Hi", stream=True))
    for context in (plain.choices[0].message.context, chunks[0].choices[0].delta.context):
        assert context["citations"][0]["content"] == "Ask [EMAIL_ADDRESS]."
        assert context["intent"] == '["who is [EMAIL_ADDRESS]?"]'


@pytest.mark.parametrize("extra", ["prompt_filter_results", "prompt_annotations"])
def test_what_azures_filters_say_is_read(
    house: House, client: openai.AzureOpenAI, extra: str
) -> None:
    """What would be redacted is blocked where no other text can stand: the annotations are free."""
    note = {"custom_blocklists": {"details": [{"id": "names of ada@example.com"}]}}
    results = [{"prompt_index": 0, "content_filter_results": note}]
    message = {"role": "assistant", "content": "Hi"}
    whole = {"choices": [{"index": 0, "message": message}], extra: results}
    with answering(house, JSON, json.dumps(whole).encode()):
        answer = _ask(client, "Hi")
    assert "ada@" not in answer.model_dump_json()
    first = {"choices": [], "id": "", "model": "", "object": "", "created": 0, extra: results}
    event = b"data: %b\n\n" % json.dumps(first).encode()
    with answering(house, EVENTS, event, b"data: [DONE]\n\n"):
        stream = _ask(client, "Hi", stream=True)
        assert "ada@" not in "".join(chunk.model_dump_json() for chunk in stream)


def test_stand_ins_are_turned_back_in_tool_calls(tmp_path: Path) -> None:
    def reply(request: DemoRequest) -> DemoReply:
        return DemoReply(tool_calls=(ToolCall("send", {"to": request.last.text}),))

    with build(tmp_path, reply, policy=STAND_INS) as house:
        azure = _client(house, api_key=house.token("analyst"))
        (plain,) = _ask(azure, "ada@example.com", tools=[TOOL]).choices
        sent = house.demo.seen[-1].json["messages"][0]["content"]
        chunks = list(_ask(azure, "ada@example.com", tools=[TOOL], stream=True))
    assert re.fullmatch("<EMAIL_ADDRESS_[0-9a-f]{10}>", sent)
    for arguments in (plain.message.tool_calls[0].function.arguments, _arguments(chunks)):
        assert json.loads(arguments) == {"to": "ada@example.com"}


def test_untouched_answers_are_the_very_bytes_of_the_upstream(
    house: House, client: openai.AzureOpenAI
) -> None:
    safe = b'{"hate":{"filtered":false,"severity":"safe"}}'
    first = (
        b'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":'
        b'[{"prompt_index":0,"content_filter_results":%b}]}\n\n' % safe
    )
    late = (
        b'data: {"choices":[{"content_filter_offsets":{"check_offset":44,"start_offset":44},'
        b'"content_filter_results":%b,"finish_reason":null,"index":0}],"id":""}\n\n' % safe
    )
    path = "/openai/deployments/demo-small/chat/completions"
    request = openai_api.read({"messages": []}, path, {})
    head, *pieces = openai_api.events(request, DemoReply("Grüße, bitte."), 1)
    raw = client.chat.completions.with_streaming_response.create
    messages: Any = [{"role": "user", "content": "Hi"}]
    with (
        answering(house, EVENTS, first, head, late, *pieces) as sent,
        raw(model="demo-small", messages=messages, stream=True) as stream,
    ):
        assert b"".join(stream.iter_bytes()) == sent
