"""A body is read by one walk; what is no object is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.openai_parameters import VOCABULARY
from gateway.wire.openai_shapes import ANSWER, REQUEST
from gateway.wire.whole import is_plain, read_answer_texts, read_request


@pytest.mark.parametrize("body", [[], "text", 1, None, True])
def test_what_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(BadRequest, match="object"):
        read_request(body, REQUEST, VOCABULARY)
    with pytest.raises(UpstreamError, match="object"):
        read_answer_texts(body, ANSWER)


@pytest.mark.parametrize("messages", [None, {}, "text"])
def test_messages_must_be_a_list(messages: Any) -> None:
    with pytest.raises(BadRequest, match="/messages"):
        read_request({"model": "m", "messages": messages}, REQUEST, VOCABULARY)


def test_texts_are_found_in_both_directions() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    exchange = read_request(body, REQUEST, VOCABULARY)
    assert (exchange.model, exchange.stream) == ("m", True)
    assert [text.value for text in exchange.texts] == ["Hi"]
    answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Ho"}}]}
    assert [text.value for text in read_answer_texts(answer, ANSWER).texts] == ["Ho"]


def test_settings_are_plain_and_sentences_are_not() -> None:
    assert is_plain({"prompt_tokens": 3, "tier": "default"})
    assert not is_plain({"note": "call me at noon, please"})


def test_a_conversation_is_known_by_what_was_said_in_it_and_not_beside_it() -> None:
    """Whose name stands before the messages opens no conversation."""
    body = {
        "user": "ada",
        "stop": ["END"],
        "model": "m",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}],
    }
    assert read_request(body, REQUEST, VOCABULARY).opening == "hi"
    assert read_request({**body, "messages": []}, REQUEST, VOCABULARY).opening == ""
