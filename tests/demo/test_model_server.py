"""The demo model server against the real SDKs, over real sockets."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import anthropic
import httpx
import openai
import pytest

from gateway.demo.model_server import DemoApp, demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
}
OPENAI_TOOLS: list[Any] = [
    {"type": "function", "function": {"name": "weather", "parameters": WEATHER}}
]
ANTHROPIC_TOOLS: list[Any] = [{"name": "weather", "input_schema": WEATHER}]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[DemoApp, str]]:
    app = demo_app()
    with serve(app) as url:
        yield app, url


@pytest.fixture
def app(server: tuple[DemoApp, str]) -> Iterator[DemoApp]:
    before = server[0].reply
    server[0].seen.clear()
    yield server[0]
    server[0].reply = before


@pytest.fixture
def gpt(server: tuple[DemoApp, str]) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="none", base_url=f"{server[1]}/v1", max_retries=0) as client:
        yield client


@pytest.fixture
def claude(server: tuple[DemoApp, str]) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="none", base_url=server[1], max_retries=0) as client:
        yield client


def ask(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def test_openai_answers_plainly(gpt: openai.OpenAI, app: DemoApp) -> None:
    answer = gpt.chat.completions.create(model="demo-small", messages=ask("good morning"), n=2)
    assert [choice.message.content for choice in answer.choices] == [
        "Hello! You said: good morning"
    ] * 2
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.model == "demo-small"
    assert ("authorization", "Bearer none") in app.seen[-1].headers
    assert app.seen[-1].json["n"] == 2


def test_openai_streams_what_it_answers(gpt: openai.OpenAI) -> None:
    with gpt.chat.completions.create(
        model="demo-small",
        messages=ask("good morning"),
        stream=True,
        n=2,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    for index in range(2):
        own = [c for chunk in chunks for c in chunk.choices if c.index == index]
        assert "".join(c.delta.content or "" for c in own) == "Hello! You said: good morning"
        assert [c.finish_reason for c in own if c.finish_reason] == ["stop"]
    assert chunks[-1].usage is not None
    assert chunks[-1].choices == []


def test_openai_calls_a_tool_both_ways(gpt: openai.OpenAI) -> None:
    given: dict[str, Any] = {
        "model": "demo-small",
        "messages": ask("please call weather"),
        "tools": OPENAI_TOOLS,
    }
    answer = gpt.chat.completions.create(**given)
    assert answer.choices[0].finish_reason == "tool_calls"
    call = answer.choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "demo", "days": 1}
    with gpt.chat.completions.stream(**given) as stream:
        final = stream.get_final_completion()
    streamed = final.choices[0].message.tool_calls
    assert streamed is not None
    assert streamed[0].function.arguments == call.function.arguments


def test_openai_lists_its_models(gpt: openai.OpenAI) -> None:
    assert [model.id for model in gpt.models.list()] == ["demo-small", "demo-large"]


def test_openai_errors_are_the_sdks_own(gpt: openai.OpenAI, app: DemoApp) -> None:
    app.reply = lambda _: DemoReply("slow down", status=429, error_type="tokens")
    with pytest.raises(openai.RateLimitError) as caught:
        gpt.chat.completions.create(model="m", messages=ask("x"))
    assert caught.value.type == "tokens"
    app.reply = lambda _: DemoReply("no", status=503, error_type="server_error")
    with pytest.raises(openai.InternalServerError):
        gpt.chat.completions.create(model="m", messages=ask("x"))
    with pytest.raises(openai.BadRequestError):
        gpt.post("/chat/completions", body={"messages": 3}, cast_to=object)
    with pytest.raises(openai.NotFoundError):
        gpt.get("/nowhere", cast_to=object)


def test_anthropic_answers_plainly(claude: anthropic.Anthropic, app: DemoApp) -> None:
    answer = claude.messages.create(
        model="demo-large", max_tokens=50, system="be kind", messages=ask("good morning")
    )
    assert [block.type for block in answer.content] == ["text"]
    assert answer.content[0].text == "Hello! You said: good morning"  # type: ignore[union-attr]
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens > 0
    assert ("authorization", "Bearer none") in app.seen[-1].headers


def test_anthropic_streams_what_it_answers(claude: anthropic.Anthropic, app: DemoApp) -> None:
    app.reply = lambda _: DemoReply("Hello there", thinking=("hm", "m"))
    with claude.messages.stream(model="m", max_tokens=50, messages=ask("hi")) as stream:
        final = stream.get_final_message()
    thinking, text = final.content
    assert thinking.type == "thinking"
    assert thinking.thinking == "hmm"
    assert thinking.signature
    assert text.type == "text"
    assert text.text == "Hello there"
    assert final.stop_reason == "end_turn"


def test_anthropic_calls_a_tool_both_ways(claude: anthropic.Anthropic) -> None:
    given: dict[str, Any] = {
        "model": "m",
        "max_tokens": 50,
        "messages": ask("call weather"),
        "tools": ANTHROPIC_TOOLS,
    }
    plain = claude.messages.create(**given)
    with claude.messages.stream(**given) as stream:
        streamed = stream.get_final_message()
    for answer in (plain, streamed):
        assert answer.stop_reason == "tool_use"
        assert answer.content[0].to_dict()["input"] == {"city": "demo", "days": 1}


def test_anthropic_errors_are_the_sdks_own(claude: anthropic.Anthropic, app: DemoApp) -> None:
    app.reply = lambda _: DemoReply("slow down", status=429, error_type="rate_limit_error")
    with pytest.raises(anthropic.RateLimitError) as caught:
        claude.messages.create(model="m", max_tokens=5, messages=ask("x"))
    assert caught.value.type == "rate_limit_error"


def test_a_reply_may_be_cut_raw_or_slow(server: tuple[DemoApp, str], app: DemoApp) -> None:
    app.reply = lambda _: DemoReply("one two three four", cut=3)
    body = {"model": "m", "messages": ask("x"), "stream": True}
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("POST", f"{server[1]}/v1/chat/completions", json=body) as answer,
    ):
        list(answer.iter_raw())
    assert app.seen[-1].sent == 3
    app.reply = lambda _: DemoReply(raw=(b"not ", b"json"), content_type="text/plain")
    response = httpx.post(f"{server[1]}/v1/chat/completions", json=body)
    assert (response.text, response.headers["content-type"]) == ("not json", "text/plain")


async def test_a_client_that_hangs_up_is_noticed(server: tuple[DemoApp, str], app: DemoApp) -> None:
    app.reply = lambda _: DemoReply(("a", "b", "c") * 50, delay=0.02)
    body = {"model": "m", "messages": ask("x"), "stream": True}
    url = f"{server[1]}/v1/chat/completions"
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", url, json=body) as answer,
    ):
        await anext(answer.aiter_raw())
    for _ in range(100):
        if app.seen[-1].hung_up:
            break
        await asyncio.sleep(0.02)
    assert app.seen[-1].hung_up
    assert app.seen[-1].sent < 150


def test_the_reply_sees_the_request(gpt: openai.OpenAI, app: DemoApp) -> None:
    caught: list[DemoRequest] = []

    def reply(request: DemoRequest) -> DemoReply:
        caught.append(request)
        return DemoReply(tool_calls=(ToolCall("f", '{"a": 1}'),))

    app.reply = reply
    gpt.chat.completions.create(
        model="m",
        messages=[
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "a"}]},
        ],
        tools=OPENAI_TOOLS,
    )
    assert [(m.role, m.text) for m in caught[0].messages] == [("system", "s"), ("user", "a")]
    assert caught[0].tools[0].name == "weather"


def test_a_call_is_seen_with_its_query(app: DemoApp, server: tuple[DemoApp, str]) -> None:
    path = "/openai/deployments/m/chat/completions?api-version=2024-10-21"
    assert httpx.post(server[1] + path, json={"messages": []}).status_code == 200
    assert app.seen[-1].path == path
