"""A prompt is text, or it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.leaves import Finder
from gateway.wire.openai_prompt import PROMPT


def read(value: Any) -> list[tuple[str, str, str]]:
    found = Finder.request()
    PROMPT(found, value, ("prompt",), "unknown")
    return [(text.where, text.value, text.provenance) for text in found.texts]


def test_a_text_and_a_list_of_texts_are_the_users() -> None:
    assert read("hello") == [("/prompt", "hello", "user")]
    assert read(["a", "b"]) == [("/prompt/0", "a", "user"), ("/prompt/1", "b", "user")]
    assert read([]) == []


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ([1, 2], "/prompt/0"),
        ([[1, 2], [3]], "/prompt/0"),
        (["hello", [1]], "/prompt/1"),
        (["hello", 1], "/prompt/1"),
        ([[]], "/prompt/0"),
    ],
)
def test_tokens_are_refused_with_what_to_do(value: Any, where: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(value)
    assert caught.value.message == (
        f"{where} must be a string: send text, because nobody here can read numbers of tokens."
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (3, "/prompt must be a string or a list of strings"),
        ({"text": "x"}, "/prompt must be a string or a list of strings"),
        ([{"text": "x"}], "/prompt/0 must be a string"),
        ([None], "/prompt/0 must be a string"),
    ],
)
def test_other_types_are_refused_with_their_place(value: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(value)
    assert caught.value.reason == reason
