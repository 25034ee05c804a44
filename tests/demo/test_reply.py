"""What a demo reply is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.reply import DemoReply, ToolCall, slices, token_count, words


@given(st.text())
def test_pieces_join_to_the_whole(text: str) -> None:
    assert "".join(words(text)) == "".join(slices(text)) == text
    assert "".join(DemoReply(text).pieces) == DemoReply(text).whole


@given(st.text())
def test_a_text_has_at_least_one_token(text: str) -> None:
    assert 1 <= token_count(text) <= len(text) + 1


def test_arguments_are_sent_as_json_or_as_they_stand() -> None:
    assert ToolCall("f", {"a": 1}).json == '{"a": 1}'
    assert ToolCall("f", "not json").json == "not json"
