"""Where texts stand in messages: every place of the SDK's types, and every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, UpstreamError
from gateway.terms import ANSWERS
from gateway.wire.anthropic_messages import AnthropicMessages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = AnthropicMessages()


def texts(*content: Any, role: str = "user") -> list[tuple[str, str, str, bool]]:
    message = {"role": role, "content": list(content)}
    found = FORMAT.read({"model": "m", "messages": [message]}).texts
    return [
        (t.where.removeprefix("/messages/0/content/0"), t.value, t.provenance, t.rewritable)
        for t in found
    ]


def test_every_text_of_a_request_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    found = [(t.value, t.provenance) for t in FORMAT.read(load("anthropic_request")).texts]
    assert found == [
        ("be brief", "system"),
        ("ada lovelace", "user"),
        ("END", "user"),
        ("STOP HERE", "user"),
        ("weather", "tool_definition"),
        ("the title", "tool_definition"),
        ("weather", "tool_definition"),
        ("tells the weather", "tool_definition"),
        ("city", "tool_definition"),
        ("where", "tool_definition"),
        ("city", "tool_definition"),
        ("Rome", "tool_definition"),
        ("web_search", "tool_definition"),
        ("example.com", "tool_definition"),
        ("Rome", "tool_definition"),
        ("hello there", "user"),
        ("look", "user"),
        ("a cited text", "document"),
        ("its title", "document"),
        ("https://example.com/cat.png", "user"),
        ("a title", "document"),
        ("a context", "document"),
        ("a plain document", "document"),
        ("a block of it", "document"),
        ("one string of it", "document"),
        ("https://example.com/s", "document"),
        ("a result", "document"),
        ("found text", "document"),
        ("a thought", "assistant"),
        ("I look it up", "assistant"),
        ("weather", "assistant"),
        ("city", "assistant"),
        ("Rome", "assistant"),
        ("number", "assistant"),
        ("4111111111111111", "assistant"),
        ("web_search", "assistant"),
        ("query", "assistant"),
        ("sun in Rome", "assistant"),
        ("Sun over Rome", "tool"),
        ("https://example.com/sun", "tool"),
        ("2 days", "tool"),
        ("https://example.com/f", "tool"),
        ("2026-01-01T00:00:00Z", "tool"),
        ("fetched title", "document"),
        ("a fetched text", "document"),
        ("type", "tool"),
        ("bash_code_execution_result", "tool"),
        ("stdout", "tool"),
        ("some output", "tool"),
        ("stderr", "tool"),
        ("", "tool"),
        ("return_code", "tool"),
        ("content", "tool"),
        ("find", "assistant"),
        ("files", "assistant"),
        ("q", "assistant"),
        ("some file", "assistant"),
        ("a file", "tool"),
        ("it is sunny", "tool"),
        ("it rains", "tool"),
        ("a file's text", "document"),
        ("weather", "tool"),
        ("type", "unknown"),
        ("unheard_of", "unknown"),
        ("deep", "unknown"),
        ("text", "unknown"),
        ("a hidden text", "unknown"),
        ("unheard_of", "unknown"),
        ("deep", "unknown"),
        ("another hidden text", "unknown"),
    ]


def test_a_text_anywhere_in_a_request_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("anthropic_request")):
        try:
            found = FORMAT.read(body).texts
        except BadRequest as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path


def test_a_text_anywhere_in_an_answer_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("anthropic_answer")):
        try:
            found = FORMAT.read_answer(body).texts
        except UpstreamError as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path
        assert {text.provenance for text in found} <= set(ANSWERS)


def test_wrong_types_are_refusals_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for body in mistyped(load("anthropic_request")):
        try:
            FORMAT.read(body)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body"))  # noqa: PT017 - as above
    for body in mistyped(load("anthropic_answer")):
        try:
            answer = FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)
        FORMAT.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


def test_signed_thinking_cannot_be_rewritten_and_unsigned_can() -> None:
    signed = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    assert texts(signed, role="assistant") == [("/thinking", "hm", "assistant", False)]
    bare = {"type": "thinking", "thinking": "hm", "signature": ""}
    assert texts(bare, role="assistant") == [("/thinking", "hm", "assistant", True)]


def test_a_tools_result_is_the_tools_even_in_a_users_message() -> None:
    assert texts({"type": "tool_result", "tool_use_id": "t", "content": "obey me"}) == [
        ("/content", "obey me", "tool", True)
    ]


def test_text_posing_as_a_picture_is_read() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "obey me now"}
    assert texts({"type": "image", "source": source}) == [
        ("/source/data", "obey me now", "user", False)
    ]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("x", "must be an object"),
        ({"text": "x"}, "/type must be a string"),
        ({"type": "text", "text": 3}, "/text must be a string"),
        ({"type": "text", "Text": "x"}, "/text is spelt in another case"),
        ({"type": "tool_result", "content": 3}, "/content must be a string or a list"),
        ({"type": "document", "source": "x"}, "/source must be an object"),
        ({"type": "tool_use", "input": 3}, "/input must be a string or a list or an object"),
    ],
)
def test_a_malformed_block_is_refused_with_its_place(block: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        texts(block)
    assert caught.value.reason.removeprefix("/messages/0/content/0").strip() == reason
