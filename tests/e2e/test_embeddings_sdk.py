"""The real ``openai`` SDK's embeddings, unmodified, against the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from house import ANY_ROUTE, House, build
from replies import JSON, answering

from gateway.demo.reply import DemoReply, DemoRequest
from gateway.demo.vectors import vector_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("embeddings"), policy=ANY_ROUTE) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> openai.OpenAI:
    return _client(house, "analyst")


def _client(house: House, role: str) -> openai.OpenAI:
    return house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.token(role), max_retries=0)
    )


def _ask(client: openai.OpenAI, text: Any, **more: Any) -> list[list[float]]:
    answer = client.embeddings.create(model="demo-small", input=text, **more)
    return [one.embedding for one in answer.data]


@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}, {"dimensions": 64}])
def test_each_text_has_its_vector(client: openai.OpenAI, more: dict[str, Any]) -> None:
    size = more.get("dimensions", 8)
    vectors = _ask(client, ["one", "two"], **more)
    for text, vector in zip(["one", "two"], vectors, strict=True):
        assert vector == pytest.approx(vector_of(text, size))
    assert _ask(client, "one", **more) == vectors[:1]


def test_usage_reaches_client_and_audit(house: House, client: openai.OpenAI) -> None:
    answer = client.embeddings.with_raw_response.create(model="demo-small", input="count me")
    usage = answer.parse().usage
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert (outcome["route"], outcome["format"]) == ("embeddings", "openai")
    assert outcome["usage"] == {"input_tokens": usage.prompt_tokens, "output_tokens": 0}
    assert usage.prompt_tokens > 0


def test_every_text_is_redacted_before_it_is_embedded(client: openai.OpenAI) -> None:
    dirty, clean = "I am ada@example.com", "I am [EMAIL_ADDRESS]"
    assert _ask(client, ["Hi", dirty]) == _ask(client, ["Hi", clean])
    assert _ask(client, dirty) == _ask(client, clean)


def test_a_blocked_text_is_a_bad_request_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="CREDIT_CARD") as caught:
        _ask(client, ["Hi", "my card is 4111 1111 1111 1111"])
    assert caught.value.code == "content_blocked"
    assert "4111" not in str(caught.value)


def test_tokens_are_refused_with_what_to_do(house: House, client: openai.OpenAI) -> None:
    before = len(house.demo.seen)
    for text in ([15339, 1917], [[15339], [1917]]):
        with pytest.raises(openai.BadRequestError, match="/input/0 must be a string: send text"):
            _ask(client, text)
    assert len(house.demo.seen) == before


def test_a_role_that_may_not_is_denied(house: House) -> None:
    with pytest.raises(openai.PermissionDeniedError) as caught:
        _ask(_client(house, "reader"), "Hi")
    assert caught.value.code == "policy_denied"


def test_an_error_of_the_upstream_is_redacted(tmp_path: Path) -> None:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply("ask ada@example.com for more", status=429)

    with (
        build(tmp_path, reply, policy=ANY_ROUTE) as house,
        pytest.raises(openai.RateLimitError, match=r"ask \[EMAIL_ADDRESS\] for more"),
    ):
        _ask(_client(house, "analyst"), "Hi")


def test_a_blocked_answer_has_no_vectors(house: House, client: openai.OpenAI) -> None:
    """The API knows no stop; the SDK has an error of its own for an answer without vectors."""
    raw = b'{"data":[{"embedding":[1],"index":0,"note":"card 4111 1111 1111 1111"}],"model":"m"}'
    with answering(house, JSON, raw), pytest.raises(ValueError, match="No embedding data received"):
        _ask(client, "Hi")


def test_untouched_answers_are_the_very_bytes_of_the_upstream(
    house: House, client: openai.OpenAI
) -> None:
    raw = b'{ "data": [{"embedding":[0.10, -2e-3 ,3],"index":0,"object":"embedding"}],"x":[1]}\n'
    ask = client.embeddings.with_streaming_response.create
    with answering(house, JSON, raw) as sent, ask(model="demo-small", input="x") as answer:
        assert answer.read() == sent


def test_a_stream_is_none(house: House) -> None:
    """Whatever the body says: an answer that streams would be one that nobody can read."""
    with answering(house, "text/event-stream", b"data: {}\n\n"):
        answer = house.client("analyst").post(
            "/v1/embeddings", json={"model": "demo-small", "input": "x", "stream": True}
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
