"""Ollama's embeddings: texts in, vectors out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ollama
import pytest

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.errors import BadRequest, PolicyDenied, UpstreamError
from gateway.wire.exchange import Usage
from gateway.wire.ollama_embed import OllamaEmbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = OllamaEmbed()
NO_TOKENS = "a string: send text, because nobody here can read numbers of tokens"


@pytest.mark.parametrize("given", ["hello there", ["hello there", "goodbye"]])
def test_every_text_is_found(given: Any) -> None:
    exchange = FORMAT.read({"model": "m", "input": given})
    texts = [given] if isinstance(given, str) else given
    assert [(one.value, one.provenance, one.rewritable) for one in exchange.texts] == [
        (text, "user", True) for text in texts
    ]
    assert not exchange.stream


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "/input must be a string or a list of strings"),
        ({"input": 3}, "/input must be a string or a list of strings"),
        ({"input": [[1, 2]]}, f"/input/0 must be {NO_TOKENS}"),
        ({"Input": "x"}, "/input is spelt in another case"),
        ({"input": "x", "options": {"NUM_CTX": 5}}, "/options/num_ctx is spelt in another case"),
    ],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused(body: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read({"model": "m", **body})
    assert caught.value.reason == reason


def test_a_text_anywhere_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for read, name in ((FORMAT.read, "request"), (FORMAT.read_answer, "answer")):
        for path, body in spoilt(load(f"ollama_embed_{name}")):
            try:
                found = read(body).texts
            except (BadRequest, UpstreamError) as refused:
                assert mark not in refused.reason  # noqa: PT017 - both ways out are right
                continue
            assert sum(text.value.count(mark) for text in found) == 1, path


def test_wrong_types_are_refusals_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for body in mistyped(load("ollama_embed_request")):
        try:
            FORMAT.read(body)
        except BadRequest:
            continue
    for body in mistyped(load("ollama_embed_answer")):
        try:
            FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)


def test_an_answer_has_no_text_and_costs_what_was_read(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("ollama_embed_answer"))
    assert (answer.texts, answer.usage, answer.model) == ((), Usage(8, 0), "all-minilm")


def test_a_withheld_answer_has_no_vectors_and_is_what_the_sdk_reads(
    load: Callable[[str], Any],
) -> None:
    withheld = FORMAT.withhold(
        {**load("ollama_embed_answer"), "note": "my card is 4111 1111 1111 1111"}
    )
    assert "4111" not in json.dumps(withheld)
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(withheld).encode(),)))
    with serve(app) as url, ollama.Client(host=url) as client:
        answer = client.embed(model="m", input="x")
    assert (answer.embeddings, answer.done_reason) == ([], "content_filter")
    assert FORMAT.withhold({"error": "ada"})["code"] == "content_blocked"


def test_nothing_can_be_demanded_of_vectors(load: Callable[[str], Any]) -> None:
    body = load("ollama_embed_request")
    assert FORMAT.change_request(body, {}) == body
    with pytest.raises(PolicyDenied):
        FORMAT.change_request(body, {"max_tokens": 5})
