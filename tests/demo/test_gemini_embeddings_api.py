"""The demo model's embeddings, as Gemini's API gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.genai.types import EmbedContentResponse

from gateway.demo.gemini_embeddings_api import answer, read
from gateway.demo.reply import DemoReply
from gateway.demo.vectors import vector_of

ONE = {"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 3}


def answered(body: dict[str, Any]) -> Any:
    return json.loads(answer(read(body, "/v1/models/m:embedContent", {}), DemoReply(), 1))


def test_one_content_has_one_vector() -> None:
    assert answered(ONE)["embedding"] == {"values": vector_of("a", 3)}


def test_a_batch_has_one_for_each() -> None:
    got = answered({"requests": [ONE, {"content": {"parts": {"text": "b"}}}]})
    assert [one["values"] for one in got["embeddings"]] == [vector_of("a", 3), vector_of("b")]
    assert got["usageMetadata"] == {"promptTokenCount": 2}
    EmbedContentResponse.model_validate({"embeddings": got["embeddings"]})


def test_a_body_without_a_content_is_none_of_this_api() -> None:
    with pytest.raises(KeyError):
        read({"requests": [{}]}, "/v1/models/m:batchEmbedContents", {})
