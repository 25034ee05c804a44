"""Where texts stand in Gemini's requests and answers, in either spelling, and everywhere else."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, UpstreamError
from gateway.terms import ANSWERS
from gateway.wire.exchange import Target
from gateway.wire.gemini_generate import GeminiGenerate
from gateway.wire.proto_json import snake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMAT = GeminiGenerate()
TARGET = Target("m", stream=False)


def texts(*parts: Any, role: str = "user") -> list[tuple[str, str, str, bool]]:
    found = FORMAT.read({"contents": [{"role": role, "parts": list(parts)}]}, TARGET).texts
    return [
        (t.where.removeprefix("/contents/0/parts/0"), t.value, t.provenance, t.rewritable)
        for t in found
    ]


def in_snake_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {snake(key): in_snake_case(inner) for key, inner in value.items()}
    return [in_snake_case(item) for item in value] if isinstance(value, list) else value


EVERY_TEXT = [
    ("be brief", "system"),
    ("hello there", "user"),
    ("cat.png", "document"),
    ("a plain file", "document"),
    ("https://example.com/cat.mp4", "document"),
    ("https://example.com/unknown", "document"),
    ("source", "user"),
    ("a note", "user"),
    ("with a note", "user"),
    ("a thought", "assistant"),
    ("weather", "assistant"),
    ("city", "assistant"),
    ("Rome", "assistant"),
    ("number", "assistant"),
    ("4111111111111111", "assistant"),
    ("print('a code')", "assistant"),
    ("a code\n", "tool"),
    ("query", "assistant"),
    ("sun in Rome", "assistant"),
    ("found", "tool"),
    ("it shines", "tool"),
    ("weather", "tool"),
    ("result", "tool"),
    ("it is sunny", "tool"),
    ("read aloud", "user"),
    ("Ada L.", "user"),
    ("in a low voice", "user"),
    ("spoken words", "user"),
    ("speaker one", "user"),
    ("spoken", "user"),
    ("unheard", "unknown"),
    ("deep", "unknown"),
    ("a hidden text", "unknown"),
    ("obey", "tool"),
    ("weather", "tool_definition"),
    ("tells the weather", "tool_definition"),
    ("city", "tool_definition"),
    ("where", "tool_definition"),
    ("Rome", "tool_definition"),
    ("1", "tool_definition"),
    ("city", "tool_definition"),
    ("city", "tool_definition"),
    ("its answer", "tool_definition"),
    ("time", "tool_definition"),
    ("a zone", "tool_definition"),
    ("a time", "tool_definition"),
    ("author = ada", "tool_definition"),
    ("files", "tool_definition"),
    ("https://mcp.example.com/a", "tool_definition"),
    ("authorization", "tool_definition"),
    ("a secret", "tool_definition"),
    ("STOP HERE", "user"),
    ("its form", "tool_definition"),
    ("Ada L.", "user"),
    ("hedgehog street", "user"),
    ("what was said", "user"),
    ("team", "user"),
    ("the green ones", "user"),
]


def test_every_text_of_a_request_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    found = FORMAT.read(load("gemini_request"), TARGET).texts
    assert [(t.value, t.provenance) for t in found] == EVERY_TEXT


def test_both_spellings_of_every_field_are_read_as_one(load: Callable[[str], Any]) -> None:
    for name in ("gemini_request", "gemini_answer"):
        read = FORMAT.read_answer if "answer" in name else lambda b: FORMAT.read(b, TARGET)
        other: Any = read(in_snake_case(load(name)))
        one: Any = read(load(name))
        assert [snake(t.where) for t in one.texts] == [t.where for t in other.texts]
        assert [snake(t.value) for t in one.texts] == [snake(t.value) for t in other.texts]
        if name == "gemini_request":
            assert one.parameters == other.parameters
        else:
            assert (one.usage, one.model, one.finish) == (other.usage, other.model, other.finish)


def twins(value: Any) -> Iterator[tuple[str, Any]]:
    """A body with each of its fields that have two spellings in both."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if snake(key) != key:
                yield key, {**value, snake(key): inner}
            for twin, worse in twins(inner):
                yield twin, {**value, key: worse}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for twin, worse in twins(inner):
                yield twin, [*value[:index], worse, *value[index + 1 :]]


def test_a_field_in_both_spellings_is_refused_but_among_settings_and_in_schemas(
    load: Callable[[str], Any],
) -> None:
    taken = set()
    for twin, body in twins(load("gemini_request")):
        try:
            FORMAT.read(body, TARGET)
        except BadRequest as refused:
            assert "is there in two spellings" in refused.reason  # noqa: PT017 - both ways out are right
        else:
            taken.add(twin)
    settings = {"startOffset", "endOffset", "timeRangeFilter", "startTime", "latLng", "voiceName"}
    assert taken == settings | {"languageCode", "minLength", "propertyOrdering"}


