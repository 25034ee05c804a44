"""Pseudonyms end to end: what the upstream hears, and what the real SDKs read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import types as gemini
from house import NO_TLS, House, build, chat

from gateway.demo.reply import DemoReply, DemoRequest, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY: Final = """\
version: 1
metadata: {name: pseudonyms, revision: 1, owner: secops@example.com}
roles:
  analyst: {}
  auditor: {control: [audit.read]}
scanners:
  pii:
    kind: pii
    on: [user, assistant, tool, answer]
    entities:
      EMAIL_ADDRESS: tokenise
      PHONE_NUMBER: {action: tokenise, keep_format: true}
      CREDIT_CARD: {action: tokenise, keep_format: true}
rules:
  - id: chat
    allow: {roles: [analyst], models: ["demo-*"]}
    scan: [pii]
"""
STAND_IN: Final = re.compile(r"<EMAIL_ADDRESS_[0-9a-f]{10}>")
MAIL: Final = "ann@example.com"
VALUES: Final = (MAIL, "+1 212-555-0123", "4111 1111 1111 1111")
TOOLS: Final[Any] = [
    {
        "type": "function",
        "function": {
            "name": "mail",
            "parameters": {"type": "object", "properties": {"to": {"type": "string"}}},
        },
    }
]


class Model:
    """Repeats what it hears, as models do it: with changes."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, request: DemoRequest) -> DemoReply:
        self.heard.append(" | ".join(message.text for message in request.messages))
        last = request.last.text
        found = STAND_IN.search(last)
        if request.tools and found:
            # As a server writes it that escapes angle brackets in JSON.
            arguments = json.dumps({"to": f'"A" {found[0]}'}).replace("<", "\\u003c")
            return DemoReply(tool_calls=(ToolCall("mail", arguments),))
        if "own" in last:
            return DemoReply("Ask eve@example.org.")
        if "shout" in last:
            return DemoReply(last.upper().replace("_", "\\_"))
        # One letter at a time: every stand-in is cut at every place.
        return DemoReply(tuple(f"I have {last}"))

    @property
    def last(self) -> str:
        return self.heard[-1]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def house(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("pseudonyms"), model, policy=POLICY) as house:
        yield house


def _openai(house: House, **claims: Any) -> openai.OpenAI:
    key = house.token("analyst", **claims)
    return house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0)
    )


def _ollama(house: House) -> ollama.Client:
    headers = {"authorization": f"Bearer {house.token('analyst')}"}
    return ollama.Client(host=house.url, headers=headers, verify=NO_TLS)


def _gemini(house: House) -> genai.Client:
    options = gemini.HttpOptions(base_url=house.url)
    client = genai.Client(api_key=house.token("analyst"), http_options=options)
    house.clients.callback(client.close)
    return client


def _say(client: openai.OpenAI, *said: str, **more: Any) -> Any:
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(said)]
    return client.chat.completions.create(**{"model": "demo-small", "messages": messages, **more})


