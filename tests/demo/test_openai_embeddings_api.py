"""The demo model's embeddings: valid by the SDK's own types, in both spellings."""

from __future__ import annotations

import base64
import json
import struct

import pytest
from openai.types import CreateEmbeddingResponse

from gateway.demo.openai_embeddings_api import answer, read
from gateway.demo.reply import DemoReply

BODY = {"model": "demo-small", "input": ["a", "b"], "dimensions": 3}


def test_each_text_has_its_vector() -> None:
    raw = answer(read(BODY, "", {}), DemoReply(), 1)
    got = CreateEmbeddingResponse.model_validate_json(raw, strict=True)
    assert [len(one.embedding) for one in got.data] == [3, 3]
    assert (got.model, got.usage.prompt_tokens) == ("demo-small", 2)


def test_base64_spells_the_same_numbers() -> None:
    plain, packed = (
        json.loads(answer(read({**BODY, "encoding_format": kind}, "", {}), DemoReply(), 1))["data"]
        for kind in ("float", "base64")
    )
    for numbers, spelt in zip(plain, packed, strict=True):
        found = struct.unpack("<3f", base64.b64decode(spelt["embedding"]))
        assert list(found) == pytest.approx(numbers["embedding"])


def test_azures_path_names_the_model() -> None:
    path = "/openai/deployments/embedder/embeddings?api-version=2024-10-21"
    assert read({"input": "x"}, path, {}).model == "embedder"
