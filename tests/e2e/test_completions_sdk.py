"""The real ``openai`` SDK's completions, unmodified, against the gateway."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import openai
import pytest
from house import ANY_ROUTE, STAND_INS, House, build
from replies import EVENTS, JSON, answering, by_word

from gateway.demo import openai_completions_api
from gateway.demo.reply import DemoReply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("completions"), by_word, policy=ANY_ROUTE) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> openai.OpenAI:
    return _client(house, "analyst")


def _client(house: House, role: str) -> openai.OpenAI:
    return house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.token(role), max_retries=0)
    )


def _ask(client: openai.OpenAI, prompt: Any, **more: Any) -> Any:
    return client.completions.create(model="demo-small", prompt=prompt, **more)


def _streamed(client: openai.OpenAI, prompt: Any, **more: Any) -> tuple[dict[int, str], list[Any]]:
    texts: dict[int, str] = {}
    chunks = list(_ask(client, prompt, stream=True, **more))
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        texts[choice.index] = texts.get(choice.index, "") + choice.text
    return texts, chunks


def test_plain_and_streamed_say_the_same(client: openai.OpenAI) -> None:
    plain = _ask(client, "Hello there")
    assert plain.choices[0].text == "Hello! You said: Hello there"
    texts, chunks = _streamed(client, "Hello there")
    assert texts == {0: plain.choices[0].text}
    assert chunks[-1].choices[0].finish_reason == plain.choices[0].finish_reason == "stop"


def test_usage_reaches_client_and_audit(house: House, client: openai.OpenAI) -> None:
    plain = client.completions.with_raw_response.create(model="demo-small", prompt="count me")
    streamed = client.completions.with_raw_response.create(
        model="demo-small",
        prompt="count me",
        stream=True,
        stream_options={"include_usage": True},
    )
    last = list(streamed.parse())[-1]
    for usage, headers in (
        (plain.parse().usage, plain.headers),
        (last.usage, streamed.headers),
    ):
        outcome = house.records_of(headers["x-gateway-event"])[-1]
        assert usage is not None
        assert (outcome["route"], outcome["format"]) == ("completions", "openai")
        assert outcome["usage"] == {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
        }


def test_every_prompt_is_redacted_before_the_model_reads_it(
    house: House, client: openai.OpenAI
) -> None:
    plain = _ask(client, ["I am ada@example.com", "Hi"], suffix="Yours, ada@example.com")
    assert len(plain.choices) == 2
    assert house.demo.seen[-1].json == {
        "model": "demo-small",
        "prompt": ["I am [EMAIL_ADDRESS]", "Hi"],
        "suffix": "Yours, [EMAIL_ADDRESS]",
    }


def test_every_choice_is_redacted(client: openai.OpenAI) -> None:
    said = "Write to [EMAIL_ADDRESS] soon."
    plain = _ask(client, ["Hi", "mail"], n=2)
    assert [choice.text for choice in plain.choices] == [said] * 4
    assert _streamed(client, ["Hi", "mail"], n=2)[0] == dict.fromkeys(range(4), said)


def test_an_echoed_prompt_is_read_as_answer(client: openai.OpenAI) -> None:
    """Which it is: the SDK cannot tell it from what the model wrote."""
    assert _ask(client, "Hi", echo=True).choices[0].text == "HiHello! You said: Hi"
    assert _streamed(client, "mail", echo=True)[0] == {0: "mailWrite to [EMAIL_ADDRESS] soon."}


def test_a_blocked_prompt_is_a_bad_request_error(client: openai.OpenAI) -> None:
    for more in ({}, {"stream": True}):
        with pytest.raises(openai.BadRequestError, match="CREDIT_CARD") as caught:
            _ask(client, ["Hi", "my card is 4111 1111 1111 1111"], **more)
        assert caught.value.code == "content_blocked"
        assert "4111" not in str(caught.value)


def test_a_blocked_answer_ends_with_content_filter(client: openai.OpenAI) -> None:
    (plain,) = _ask(client, "card").choices
    assert (plain.text, plain.finish_reason) == ("", "content_filter")
    texts, chunks = _streamed(client, "card", n=2)
    assert all("It is ".startswith(text) for text in texts.values())
    assert {choice.finish_reason for chunk in chunks[-2:] for choice in chunk.choices} == {
        "content_filter"
    }


def test_tokens_are_refused_with_what_to_do(house: House, client: openai.OpenAI) -> None:
    before = len(house.demo.seen)
    for prompt in ([15339, 1917], [[15339], [1917]]):
        with pytest.raises(openai.BadRequestError, match="/prompt/0 must be a string: send text"):
            _ask(client, prompt)
    assert len(house.demo.seen) == before


def test_a_role_that_may_not_is_denied(house: House) -> None:
    with pytest.raises(openai.PermissionDeniedError) as caught:
        _ask(_client(house, "reader"), "Hi")
    assert caught.value.code == "policy_denied"


def test_stand_ins_are_turned_back_in_every_choice(tmp_path: Path) -> None:
    with build(tmp_path, policy=STAND_INS) as house:
        client = _client(house, "analyst")
        prompts = ["I am ada@example.com", "I am eve@example.com"]
        echoed = "I am ada@example.comHello! You said: I am eve@example.com"
        plain = _ask(client, prompts, n=1, echo=True)
        first, second = house.demo.seen[-1].json["prompt"]
        texts, _ = _streamed(client, prompts, echo=True)
    assert re.fullmatch("I am <EMAIL_ADDRESS_[0-9a-f]{10}>", first)
    assert re.fullmatch("I am <EMAIL_ADDRESS_[0-9a-f]{10}>", second)
    assert first != second
    assert plain.choices[0].text == texts[0] == echoed
    assert plain.choices[1].text == texts[1] == echoed.replace("ada", "eve")


def test_untouched_answers_are_the_very_bytes_of_the_upstream(
    house: House, client: openai.OpenAI
) -> None:
    request = openai_completions_api.read({"model": "m", "prompt": "x", "n": 2}, "", {})
    pieces = tuple(openai_completions_api.events(request, DemoReply("Grüße, bitte."), 1))
    logprobs = b'"logprobs":{"tokens":["Hi"],"token_logprobs":[-1.0],"text_offset":[0]}'
    odd = b'data: {"choices": [ {%b, "text":"\\u00fc", "index":0} ],"later":[1e3]}\n\n' % logprobs
    whole = b'{ "choices": [{"text":"\\u00fc","index":0,%b}] }\n' % logprobs
    ask = client.completions.with_streaming_response.create
    with (
        answering(house, EVENTS, b":\n\n", odd, *pieces) as sent,
        ask(model="demo-small", prompt="x", stream=True) as stream,
    ):
        assert b"".join(stream.iter_bytes()) == sent
    with answering(house, JSON, whole) as sent, ask(model="demo-small", prompt="x") as answer:
        assert answer.read() == sent
