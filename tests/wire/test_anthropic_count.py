"""Counting tokens: all texts are read, and the number costs nothing."""

from __future__ import annotations

import pytest

from gateway.errors import UpstreamError
from gateway.wire.anthropic_count import AnthropicCount
from gateway.wire.exchange import Usage

COUNT = AnthropicCount()


def test_a_request_is_read_as_a_message_is() -> None:
    body = {"model": "m", "system": "be kind", "messages": [{"role": "user", "content": "hi"}]}
    exchange = COUNT.read(body)
    assert [text.value for text in exchange.texts] == ["be kind", "hi"]
    assert not exchange.stream


def test_the_answer_is_a_number_that_costs_nothing() -> None:
    answer = COUNT.read_answer({"input_tokens": 14})
    assert answer.texts == ()
    assert answer.usage == Usage(0, 0)


def test_words_beside_the_number_are_texts() -> None:
    answer = COUNT.read_answer({"input_tokens": 14, "note": "hello there"})
    assert [text.value for text in answer.texts] == ["note", "hello there"]
    with pytest.raises(UpstreamError):
        COUNT.read_answer([])  # type: ignore[arg-type]
