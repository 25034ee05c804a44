"""The real ``ollama`` SDK, unmodified, against the gateway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import httpx
import ollama
import pytest
from house import ANY_ROUTE, NO_TLS, House, build

from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CARD: Final = "4111 1111 1111 1111"
POLICY: Final = ANY_ROUTE.replace('models: ["demo-*"]', "models: [demo-small]")
TOOL: Final = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
KINDS: Final = ("chat", "generate")


class Model:
    """What answers: the demo model's own replies, unless a test sets another."""

    def __init__(self) -> None:
        self.reply: DemoReply | None = None

    def __call__(self, request: DemoRequest) -> DemoReply:
        return self.reply or DemoReply(f"Hello! You said: {request.last.text}")


MODEL: Final = Model()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("ollama"), MODEL, policy=POLICY) as house:
        yield house


@pytest.fixture(autouse=True)
def _own_reply() -> Iterator[None]:
    yield
    MODEL.reply = None


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def streamed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def headers(house: House, *roles: str) -> dict[str, str]:
    return {"authorization": f"Bearer {house.token(*roles)}"}


@pytest.fixture
def client(house: House) -> Iterator[ollama.Client]:
    with ollama.Client(host=house.url, headers=headers(house, "analyst"), verify=NO_TLS) as client:
        yield client


def members(kind: str, text: str) -> dict[str, Any]:
    said = {"messages": [{"role": "user", "content": text}]} if kind == "chat" else {"prompt": text}
    return {"model": "demo-small", **said}


def ask(client: ollama.Client, kind: str, text: str, *, streamed: bool, **more: Any) -> list[Any]:
    """The parts of an answer; a whole one is its only part."""
    call: Callable[..., Any] = getattr(client, kind)
    answer = call(**{**members(kind, text), **more}, stream=streamed)
    return list(answer) if streamed else [answer]


def said(kind: str, parts: list[Any]) -> str:
    texts = (part.message.content if kind == "chat" else part.response for part in parts)
    return "".join(text or "" for text in texts)


def test_an_answer_is_the_models(client: ollama.Client, kind: str, *, streamed: bool) -> None:
    parts = ask(client, kind, "Good morning", streamed=streamed)
    assert said(kind, parts) == "Hello! You said: Good morning"
    assert (parts[-1].done, parts[-1].done_reason) == (True, "stop")
    assert parts[-1].eval_count > 0


def test_an_answer_that_nobody_minds_is_the_same_to_the_byte(
    house: House, kind: str, *, streamed: bool
) -> None:
    MODEL.reply = DemoReply(
        ("Good", " morning,", " Adä!"),
        thinking=("hm", " hm"),
        tool_calls=(ToolCall("f", {"a": 1}),),
    )
    body = {**members(kind, "Hi"), **({} if streamed else {"stream": False})}
    path = f"/api/{kind}"
    answer = house.client("analyst").post(path, json=body)
    upstream = house.settings.upstreams["demo"].url
    with httpx.Client(base_url=str(upstream), trust_env=False, verify=NO_TLS) as direct:
        plain = direct.post(path, json=body)
    assert answer.content == plain.content
    assert answer.headers["content-type"] == plain.headers["content-type"]
    assert answer.headers["x-gateway-decision"] == "allow"
    assert answer.content.count(b"\n") == (7 if streamed else 0)


def test_a_client_that_says_nothing_of_it_gets_a_stream(house: House, kind: str) -> None:
    with house.client("analyst").stream("POST", f"/api/{kind}", json=members(kind, "Hi")) as answer:
        answer.read()
    assert answer.headers["content-type"] == "application/x-ndjson"
    record = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert (record["stream"], record["format"], record["route"]) == (
        True, "ollama", f"ollama.{kind}",
    )  # fmt: skip
    assert record["usage"]["input_tokens"] > 0
    assert record["usage"]["output_tokens"] > 0


def test_addresses_are_taken_out_both_ways(
    house: House, client: ollama.Client, kind: str, *, streamed: bool
) -> None:
    parts = ask(client, kind, "mail ada@example.com now", streamed=streamed)
    assert said(kind, parts) == "Hello! You said: mail [EMAIL_ADDRESS] now"
    assert b"ada@" not in house.demo.seen[-1].body
    MODEL.reply = DemoReply(("Write to a", "da@exam", "ple.com", " please."))
    assert said(kind, ask(client, kind, "Hi", streamed=streamed)) == (
        "Write to [EMAIL_ADDRESS] please."
    )


def test_thoughts_and_tool_calls_are_read_too(
    client: ollama.Client, kind: str, *, streamed: bool
) -> None:
    MODEL.reply = DemoReply(
        "Done.",
        thinking=("The user is ca", "rol@example.com"),
        tool_calls=(ToolCall("send", {"to": "eve@example.com", "copies": ["x", "y@example.com"]}),),
    )
    parts = ask(client, kind, "Hi", streamed=streamed)
    assert "example.com" not in str(parts)
    if kind == "chat":
        calls = [call for part in parts for call in part.message.tool_calls or ()]
        assert [call.function.arguments for call in calls] == [
            {"to": "[EMAIL_ADDRESS]", "copies": ["x", "[EMAIL_ADDRESS]"]}
        ]


