"""Where texts stand in responses: every place of the SDK's types, and every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, UpstreamError
from gateway.terms import ANSWERS
from gateway.wire.openai_responses import OpenAIResponses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = OpenAIResponses()


def texts(**members: Any) -> list[tuple[str, str, str, bool]]:
    found = FORMAT.read({"model": "m", **members}).texts
    return [(t.where, t.value, t.provenance, t.rewritable) for t in found]


def bodies(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The request without its items, and each of its items and tools in a request of its own."""
    yield {**request, "input": [], "tools": []}
    yield from ({"model": "m", "input": [item]} for item in request["input"])
    yield from ({"model": "m", "tools": [tool]} for tool in request["tools"])


def test_every_text_of_a_request_beside_its_items_is_found(load: Callable[[str], Any]) -> None:
    found = {
        t.where: (t.value, t.provenance)
        for t in FORMAT.read(load("responses_request")).texts
        if t.path[0] not in {"input", "tools"}
    }
    assert found == {
        "/instructions": ("be brief", "system"),
        "/user": ("ada", "user"),
        "/safety_identifier": ("user 7", "user"),
        "/prompt_cache_key": ("cache of ada", "user"),
        "/metadata/ticket": ("T 42", "user"),
        "/text/format/name": ("report", "tool_definition"),
        "/text/format/description": ("a report", "tool_definition"),
        "/text/format/schema/properties/title/description": ("the title", "tool_definition"),
        "/tool_choice/name": ("weather", "tool_definition"),
        "/prompt/variables/customer": ("Ada Lovelace", "user"),
        "/prompt/variables/scan": ("scan", "user"),
        "/prompt/variables/scan/image_url": ("https://example.com/scan.png", "user"),
        "/prompt/variables/note": ("note", "user"),
        "/prompt/variables/note/text": ("a note", "user"),
        "/unheard_of": ("unheard_of", "unknown"),
        "/unheard_of/deep": ("deep", "unknown"),
        "/unheard_of/deep/0": ("another hidden text", "unknown"),
    }


def test_a_text_may_stand_for_the_items() -> None:
    assert texts(input="hello") == [("/input", "hello", "user", True)]


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("auto", []),
        ({"type": "function", "name": "the weather"}, ["/tool_choice/name"]),
        ({"type": "mcp", "server_label": "a", "name": "b"},
         ["/tool_choice/server_label", "/tool_choice/name"]),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
         ["/tool_choice/tools/0/name"]),
    ],
)  # fmt: skip
def test_a_choice_of_tools_is_read(choice: Any, names: list[str]) -> None:
    found = texts(tool_choice=choice)
    assert [(where, whose, fits) for where, _, whose, fits in found] == [
        (name, "tool_definition", False) for name in names
    ]


def test_a_text_anywhere_in_a_request_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for request in bodies(load("responses_request")):
        for path, body in spoilt(request):
            try:
                found = FORMAT.read(body).texts
            except BadRequest as refused:
                assert mark not in refused.reason  # noqa: PT017 - both ways out are right
                continue
            assert sum(text.value.count(mark) for text in found) == 1, path


def test_a_text_anywhere_in_an_answer_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("responses_answer")):
        if "logprobs" in path:
            continue
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
    for body in (one for request in bodies(load("responses_request")) for one in mistyped(request)):
        try:
            FORMAT.read(body)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body", "a member"))  # noqa: PT017 - as above
    for body in mistyped(load("responses_answer")):
        try:
            answer = FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)
        FORMAT.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


@pytest.mark.parametrize(
    "value", [3, {"type": 3}, {"type": "input_image", "image_url": 3}, {"type": "x", "Text": "y"}]
)
def test_no_error_repeats_what_a_client_calls_its_variables(value: Any) -> None:
    variables = {"a secret name": value}
    try:
        exchange = FORMAT.read({"model": "m", "prompt": {"id": "p", "variables": variables}})
    except BadRequest as refused:
        assert refused.reason == "/prompt/variables must be an object of texts and parts"  # noqa: PT017 - both are right
    else:
        assert exchange.unknown_at == ("prompt", "variables")
