"""The model and the stream flag, as both APIs ask for them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.model_name import read_model, read_stream, readable_word


@pytest.mark.parametrize(
    "model", ["gpt-5-mini", "claude-sonnet-5", "org/model:7b", "ft:gpt-4o:acme::Ab1", "m@2026-01"]
)
def test_names_in_use_are_names(model: str) -> None:
    assert read_model({"model": model}) == model


@pytest.mark.parametrize(
    "model", [None, 3, [], "", "a b", "../up", "a\nb", "é", "x" * 257, "<script>", "a\n"]
)
def test_anything_else_is_refused(model: Any) -> None:
    with pytest.raises(BadRequest, match=r"^/model must be"):
        read_model({"model": model})
    assert readable_word(model) is None


def test_a_missing_model_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"^/model must be a string$"):
        read_model({})


def test_stream_is_a_boolean() -> None:
    assert read_stream({"stream": True})
    assert not read_stream({"stream": False})
    assert not read_stream({"stream": None})
    assert not read_stream({})
    others: tuple[Any, ...] = ("true", 1, 0, [], {})
    for other in others:
        with pytest.raises(BadRequest, match=r"^/stream must be true or false$"):
            read_stream({"stream": other})
