"""Texts in files, pictures and log probabilities, through the real SDKs and the whole gateway."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import anthropic
import openai
import orjson
import pytest
from house import LEAN, House, build

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

READING: Final = LEAN.replace("on: [user, tool, answer]", "on: [user, tool, document, answer]")
CARD: Final = "4111 1111 1111 1111"


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def said(content: str, *tokens: tuple[str, str]) -> dict[str, Any]:
    """A choice of which each token had one alternative."""
    listed = [
        {
            "token": token,
            "logprob": -0.5,
            "bytes": list(token.encode()),
            "top_logprobs": [{"token": other, "logprob": -1, "bytes": None}],
        }
        for token, other in tokens
    ]
    return {"index": 0, "logprobs": {"content": listed, "refusal": None}, "text": content}


HARMLESS: Final = said("Hi", ("Hi", "Ho"))
TELLING: Final = said(" there", (" there", " eve@example.com"))


def reply(request: DemoRequest) -> DemoReply:
    if "probable" not in request.last.text:
        return DemoReply("seen")
    head = {"id": "c", "created": 1, "model": request.model}
    if not request.stream:
        choice = {**TELLING, "finish_reason": "stop", "message": {"role": "assistant"}}
        choice["message"]["content"] = choice.pop("text")
        body = {**head, "object": "chat.completion", "choices": [choice]}
        return DemoReply(raw=(orjson.dumps(body),), content_type="application/json")
    chunks = []
    for part in (HARMLESS, TELLING):
        choice = {**part, "finish_reason": None, "delta": {"content": part["text"]}}
        del choice["text"]
        chunk = orjson.dumps({**head, "object": "chat.completion.chunk", "choices": [choice]})
        chunks.append(b"data: %b\n\n" % chunk)
    return DemoReply(raw=(*chunks, b"data: [DONE]\n\n"), content_type="text/event-stream")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("hidden"), reply, policy=READING) as built:
        yield built


def ask(house: House, *parts: Any, **more: Any) -> Any:
    client = house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.token("analyst"), max_retries=0)
    )
    messages: Any = [{"role": "user", "content": list(parts)}]
    return client.chat.completions.create(model="demo-small", messages=messages, **more)


def file(data: str) -> dict[str, Any]:
    return {"type": "file", "file": {"filename": "people.csv", "file_data": data}}


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def test_a_text_file_reaches_the_model_with_its_personal_data_taken_out(house: House) -> None:
    ask(house, file(f"data:text/csv;base64,{in_base64('ada,ada@example.com')}"))
    sent = orjson.loads(house.demo.seen[-1].body)["messages"][0]["content"][0]["file"]["file_data"]
    assert sent == f"data:text/csv;base64,{in_base64('ada,[EMAIL_ADDRESS]')}"


@pytest.mark.parametrize(
    "part",
    [
        file(f"data:text/plain;base64,{in_base64(CARD)}"),
        file(in_base64(f"my card is {CARD}")),
        file(f"data:application/pdf;base64,{in_base64(f'my card is {CARD}')}"),
        picture(f"data:image/svg+xml,<svg><text>{CARD}</text></svg>"),
        picture(f"data:image/png;base64,{in_base64(f'my card is {CARD}')}"),
        picture(f"data:;base64,{in_base64(CARD)}"),
    ],
    ids=["text", "untyped", "as pdf", "svg", "as png", "unnamed"],
)
def test_a_card_number_in_a_file_of_text_is_blocked_whatever_it_is_called(
    house: House, part: Any
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(house, part)
    assert caught.value.code == "content_blocked"
    assert "4111" not in str(caught.value)


def test_a_text_that_decoders_read_in_two_ways_is_refused_with_its_place(house: House) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(house, file("data:text/plain;base64,aGVs bG8="))
    assert caught.value.code == "bad_request"
    assert "/messages/0/content/0/file/file_data" in str(caught.value)


def test_a_document_of_anthropics_api_is_read_and_rewritten_too(house: House) -> None:
    client = house.clients.enter_context(
        anthropic.Anthropic(base_url=house.url, api_key=house.token("analyst"), max_retries=0)
    )

    def send(text: str) -> None:
        source = {"type": "base64", "media_type": "text/plain", "data": in_base64(text)}
        content: Any = [{"type": "document", "source": source}]
        client.messages.create(
            model="demo-small", max_tokens=9, messages=[{"role": "user", "content": content}]
        )

    send("mail ada@example.com")
    sent = orjson.loads(house.demo.seen[-1].body)["messages"][0]["content"][0]["source"]["data"]
    assert sent == in_base64("mail [EMAIL_ADDRESS]")
    with pytest.raises(anthropic.BadRequestError):
        send(CARD)


def test_alternatives_to_a_token_carry_out_nothing_that_is_taken_out_of_texts(house: House) -> None:
    asked = {"type": "text", "text": "what was probable?"}
    (choice,) = ask(house, asked).choices
    assert (choice.message.content, choice.logprobs) == (" there", None)
    first, second = ask(house, asked, stream=True)
    assert first.choices[0].logprobs.content[0].top_logprobs[0].token == "Ho"
    assert (second.choices[0].delta.content, second.choices[0].logprobs) == (" there", None)