def test_a_text_anywhere_in_a_request_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("gemini_request")):
        try:
            found = FORMAT.read(body, TARGET).texts
        except BadRequest as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path


def test_a_text_anywhere_in_an_answer_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("gemini_answer")):
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
    for body in mistyped(load("gemini_request")):
        try:
            FORMAT.read(body, TARGET)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body", "a member"))  # noqa: PT017 - as above
    for body in mistyped(load("gemini_answer")):
        try:
            answer = FORMAT.read_answer(body)
        except UpstreamError:
            continue
        FORMAT.withhold(body)
        FORMAT.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


@pytest.mark.parametrize("key", ["inlineData", "inline_data"])
@pytest.mark.parametrize("kind", ["mimeType", "mime_type"])
def test_a_text_file_is_decoded_and_read_and_a_picture_is_not(key: str, kind: str) -> None:
    data = base64.urlsafe_b64encode("mail à bob@example.com?>".encode()).decode()
    assert texts({key: {kind: "text/csv", "data": data}}) == [
        (f"/{key}/data#", "mail à bob@example.com?>", "document", True)
    ]
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    assert texts({key: {kind: "image/png", "data": picture}}) == []


def test_text_posing_as_a_picture_is_read() -> None:
    blob = {"mimeType": "image/png", "data": "obey me now"}
    assert texts({"inlineData": blob}) == [("/inlineData/data", "obey me now", "document", False)]


def test_a_functions_result_is_the_tools_whoever_sends_it() -> None:
    part = {"functionResponse": {"name": "f", "response": {"output": "obey me"}}}
    for role in ("user", "model", "function"):
        assert texts(part, role=role)[-1] == (
            "/functionResponse/response/output",
            "obey me",
            "tool",
            True,
        )


def test_a_turn_without_a_role_is_the_users() -> None:
    body = {"contents": {"parts": {"text": "hi"}}}
    (text,) = FORMAT.read(body, TARGET).texts
    assert (text.where, text.provenance) == ("/contents/parts/text", "user")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("x", "must be an object"),
        ({"text": 3}, "/text must be a string"),
        ({"Text": "x"}, "/text is spelt in another case"),
        ({"inlinedata": {}}, "/inlineData is spelt in another case"),
        ({"inline_data": {}, "inlineData": {}}, "/inlineData is there in two spellings"),
        ({"functionCall": "f()"}, "/functionCall must be an object"),
        (
            {"inlineData": {"mimeType": "text/plain", "data": "YQ"}},
            "/inlineData/data must be text in strict base64 or URL escapes",
        ),
    ],
)
def test_a_malformed_part_is_refused_with_its_place(part: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        texts(part)
    assert caught.value.reason.removeprefix("/contents/0/parts/0").strip() == reason


@pytest.mark.parametrize("key", ["routingConfig", "routing_config", "modelSelectionConfig"])
def test_another_model_cannot_be_chosen(key: str) -> None:
    config = {key: {"manualMode": {"modelName": "another"}}}
    with pytest.raises(BadRequest, match="it chooses another model"):
        FORMAT.read({"contents": [], "generationConfig": config}, TARGET)


@pytest.mark.parametrize(
    ("part", "call"),
    [
        ({"executableCode": {"code": "1 + 1", "language": "PYTHON"}}, "code_execution"),
        ({"executableCode": {"code": "1 + 1"}}, "code_execution"),
        ({"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "args": "1 + 1"}}, "google_search"),
        ({"toolCall": {"toolType": "BRAND_NEW", "args": "1 + 1"}}, "brand_new"),
        ({"toolCall": {"args": "1 + 1"}}, "unknown"),
    ],
)
def test_bug_what_google_runs_for_an_answer_was_the_call_of_no_tool(part: Any, call: str) -> None:
    wanted = [(call, "call", False), ("1 + 1", "argument", True)]
    for spelt in (part, in_snake_case(part)):
        content = {"role": "model", "parts": [spelt]}
        body = {"candidates": [{"content": content, "finishReason": "STOP"}]}
        found = FORMAT.read_answer(body).texts
        assert [(t.value, t.provenance, t.rewritable) for t in found] == wanted
        reader = FORMAT.stream_reader()
        events = reader.feed(b"data: %b\n\n" % json.dumps(body).encode())
        told = [delta for event in events for delta in event.deltas]
        told += [delta for event in reader.finish() for delta in event.deltas]
        assert [(t.text, t.provenance, t.rewritable) for t in told] == wanted
