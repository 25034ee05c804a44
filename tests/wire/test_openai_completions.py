"""Completions without a conversation, whole: read, rewritten, withheld."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from openai.types import Completion

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import Usage
from gateway.wire.openai_completions import OpenAICompletions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = OpenAICompletions()
UNHEARD = {
    "/unheard_of": "unheard_of",
    "/unheard_of/deep": "deep",
    "/unheard_of/deep/0": "a hidden text",
}


def test_every_text_of_a_request_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    exchange = FORMAT.read(load("openai_completion_request"))
    assert (exchange.model, exchange.stream) == ("gpt-3.5-turbo-instruct", True)
    assert {t.where: (t.value, t.provenance) for t in exchange.texts} == {
        "/prompt/0": ("Once upon a time", "user"),
        "/prompt/1": ("The end of", "user"),
        "/suffix": ("and they lived happily", "user"),
        "/stop/0": ("END", "user"),
        "/stop/1": ("STOP HERE", "user"),
        "/user": ("ada", "user"),
        **{where: (value, "unknown") for where, value in UNHEARD.items()},
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"model": "m", "prompt": [1]}, "/prompt/0 must be a string: send text, because nobody"),
        (
            {"model": "m", "prompt": "x", "prompt_embeds": "AAAA"},
            "the body has an unknown member that spells a prompt",
        ),
        ({"model": "m", "Prompt": "x"}, "/prompt is spelt in another case"),
        ({"prompt": "x"}, "/model must be a string"),
        ({"model": "m", "prompt": "x", "n": "2"}, "/n must be a whole number"),
    ],
)
def test_a_body_of_another_kind_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMAT.read(body)
    assert caught.value.reason.startswith(reason)


def test_nothing_may_be_asked() -> None:
    """The API takes a document from its beginning then."""
    for body in ({"model": "m"}, {"model": "m", "prompt": None}):
        assert FORMAT.read(body).texts == ()


def test_a_text_anywhere_in_a_request_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("openai_completion_request")):
        try:
            found = FORMAT.read(body).texts
        except BadRequest as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path


def test_a_text_anywhere_in_an_answer_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("openai_completion_answer")):
        try:
            found = FORMAT.read_answer(body).texts
        except UpstreamError as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path
        assert {text.provenance for text in found} == {"answer"}


def test_wrong_types_are_refusals_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for body in mistyped(load("openai_completion_request")):
        try:
            FORMAT.read(body)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body"))  # noqa: PT017 - as above
    for body in mistyped(load("openai_completion_answer")):
        try:
            answer = FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)
        FORMAT.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


def test_an_answer_tells_what_it_cost_and_how_it_ended(load: Callable[[str], Any]) -> None:
    answer = FORMAT.read_answer(load("openai_completion_answer"))
    assert answer.usage == Usage(11, 7)
    assert (answer.model, answer.finish) == ("gpt-3.5-turbo-instruct", "stop")
    assert {t.where: t.value for t in answer.texts} == {
        "/choices/0/text": "Hi Ada",
        "/choices/0/token_ids": "token_ids",
        "/choices/1/text": "Ho",
        **UNHEARD,
    }


def test_a_rewritten_choice_loses_what_spells_it_again(load: Callable[[str], Any]) -> None:
    body = load("openai_completion_answer")
    before = copy.deepcopy(body)
    written = FORMAT.rewrite_answer(body, {("choices", 0, "text"): "Hi [PERSON]"})
    assert body == before
    choice = Completion.model_validate(written).choices[0]
    assert (choice.text, choice.logprobs) == ("Hi [PERSON]", None)
    assert written["choices"][0]["token_ids"] is None
    assert written["choices"][1] == before["choices"][1]
    assert FORMAT.rewrite_answer(body, {}) == before


def test_a_withheld_answer_has_no_text_and_is_what_the_sdk_expects(
    load: Callable[[str], Any],
) -> None:
    withheld = FORMAT.withhold(load("openai_completion_answer"))
    assert [t.value for t in FORMAT.read_answer(withheld).texts] == ["", ""]
    answer = Completion.model_validate(withheld, strict=True)
    assert [choice.finish_reason for choice in answer.choices] == ["content_filter"] * 2
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 7
    assert not {"Ada", "token_ids", "unheard_of"} & set(json.dumps(withheld).split('"'))


def test_an_error_body_is_read_and_withheld() -> None:
    body = {"error": {"message": "no such user: ada@example.com", "code": None, "type": "x"}}
    assert "no such user: ada@example.com" in [t.value for t in FORMAT.read_answer(body).texts]
    assert FORMAT.withhold(body)["error"]["code"] == "content_blocked"
