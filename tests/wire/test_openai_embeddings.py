"""Embeddings: texts go in, vectors come out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openai.types import CreateEmbeddingResponse

from gateway.errors import BadRequest, PolicyDenied, UpstreamError
from gateway.wire.exchange import Target, Usage
from gateway.wire.openai_embeddings import OpenAIEmbeddings
from gateway.wire.vectors import VECTOR_DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = OpenAIEmbeddings()
VECTORS = Target(stream=False)
UNHEARD = {
    "/unheard_of": "unheard_of",
    "/unheard_of/deep": "deep",
    "/unheard_of/deep/0": "a hidden text",
}


def test_every_text_of_a_request_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("openai_embedding_request"), VECTORS)
    assert (exchange.model, exchange.stream) == ("text-embedding-3-small", False)
    assert {t.where: (t.value, t.provenance) for t in exchange.texts} == {
        "/input/0": ("a first text", "user"),
        "/input/1": ("a second text", "user"),
        "/user": ("ada", "user"),
        **{where: (value, "unknown") for where, value in UNHEARD.items()},
    }


def test_the_parameters_are_those_of_vectors_and_the_texts_are_measured() -> None:
    body = {"model": "m", "input": ["one", "three"], "dimensions": 3, "encoding_format": "base64"}
    parameters = FORMAT.read(body, VECTORS).parameters
    measured = {"messages": (2,), "message_chars": (5,), "prompt_chars": (8,), "tainted": (False,)}
    assert parameters.values == {**VECTOR_DEFAULTS, **measured}
    assert parameters.stated == set(measured)
    assert parameters.foreign == parameters.inexpressible == frozenset()
    asked = FORMAT.read({**body, "stream": True, "tools": ["x"]}, VECTORS)
    assert asked.parameters.foreign == {"stream", "tools"}
    assert not asked.stream


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"model": "m"}, "/input must be a string or a list of strings"),
        ({"model": "m", "input": None}, "/input must be a string or a list of strings"),
        ({"model": "m", "input": [[1, 2]]}, "/input/0 must be a string: send text, because nobody"),
        ({"model": "m", "input": [5]}, "/input/0 must be a string: send text, because nobody"),
        ({"model": "m", "input": "x", "USER": "y"}, "/user is spelt in another case"),
        ({"input": "x"}, "/model must be a string"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body, VECTORS)
    assert caught.value.reason.startswith(reason)


def test_azures_path_names_the_model() -> None:
    azure = OpenAIEmbeddings("azure")
    assert azure.name == "azure"
    exchange = azure.read({"model": "other", "input": "x"}, Target("deployed", stream=False))
    assert (exchange.model, exchange.body["model"]) == ("deployed", "deployed")


def test_a_text_anywhere_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    ways: tuple[tuple[str, Any], ...] = (
        ("openai_embedding_request", FORMAT.read),
        ("openai_embedding_answer", FORMAT.read_answer),
    )
    for name, read in ways:
        for path, body in spoilt(load(name)):
            try:
                found = read(body).texts
            except (BadRequest, UpstreamError) as refused:
                assert mark not in refused.reason  # noqa: PT017 - both ways out are right
                continue
            assert sum(text.value.count(mark) for text in found) == 1, path


def test_wrong_types_are_refusals_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for body in mistyped(load("openai_embedding_request")):
        try:
            FORMAT.read(body, VECTORS)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body"))  # noqa: PT017 - as above
    for body in mistyped(load("openai_embedding_answer")):
        try:
            answer = FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)
        FORMAT.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


def test_nothing_can_be_demanded_of_vectors() -> None:
    body = {"model": "m", "input": "x"}
    assert FORMAT.change_request(body, {}) == body
    assert FORMAT.counting_request({**body, "stream": True}) is None
    for change in ({"max_tokens": 5}, {"system_prefix": "be brief"}, {"temperature": 1}):
        with pytest.raises(PolicyDenied):
            FORMAT.change_request(body, change)


def test_an_answer_costs_what_was_read(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("openai_embedding_answer"))
    assert answer.usage == Usage(7, 0)
    assert answer.model == "text-embedding-3-small"
    assert {t.where: t.value for t in answer.texts} == UNHEARD
    for usage in ({}, None, {"prompt_tokens": "7"}):
        assert FORMAT.read_answer({"data": [], "usage": usage}).usage is None


@pytest.mark.parametrize("choices", ["a text", ["a text"], {"0": "a text"}])
def test_choices_are_no_choices_in_an_answer_of_vectors(choices: Any) -> None:
    (path,) = (one.path for one in FORMAT.read_answer({"choices": choices}).texts
               if one.value == "a text")  # fmt: skip
    written = FORMAT.rewrite_answer({"choices": choices}, {path: "[WORDS]"})
    assert "a text" not in json.dumps(written)
    assert "[WORDS]" in json.dumps(written)


def test_a_withheld_answer_has_no_vectors(load: Callable[[str], Any]) -> None:
    withheld = FORMAT.withhold(load("openai_embedding_answer"))
    answer = CreateEmbeddingResponse.model_validate(withheld, strict=True)
    assert (answer.data, answer.usage.prompt_tokens) == ([], 7)
    assert FORMAT.read_answer(withheld).texts == ()


def test_an_error_body_is_read_and_withheld() -> None:
    body = {"error": {"message": "no such user: ada@example.com"}}
    assert "no such user: ada@example.com" in [t.value for t in FORMAT.read_answer(body).texts]
    assert "ada" not in json.dumps(FORMAT.withhold(body))
