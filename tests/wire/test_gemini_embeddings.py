"""Gemini's embeddings, of one content or of a batch."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai.types import EmbedContentResponse

from gateway.errors import BadRequest, PolicyDenied, UpstreamError
from gateway.terms import PARAMETERS
from gateway.wire.exchange import Target, Usage
from gateway.wire.gemini_embeddings import GeminiEmbeddings

FORMAT = GeminiEmbeddings()
TARGET = Target("m", stream=False)
ONE: dict[str, Any] = {
    "content": {"parts": [{"text": "a text"}, {"text": "more of it"}]},
    "taskType": "RETRIEVAL_DOCUMENT",
    "title": "its title",
    "outputDimensionality": 8,
}


def test_every_text_of_one_content_is_found() -> None:
    exchange = FORMAT.read({**ONE, "model": "models/m"}, TARGET)
    assert [(t.value, t.provenance) for t in exchange.texts] == [
        ("a text", "user"),
        ("more of it", "user"),
        ("its title", "document"),
    ]
    assert "model" not in exchange.body
    assert exchange.parameters.values["messages"] == (1,)
    assert set(exchange.parameters.values) == set(PARAMETERS)


def test_every_text_of_a_batch_is_found() -> None:
    batch = {"requests": [{**ONE, "model": "models/m"}, {"content": {}, "model": "models/m"}]}
    exchange = FORMAT.read(batch, TARGET)
    assert [t.where for t in exchange.texts] == [
        "/requests/0/content/parts/0/text",
        "/requests/0/content/parts/1/text",
        "/requests/0/title",
    ]
    assert exchange.body == batch
    assert exchange.parameters.values["messages"] == (2,)
    assert exchange.parameters.values["message_chars"] == (25,)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({}, "/content must be an object"),
        ({"content": "x"}, "/content must be an object"),
        ({**ONE, "model": "models/other"}, "/model must name the model that the path names"),
        ({"requests": None}, "/requests must be a list"),
        ({"requests": {}}, "/requests must be a list"),
        ({"requests": ["x"]}, "/requests/0 must be an object"),
        (
            {"requests": [{"model": "models/m"}, {"model": "models/other"}]},
            "/requests/1/model must name the model that the path names",
        ),
        ({"requests": [{}]}, "/requests/0/model must name the model that the path names"),
        (
            {"requests": [{"task_type": "X", "taskType": "Y"}]},
            "/requests/0/taskType is there in two spellings",
        ),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body, TARGET)
    assert caught.value.reason == reason


def test_vectors_are_no_texts_and_all_else_is() -> None:
    body = {
        "embeddings": [{"values": [0.1, 2]}, {"values": ["a text"]}],
        "embedding": {"values": [1]},
        "usageMetadata": {"promptTokenCount": 4},
        "odd": "words",
    }
    answer = FORMAT.read_answer(body)
    assert [t.value for t in answer.texts] == ["a text", "odd", "words"]
    assert answer.usage == Usage(4, 0)
    assert FORMAT.read_answer({"embedding": {"values": [1]}}).usage is None


@pytest.mark.parametrize(
    ("body", "withheld"),
    [
        ({"embeddings": [{"values": ["x"]}], "usageMetadata": {"promptTokenCount": 1}},
         {"usageMetadata": {"promptTokenCount": 1}, "embeddings": []}),
        ({"embedding": {"values": ["x"]}}, {"embedding": {}}),
        ({"odd": "words"}, {"embedding": {}}),
    ],
)  # fmt: skip
def test_a_withheld_answer_has_no_vector(body: Any, withheld: Any) -> None:
    assert FORMAT.withhold(body) == withheld
    EmbedContentResponse.model_validate({"embeddings": withheld.get("embeddings")})


@pytest.mark.parametrize("body", [[], {"embeddings": {}}, {"embedding": 3}])
def test_what_is_no_answer_is_the_upstreams_fault(body: Any) -> None:
    with pytest.raises(UpstreamError):
        FORMAT.read_answer(body)


def test_nothing_can_be_demanded_of_vectors() -> None:
    with pytest.raises(PolicyDenied):
        FORMAT.change_request(ONE, {"max_tokens": 5})
    assert FORMAT.change_request(ONE, {}) == ONE
