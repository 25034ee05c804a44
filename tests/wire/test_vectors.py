"""Vectors are no texts; what poses as one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.terms import PARAMETERS
from gateway.wire.exchange import Target
from gateway.wire.gemini_embeddings import GeminiEmbeddings
from gateway.wire.leaves import Finder
from gateway.wire.ollama_embed import OllamaEmbed
from gateway.wire.openai_embeddings import OpenAIEmbeddings
from gateway.wire.vectors import VECTOR_DEFAULTS, vector

if TYPE_CHECKING:
    from gateway.wire.exchange import Format


def texts_of(value: Any) -> list[str]:
    found = Finder.answer()
    vector(found, value, ("embedding",), "answer")
    return [text.value for text in found.texts]


@pytest.mark.parametrize("value", [[], [0.1, -2, 3e8], "zczMPc3MTL4=", [[0.1], [2]], None])
def test_numbers_and_their_base64_are_no_texts(value: Any) -> None:
    assert texts_of(value) == []


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ([0.1, "my card"], ["my card"]),
        ("my card is here", ["my card is here"]),
        ({"values": ["x y"]}, ["values", "x y"]),
        ([[0.1], ["my card"]], ["my card"]),
        ([0.1, None, "x"], ["x"]),
    ],
)
def test_what_poses_as_a_vector_is_read(value: Any, texts: list[str]) -> None:
    assert texts_of(value) == texts


def test_every_parameter_but_the_counted_ones_has_a_value() -> None:
    measured = {"messages", "message_chars", "prompt_chars", "tainted"}
    assert set(VECTOR_DEFAULTS) == set(PARAMETERS) - measured


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        (OpenAIEmbeddings(), {"model": "m", "input": ["a", "b"]}),
        (OllamaEmbed(), {"model": "m", "input": ["a", "b"]}),
        (GeminiEmbeddings(), {"content": {"parts": [{"text": "a"}, {"text": "b"}]}}),
        (
            GeminiEmbeddings(),
            {"requests": [{"model": "m", "content": {"parts": {"text": "a"}}}] * 2},
        ),
    ],
    ids=["OpenAI", "Ollama", "Gemini, one", "Gemini, a batch"],
)
def test_nobody_reads_together_what_becomes_vectors(wire: Format, body: dict[str, Any]) -> None:
    texts = wire.read(body, Target("m", stream=False)).texts
    assert len(texts) >= 2
    assert all(text.apart for text in texts)