def test_a_conversation_with_a_tool(client: ollama.Client, *, streamed: bool) -> None:
    MODEL.reply = DemoReply(tool_calls=(ToolCall("weather", {"city": "Rome"}),))
    asked: list[Any] = [{"role": "user", "content": "How is the weather?"}]
    parts = ask(client, "chat", "", streamed=streamed, messages=asked, tools=[TOOL])
    (message,) = (part.message for part in parts if part.message.tool_calls)
    assert message.tool_calls[0].function.arguments == {"city": "Rome"}
    MODEL.reply = None
    result = {"role": "tool", "tool_name": "weather", "content": "sun, says ada@example.com"}
    parts = ask(client, "chat", "", streamed=streamed, messages=[*asked, message, result])
    assert said("chat", parts) == "Hello! You said: sun, says [EMAIL_ADDRESS]"


@pytest.mark.parametrize("status", [429, 503])
def test_errors_of_the_upstream_pass(
    client: ollama.Client, kind: str, status: int, *, streamed: bool
) -> None:
    MODEL.reply = DemoReply("from upstream", status=status)
    with pytest.raises(ollama.ResponseError, match="from upstream") as caught:
        ask(client, kind, "Hi", streamed=streamed)
    assert caught.value.status_code == status


def test_what_is_blocked_in_a_request_is_raised(
    house: House, client: ollama.Client, kind: str, *, streamed: bool
) -> None:
    before = len(house.demo.seen)
    with pytest.raises(ollama.ResponseError, match="CREDIT_CARD") as caught:
        ask(client, kind, f"my card is {CARD}", streamed=streamed)
    assert caught.value.status_code == 400
    assert "4111" not in str(caught.value)
    assert len(house.demo.seen) == before


def test_what_is_blocked_in_an_answer_ends_it(
    client: ollama.Client, kind: str, *, streamed: bool
) -> None:
    MODEL.reply = DemoReply(("Fine. ", "It is ", "4111 11", "11 1111 ", "1111", ", ok?"))
    parts = ask(client, kind, "Hi", streamed=streamed)
    assert "4111" not in str(parts)
    assert (parts[-1].done, parts[-1].done_reason) == (True, "content_filter")
    assert "Fine. It is ".startswith(said(kind, parts))
    assert [part.done for part in parts[:-1]] == [False] * (len(parts) - 1)


def test_what_is_not_allowed_is_raised(
    house: House, client: ollama.Client, kind: str, *, streamed: bool
) -> None:
    with pytest.raises(ollama.ResponseError) as denied:
        ask(client, kind, "Hi", streamed=streamed, model="demo-large")
    assert denied.value.status_code == 403
    with (
        ollama.Client(host=house.url, headers={"authorization": "Bearer no"}, verify=NO_TLS) as bad,
        pytest.raises(ollama.ResponseError) as unknown,
    ):
        ask(bad, kind, "Hi", streamed=streamed)
    assert unknown.value.status_code == 401


def test_a_stream_that_breaks_is_raised(client: ollama.Client, kind: str) -> None:
    MODEL.reply = DemoReply(("One. ", "Two. ", "Three. "), cut=2)
    heard: list[Any] = []
    with pytest.raises(ollama.ResponseError, match="The model endpoint"):
        # What came before the error stays in the list.
        heard.extend(getattr(client, kind)(**members(kind, "Hi"), stream=True))
    assert "One." in said(kind, heard)


def test_tokens_of_a_conversation_are_refused_in_words(client: ollama.Client) -> None:
    answer = client.generate("demo-small", "Hi")
    assert answer.context == [1, 2, 3]
    with pytest.raises(ollama.ResponseError, match="send the texts") as caught:
        client.generate("demo-small", "Hi", context=answer.context)
    assert caught.value.status_code == 400


@pytest.mark.parametrize("given", ["hello", ["hello", "to bob@example.com"]])
def test_vectors_are_of_texts_that_were_read(
    house: House, client: ollama.Client, given: Any
) -> None:
    answer = client.embed("demo-small", given)
    assert len(answer.embeddings) == (1 if isinstance(given, str) else 2)
    assert b"bob@" not in house.demo.seen[-1].body
    with pytest.raises(ollama.ResponseError, match="CREDIT_CARD"):
        client.embed("demo-small", ["hello", CARD])


def test_what_is_not_served_is_not_found_in_words(client: ollama.Client) -> None:
    for call in (client.list, client.ps, lambda: client.embeddings("m", "hi")):
        with pytest.raises(ollama.ResponseError) as caught:
            call()
        assert caught.value.status_code == 404
        assert " " in caught.value.error


def test_the_asynchronous_client(house: House) -> None:
    async def run() -> None:
        async with ollama.AsyncClient(
            host=house.url, headers=headers(house, "analyst"), verify=NO_TLS
        ) as client:
            whole = await client.chat(**members("chat", "mail ada@example.com"))
            assert whole.message.content == "Hello! You said: mail [EMAIL_ADDRESS]"
            stream = await client.generate(**members("generate", "Hi"), stream=True)
            assert said("generate", [part async for part in stream]) == "Hello! You said: Hi"
            vectors = await client.embed("demo-small", "hello")
            assert len(vectors.embeddings) == 1
            with pytest.raises(ollama.ResponseError, match="CREDIT_CARD"):
                await client.chat(**members("chat", CARD))
            MODEL.reply = DemoReply(("It is ", CARD, ", ok?"))
            parts = [one async for one in await client.chat(**members("chat", "Hi"), stream=True)]
            assert parts[-1].done_reason == "content_filter"
            assert "4111" not in str(parts)

    asyncio.run(run())
