"""The real ``google-genai`` SDK, unmodified, against the gateway."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from google import genai
from google.genai import errors, types
from house import LEAN, NO_TLS, House, build

from gateway.demo.reply import DemoReply, ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POLICY = LEAN.replace("[chat.completions, messages]", "[generate_content, embeddings]")
MAIL = "write to bob@example.com"
CARD = "my card is 4111 1111 1111 1111"


def _client(house: House, key: str, **options: Any) -> genai.Client:
    http_options = types.HttpOptions(base_url=house.url, **options)
    client = genai.Client(api_key=key, http_options=http_options)
    house.clients.callback(client.close)
    return client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("gemini"), policy=POLICY) as house:
        yield house


@pytest.fixture(params=["v1", "v1beta"])
def client(house: House, request: pytest.FixtureRequest) -> genai.Client:
    return _client(house, house.token("analyst"), api_version=request.param)


def _answering(tmp_path: Path, reply: DemoReply) -> Any:
    return build(tmp_path, lambda _: reply, policy=POLICY)


def _ask(client: genai.Client, text: str, **more: Any) -> types.GenerateContentResponse:
    return client.models.generate_content(model="demo-small", contents=text, **more)


def _stream(client: genai.Client, text: str, **more: Any) -> list[types.GenerateContentResponse]:
    model = "demo-small"
    return list(client.models.generate_content_stream(model=model, contents=text, **more))


def _text(chunks: list[types.GenerateContentResponse]) -> str:
    return "".join(chunk.text or "" for chunk in chunks)


def _finish(answer: types.GenerateContentResponse) -> Any:
    assert answer.candidates
    return answer.candidates[0].finish_reason


def test_plain(client: genai.Client, house: House) -> None:
    config = types.GenerateContentConfig(system_instruction="You are kind.", temperature=0.5)
    answer = _ask(client, "Hello there", config=config)
    assert answer.text == "Hello! You said: Hello there"
    assert _finish(answer) == types.FinishReason.STOP
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.total_token_count
    sent = house.demo.seen[-1].json
    assert sent["systemInstruction"]["parts"] == [{"text": "You are kind."}]
    assert "x-goog-api-key" not in dict(house.demo.seen[-1].headers)


def test_streamed_text_equals_the_plain_one(client: genai.Client) -> None:
    chunks = _stream(client, "Tell me a long story")
    assert len(chunks) == 60
    assert _text(chunks) == _ask(client, "Tell me a long story").text
    assert _finish(chunks[-1]) == types.FinishReason.STOP


def test_untouched_events_are_the_very_bytes_of_the_upstream(house: House) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "Tell me a long story"}]}]}
    path = "/v1beta/models/demo-small:streamGenerateContent?alt=sse"
    through = house.client("analyst").post(path, json=body)
    upstream = str(house.settings.upstreams["demo"].url).rstrip("/")
    with httpx.Client(trust_env=False, verify=NO_TLS) as direct:
        came = direct.post(upstream + path, json=body)
    number = json.loads(came.text.split("\r\n")[0][6:])["responseId"]
    ours = json.loads(through.text.split("\r\n")[0][6:])["responseId"]
    assert through.text == came.text.replace(number, ours)
    assert through.headers["content-type"] == came.headers["content-type"]


# The SDK makes a class of aiohttp's session, which aiohttp warns of.
@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
def test_async_plain_and_streamed(house: House) -> None:
    async def ask() -> tuple[str | None, str]:
        client = genai.Client(
            api_key=house.token("analyst"), http_options={"base_url": house.url}
        ).aio
        async with client:
            models = client.models
            plain = await models.generate_content(model="demo-small", contents="long story")
            chunks = [
                chunk.text or ""
                async for chunk in await models.generate_content_stream(
                    model="demo-small", contents="long story"
                )
            ]
        return plain.text, "".join(chunks)

    plain, streamed = asyncio.run(ask())
    assert plain == streamed


def test_usage_of_a_stream_reaches_the_audit(house: House) -> None:
    chunks = _stream(_client(house, house.token("analyst")), "count me")
    assert chunks[0].sdk_http_response is not None
    headers = {k.lower(): v for k, v in (chunks[0].sdk_http_response.headers or {}).items()}
    intent, outcome = house.records_of(headers["x-gateway-event"])
    assert (intent["route"], intent["format"], intent["stream"]) == (
        "generate_content",
        "gemini",
        True,
    )
    assert outcome["usage"]["input_tokens"] > 0
    assert outcome["usage"]["output_tokens"] > 0


def test_chats_send_their_history(client: genai.Client, house: House) -> None:
    chat = client.chats.create(model="demo-small")
    chat.send_message(MAIL)
    assert _text(list(chat.send_message_stream("and now?"))) == "Hello! You said: and now?"
    sent = json.dumps(house.demo.seen[-1].json)
    assert "bob@example.com" not in sent
    assert [turn["role"] for turn in house.demo.seen[-1].json["contents"]] == [
        "user",
        "model",
        "user",
    ]


def _weather(city: str) -> str:
    """The weather of a city."""
    return f"{city} is sunny, ask bob@example.com"


def test_functions_are_called_automatically_and_what_they_say_is_read(
    client: genai.Client, house: House
) -> None:
    config = types.GenerateContentConfig(tools=[_weather])
    answer = _ask(client, "please call _weather", config=config)
    assert answer.text is not None
    assert answer.text.startswith("The tool said:")
    assert "[EMAIL_ADDRESS]" in answer.text
    response = house.demo.seen[-1].json["contents"][-1]["parts"][0]["functionResponse"]
    assert response["response"] == {"result": "demo is sunny, ask [EMAIL_ADDRESS]"}


def test_arguments_of_calls_are_read_as_values(tmp_path: Path) -> None:
    call = ToolCall("send", {"to": ["eve@example.com"], "n": 3})
    with _answering(tmp_path, DemoReply("Done", tool_calls=(call,))) as house:
        client = _client(house, house.token("analyst"))
        for answer in (_ask(client, "Hi"), _stream(client, "Hi")[-1]):
            calls = answer.function_calls or []
            assert [(one.name, one.args) for one in calls] == [
                ("send", {"to": ["[EMAIL_ADDRESS]"], "n": 3})
            ]


def test_embeddings(client: genai.Client, house: House) -> None:
    config = types.EmbedContentConfig(output_dimensionality=4)
    contents: Any = ["hello", MAIL]
    answer = client.models.embed_content(model="demo-small", contents=contents, config=config)
    assert [len(one.values or ()) for one in answer.embeddings or ()] == [4, 4]
    texts = [one["content"]["parts"][0]["text"] for one in house.demo.seen[-1].json["requests"]]
    assert texts == ["hello", "write to [EMAIL_ADDRESS]"]
    with pytest.raises(errors.ClientError, match="CREDIT_CARD"):
        client.models.embed_content(model="demo-small", contents=CARD)


def test_a_single_embedding(house: House) -> None:
    body = {"content": {"parts": [{"text": MAIL}]}, "model": "models/demo-small"}
    answer = house.client("analyst").post("/v1beta/models/demo-small:embedContent", json=body)
    assert len(answer.json()["embedding"]["values"]) == 8
    assert house.demo.seen[-1].json["content"]["parts"][0]["text"] == "write to [EMAIL_ADDRESS]"


def test_what_is_asked_and_answered_is_redacted(tmp_path: Path) -> None:
    reply = DemoReply(
        ("Done", ", wrote to b", "ob@exam", "ple.com."), thinking=("The user is ca", "rol@ex.org!")
    )
    with _answering(tmp_path, reply) as house:
        client = _client(house, house.token("analyst"))
        plain, chunks = _ask(client, MAIL), _stream(client, MAIL)
        asked = house.demo.seen[-1].json
    assert asked["contents"][0]["parts"] == [{"text": "write to [EMAIL_ADDRESS]"}]
    assert plain.text == _text(chunks) == "Done, wrote to [EMAIL_ADDRESS]."
    for shown in (plain, *chunks):
        assert "rol@" not in shown.model_dump_json()
    thoughts = [part.text or "" for chunk in chunks for part in (chunk.parts or ()) if part.thought]
    assert "".join(thoughts) == "The user is [EMAIL_ADDRESS]!"


@pytest.mark.parametrize("ask", [_ask, _stream])
def test_blocked_is_a_client_error(client: genai.Client, ask: Callable[..., Any]) -> None:
    with pytest.raises(errors.ClientError, match="CREDIT_CARD") as caught:
        ask(client, CARD)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
    assert caught.value.details["error"]["details"][0]["metadata"]["code"] == "content_blocked"
    assert "4111" not in str(caught.value)


def test_blocked_answer_ends_for_safety(client: genai.Client) -> None:
    plain = _ask(client, "sample personal data")
    assert _finish(plain) == types.FinishReason.SAFETY
    chunks = _stream(client, "sample personal data")
    assert _finish(chunks[-1]) == types.FinishReason.SAFETY
    for shown in (plain, *chunks):
        assert "4111" not in shown.model_dump_json()
    assert _text(chunks).startswith("Here is a made-up customer")
    chat = client.chats.create(model="demo-small")
    assert "4111" not in _text(list(chat.send_message_stream("sample personal data")))


@pytest.mark.parametrize(
    ("token", "model", "code", "status"),
    [
        ("AIza-not-a-token", "demo-small", 401, "UNAUTHENTICATED"),
        (None, "other-model", 403, "PERMISSION_DENIED"),
    ],
)
def test_denied_is_a_client_error(
    house: House, token: str | None, model: str, code: int, status: str
) -> None:
    client = _client(house, token or house.token("analyst"))
    for call in (client.models.generate_content, client.models.generate_content_stream):
        with pytest.raises(errors.ClientError) as caught:
            list(call(model=model, contents="Hi"))
        assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize(
    ("status", "error"), [(429, errors.ClientError), (503, errors.ServerError)]
)
def test_errors_of_the_upstream_pass(
    tmp_path: Path, status: int, error: type[errors.APIError]
) -> None:
    with _answering(tmp_path, DemoReply("from upstream", status=status)) as house:
        client = _client(house, house.token("analyst"))
        for ask in (_ask, _stream):
            with pytest.raises(error, match="from upstream"):
                ask(client, "Hi")


def test_a_stream_that_ends_early_is_a_server_error(tmp_path: Path) -> None:
    with _answering(tmp_path, DemoReply(("one ", "two ", "three"), cut=2)) as house:
        models = _client(house, house.token("analyst")).models
        chunks = models.generate_content_stream(model="demo-small", contents="Hi")
        with pytest.raises(errors.ServerError) as caught:
            list(chunks)
    assert caught.value.details["error"]["details"][0]["metadata"]["code"] == "upstream_error"


@pytest.mark.parametrize(
    "path",
    [
        "/v1beta/models/demo-small:streamGenerateContent",
        "/v1beta/models/demo-small:streamGenerateContent?alt=json",
        "/v1beta/models/demo-small:generateContent?alt=sse",
        "/v1beta/models/demo-small:generateContent?key=secret",
    ],
)
def test_other_forms_and_keys_in_the_query_are_refused(house: House, path: str) -> None:
    body = {"contents": {"parts": {"text": "hi"}}}
    answer = house.client("analyst").post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "path", ["/v1beta/tunedModels/demo-small:generateContent", "/v1beta/models/m:countTokens"]
)
def test_what_is_not_served_is_not_found(house: House, path: str) -> None:
    answer = house.client("analyst").post(path, json={"contents": []})
    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == "NOT_FOUND"