def _streamed(client: openai.OpenAI, *said: str) -> str:
    chunks = _say(client, *said, stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@pytest.mark.parametrize("value", VALUES)
def test_openai_reads_the_value_and_the_upstream_never_hears_it(
    house: House, model: Model, value: str
) -> None:
    client = _openai(house)
    answer = _say(client, f"note {value} please")
    assert answer.choices[0].message.content == f"I have note {value} please"
    assert value not in model.last
    assert _streamed(client, f"note {value} please") == f"I have note {value} please"
    assert value not in model.last


@pytest.mark.parametrize("value", VALUES)
def test_anthropic_reads_the_value_plain_and_streamed(
    house: House, model: Model, value: str
) -> None:
    client = anthropic.Anthropic(base_url=house.url, api_key=house.token("analyst"), max_retries=0)
    asked: Any = {
        "model": "demo-small",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": f"note {value} please"}],
    }
    with client:
        (block,) = client.messages.create(**asked).content
        assert block.type == "text"
        assert block.text == f"I have note {value} please"
        with client.messages.stream(**asked) as stream:
            assert stream.get_final_text() == block.text
    assert value not in model.last


@pytest.mark.parametrize("value", VALUES)
def test_gemini_reads_the_value_plain_and_streamed(house: House, model: Model, value: str) -> None:
    chat_ = _gemini(house).chats.create(model="demo-small")
    said = f"note {value} please"
    assert chat_.send_message(said).text == f"I have {said}"
    streamed = "".join(part.text or "" for part in chat_.send_message_stream(said))
    assert streamed == f"I have {said}"
    assert value not in "".join(model.heard[-2:])
    # The client sends back what it read, and the upstream hears the same stand-in for it.
    assert len(set(model.last.split(" | "))) < len(model.last.split(" | "))


def test_geminis_functions_are_called_with_the_value(house: House, model: Model) -> None:
    def mail(to: str) -> str:
        """Sends a mail."""
        raise AssertionError(to)

    calling = gemini.AutomaticFunctionCallingConfig(disable=True)
    asked: Any = {
        "model": "demo-small",
        "contents": f"mail {MAIL}",
        "config": gemini.GenerateContentConfig(tools=[mail], automatic_function_calling=calling),
    }
    models = _gemini(house).models
    parts = [models.generate_content(**asked), *models.generate_content_stream(**asked)]
    calls = [call.args for part in parts for call in part.function_calls or ()]
    assert calls == [{"to": f'"A" {MAIL}'}] * 2
    assert MAIL not in model.last


@pytest.mark.parametrize("value", VALUES)
def test_ollama_reads_the_value_plain_and_streamed(house: House, model: Model, value: str) -> None:
    said = f"note {value} please"
    chat_: Any = {"model": "demo-small", "messages": [{"role": "user", "content": said}]}
    with _ollama(house) as client:
        whole = client.chat(**chat_).message.content
        streamed = [part.message.content for part in client.chat(**chat_, stream=True)]
        text = client.generate("demo-small", said)
        lines = list(client.generate("demo-small", said, stream=True))
    assert whole == "".join(one or "" for one in streamed) == f"I have {said}"
    assert text.response == "".join(one.response or "" for one in lines) == f"I have {said}"
    # It would spell the stand-in.
    assert text.context is lines[-1].context is None
    assert value not in "".join(model.heard[-4:])


def test_ollamas_tools_are_called_with_the_value(house: House, model: Model) -> None:
    asked: Any = {
        "model": "demo-small",
        "messages": [{"role": "user", "content": f"mail {MAIL}"}],
        "tools": TOOLS,
    }
    with _ollama(house) as client:
        parts = [client.chat(**asked), *client.chat(**asked, stream=True)]
    calls = [call.function.arguments for part in parts for call in part.message.tool_calls or ()]
    assert calls == [{"to": f'"A" {MAIL}'}] * 2
    assert MAIL not in model.last


def test_tools_are_called_with_the_value(house: House, model: Model) -> None:
    client = _openai(house)
    plain = _say(client, f"mail {MAIL}", tools=TOOLS).choices[0].message.tool_calls[0]
    assert json.loads(plain.function.arguments) == {"to": f'"A" {MAIL}'}
    assert MAIL not in model.last
    arguments = "".join(
        call.function.arguments or ""
        for chunk in _say(client, f"mail {MAIL}", tools=TOOLS, stream=True)
        for call in chunk.choices[0].delta.tool_calls or []
    )
    assert json.loads(arguments) == {"to": f'"A" {MAIL}'}


def test_a_model_that_shouts_and_writes_markdown_is_understood(house: House) -> None:
    answer = _say(_openai(house), f"shout {MAIL}").choices[0].message.content
    assert answer == f"SHOUT {MAIL}"


def test_a_conversation_keeps_its_stand_ins(house: House, model: Model) -> None:
    client = _openai(house)
    first = _say(client, f"note {MAIL}").choices[0].message.content
    said = STAND_IN.findall(model.last)
    # The client sends back what it read.
    _say(client, f"note {MAIL}", first, f"again {MAIL} and bob@example.com")
    again = STAND_IN.findall(model.last)
    assert MAIL not in model.last
    assert again[:3] == said * 3
    assert len(set(again)) == 2


def test_callers_and_conversations_have_stand_ins_of_their_own(house: House, model: Model) -> None:
    found = []
    for subject, text in (("ada", "note"), ("bob", "note"), ("ada", "keep")):
        _say(_openai(house, subject=subject), f"{text} {MAIL}")
        found += STAND_IN.findall(model.last)
    assert len(set(found)) == 3


def test_a_stolen_stand_in_is_worth_nothing(house: House, model: Model) -> None:
    _say(_openai(house, subject="ada"), f"note {MAIL}")
    (stolen,) = STAND_IN.findall(model.last)
    raw = house.client("analyst", subject="eve").post(
        "/v1/chat/completions", json=chat(f"what is {stolen}?")
    )
    assert raw.json()["choices"][0]["message"]["content"] == f"I have what is {stolen}?"
    assert raw.headers["x-gateway-decision"] == "flag"
    intent, outcome = house.records_of(raw.headers["x-gateway-event"])
    for record in (intent, outcome):
        assert [(one["scanner"], one["entity"], one["action"]) for one in record["findings"]] == [
            ("pii", "UNKNOWN_STAND_IN", "flag")
        ]


def test_what_a_model_says_of_its_own_is_hidden_and_not_taken_for_forged_later(
    house: House, model: Model
) -> None:
    client = _openai(house, subject="cleo")
    shown = _say(client, "your own").choices[0].message.content
    assert re.fullmatch(rf"Ask {STAND_IN.pattern}\.", shown)
    body = {"model": "demo-small", "messages": [
        {"role": "user", "content": "your own"},
        {"role": "assistant", "content": shown},
        {"role": "user", "content": "thanks"},
    ]}  # fmt: skip
    raw = house.client("analyst", subject="cleo").post("/v1/chat/completions", json=body)
    assert raw.headers["x-gateway-decision"] == "allow"
    assert shown in model.last


def test_records_say_tokenise_and_no_value_in_the_clear(house: House) -> None:
    raw = house.client("analyst").post("/v1/chat/completions", json=chat(f"note {MAIL}"))
    assert raw.headers["x-gateway-decision"] == "tokenise"
    intent, outcome = house.records_of(raw.headers["x-gateway-event"])
    assert intent["decision"] == outcome["decision"] == "tokenise"
    assert [(one["entity"], one["action"]) for one in intent["findings"]] == [
        ("EMAIL_ADDRESS", "tokenise")
    ]
    assert MAIL not in json.dumps([intent, outcome])


def test_replicas_with_one_key_derive_the_same(tmp_path: Path) -> None:
    key = ""
    found = []
    for name in ("a", "b"):
        model = Model()

        def prepare(home: Any) -> None:
            nonlocal key
            file = home / "keys" / "pseudonyms.key"
            if key:
                file.write_text(key)
            key = file.read_text()

        with build(tmp_path / name, model, policy=POLICY, prepare=prepare) as house:
            _say(_openai(house), f"note {MAIL}")
        found += STAND_IN.findall(model.last)
    assert found[0] == found[1]
