"""The real ``openai`` SDK's Responses API and LangChain's use of it, unmodified, on the gateway."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import openai
import pytest
from house import ANY_ROUTE, House, build
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.responses_api import events, read

if TYPE_CHECKING:
    from collections.abc import Iterator

WEATHER: Final[dict[str, Any]] = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
CARD: Final = "4111 1111 1111 1111"


def reply(request: DemoRequest) -> DemoReply:
    asked = request.last.text
    if request.last.role == "tool":
        return DemoReply(f"The tool said {asked}")
    if "weather" in asked:
        call = ToolCall("weather", {"city": "Rome", "for": "ada@example.com"})
        return DemoReply("I look.", thinking=("A ", "tool"), tool_calls=(call, call))
    if "address" in asked:
        thinking = ("It is ada@exam", "ple.com")
        return DemoReply(("Write to ada@", "example", ".com now"), thinking=thinking)
    if "card" in asked:
        return DemoReply(("It is 4111 ", "1111 1111", " 1111, and more"), thinking=("Hm",))
    return DemoReply(f"You said: {asked}", thinking=("I ", "repeat"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("responses"), reply, policy=ANY_ROUTE) as one:
        yield one


@pytest.fixture(scope="module")
def client(house: House) -> openai.OpenAI:
    return _client(house, house.token("analyst"))


def _client(house: House, key: str) -> openai.OpenAI:
    return house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0)
    )


def _ask(client: openai.OpenAI, given: Any, **more: Any) -> Any:
    return client.responses.create(**{"model": "demo-small", "input": given, **more})


def _streamed(house: House, given: str) -> bytes:
    body = {"model": "demo-small", "input": given, "stream": True}
    return house.client("analyst").post("/v1/responses", json=body).content


def _told(stream: bytes) -> list[dict[str, Any]]:
    lines = [line for line in stream.splitlines() if line.startswith(b"data: ")]
    told = [json.loads(line[6:]) for line in lines]
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    return told


def test_plain(house: House, client: openai.OpenAI) -> None:
    raw = client.responses.with_raw_response.create(model="demo-small", input="Hello")
    answer = raw.parse()
    assert answer.output_text == "You said: Hello"
    assert answer.usage is not None
    outcome = house.records_of(raw.headers["x-gateway-event"])[-1]
    assert (outcome["route"], outcome["decision"]) == ("responses", "allow")
    assert outcome["usage"] == {
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
    }


def test_a_clean_stream_arrives_as_the_very_bytes_that_the_model_sent(house: House) -> None:
    stream = _streamed(house, "Hello")
    seen = house.demo.seen[-1]
    number = int(_told(stream)[0]["response"]["id"].removeprefix("resp_demo"))
    request = read(seen.json, seen.path, {})
    assert stream == b"".join(events(request, reply(request), number))


def test_a_streamed_answer_is_the_plain_one(client: openai.OpenAI) -> None:
    plain = _ask(client, "weather")
    with client.responses.stream(model="demo-small", input="weather") as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_text == plain.output_text == "I look."
    assert [item.type for item in final.output] == [item.type for item in plain.output]
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")


def test_tools_loop(house: House, client: openai.OpenAI) -> None:
    asked: list[Any] = [{"role": "user", "content": "weather"}]
    first = _ask(client, asked, tools=[WEATHER])
    calls = [item for item in first.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [
        {"city": "Rome", "for": "[EMAIL_ADDRESS]"}
    ] * 2
    given = [*asked, *first.output]
    given += [
        {
            "type": "function_call_output",
            "call_id": call.call_id,
            "output": "sun for bob@example.com",
        }
        for call in calls
    ]
    assert (
        _ask(client, given, tools=[WEATHER]).output_text == "The tool said sun for [EMAIL_ADDRESS]"
    )
    assert b"bob@example.com" not in house.demo.seen[-1].body


def test_a_request_may_go_on_with_an_earlier_answer(house: House, client: openai.OpenAI) -> None:
    first = _ask(client, "Hello")
    _ask(client, "And now?", previous_response_id=first.id)
    assert house.demo.seen[-1].json["previous_response_id"] == first.id


def test_a_request_is_rewritten_before_it_leaves(house: House, client: openai.OpenAI) -> None:
    part = {"type": "input_text", "text": "Hello from ada@example.com"}
    assert _ask(client, [{"role": "user", "content": [part]}]).output_text == (
        "You said: Hello from [EMAIL_ADDRESS]"
    )
    assert b"ada@example.com" not in house.demo.seen[-1].body


def test_an_answer_is_rewritten_wherever_it_is_repeated(house: House) -> None:
    stream = _streamed(house, "address")
    assert b"example" not in stream
    told = _told(stream)
    said: dict[str, set[str]] = {"text": set(), "thought": set()}
    for event in told:
        if event["type"] == "response.output_text.done":
            said["text"].add(event["text"])
        elif event["type"] == "response.reasoning_summary_text.done":
            said["thought"].add(event["text"])
        elif event["type"] == "response.output_item.done" and event["item"]["type"] == "message":
            said["text"].add(event["item"]["content"][0]["text"])
    pieces = "".join(e["delta"] for e in told if e["type"] == "response.output_text.delta")
    final = told[-1]["response"]["output"]
    said["text"] |= {pieces, final[1]["content"][0]["text"]}
    said["thought"].add(final[0]["summary"][0]["text"])
    assert said == {
        "text": {"Write to [EMAIL_ADDRESS] now"},
        "thought": {"It is [EMAIL_ADDRESS]"},
    }


def test_arguments_are_rewritten_wherever_they_are_repeated(house: House) -> None:
    stream = _streamed(house, "weather")
    assert b"ada@example.com" not in stream
    told = _told(stream)
    expected = {"city": "Rome", "for": "[EMAIL_ADDRESS]"}
    for index in (2, 3):
        pieces = "".join(
            event["delta"]
            for event in told
            if event["type"] == "response.function_call_arguments.delta"
            and event["output_index"] == index
        )
        repeated = [pieces, told[-1]["response"]["output"][index]["arguments"]]
        repeated += [
            event.get("arguments") or event["item"]["arguments"]
            for event in told
            if event.get("output_index") == index and event["type"].endswith(".done")
        ]
        assert [json.loads(one) for one in repeated] == [expected] * 4


def test_a_blocked_request_is_a_bad_request_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _ask(client, f"my card is {CARD}")
    assert caught.value.code == "content_blocked"
    assert "CREDIT_CARD" in str(caught.value)
    assert "4111" not in str(caught.value)


def test_a_blocked_answer_is_incomplete(client: openai.OpenAI) -> None:
    answer = _ask(client, "card")
    assert (answer.status, answer.output, answer.output_text) == ("incomplete", [], "")
    assert answer.incomplete_details.reason == "content_filter"


def test_a_block_mid_stream_ends_it_as_the_sdk_understands(
    house: House, client: openai.OpenAI
) -> None:
    stream = _streamed(house, "card")
    assert b"1111" not in stream
    assert b"more" not in stream
    _told(stream)
    with client.responses.stream(model="demo-small", input="card") as told:
        heard: list[Any] = list(told)
    *others, last = heard
    assert (last.type, last.response.status) == ("response.incomplete", "incomplete")
    assert last.response.incomplete_details.reason == "content_filter"
    pieces = "".join(e.delta for e in others if e.type == "response.output_text.delta")
    assert last.response.output_text == pieces
    assert "It is 4111".startswith(pieces)
    done = {event.output_index for event in others if event.type == "response.output_item.done"}
    assert done == {
        event.output_index for event in others if event.type == "response.output_item.added"
    }


def test_a_denied_request_is_a_permission_denied_error(house: House, client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as caught:
        _ask(client, "Hello", model="gpt-5-mini")
    assert caught.value.code == "policy_denied"
    with pytest.raises(openai.AuthenticationError):
        _ask(_client(house, "sk-not-a-token"), "Hello")


def test_an_answer_in_the_background_is_refused_in_words(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="in the background is fetched elsewhere"):
        _ask(client, "Hello", background=True)


@pytest.fixture(scope="module")
def chat(house: House) -> ChatOpenAI:
    return ChatOpenAI(
        model="demo-small",
        base_url=f"{house.url}/v1",
        api_key=SecretStr(house.token("analyst")),
        use_responses_api=True,
        max_retries=0,
    )


def test_langchain_plain_and_streamed(chat: ChatOpenAI) -> None:
    assert chat.invoke("address").text == "Write to [EMAIL_ADDRESS] now"
    chunks = list(chat.stream("address"))
    assert "".join(chunk.text for chunk in chunks) == "Write to [EMAIL_ADDRESS] now"


def test_langchain_calls_tools(chat: ChatOpenAI) -> None:
    bound = chat.bind_tools([{"type": "function", "function": {
        "name": "weather", "parameters": WEATHER["parameters"]}}])  # fmt: skip
    expected = {"city": "Rome", "for": "[EMAIL_ADDRESS]"}
    plain = bound.invoke("weather")
    assert [call["args"] for call in plain.tool_calls] == [expected] * 2
    whole: Any = None
    for chunk in bound.stream("weather"):
        whole = chunk if whole is None else whole + chunk
    assert [call["args"] for call in whole.tool_calls] == [expected] * 2


def test_langchain_is_told_of_a_block(chat: ChatOpenAI) -> None:
    plain = chat.invoke("card")
    assert plain.text == ""
    assert plain.response_metadata["incomplete_details"]["reason"] == "content_filter"
    whole: Any = None
    for chunk in chat.stream("card"):
        whole = chunk if whole is None else whole + chunk
    assert "1111" not in whole.text
    assert whole.response_metadata["incomplete_details"]["reason"] == "content_filter"


def test_langchain_raises_on_a_blocked_request(chat: ChatOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="CREDIT_CARD"):
        chat.invoke(f"my card is {CARD}")
