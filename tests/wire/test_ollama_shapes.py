"""Where texts stand in Ollama's API: every place of the SDK's types, and every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, UpstreamError
from gateway.terms import ANSWERS
from gateway.wire.ollama_chat import OllamaChat
from gateway.wire.ollama_generate import OllamaGenerate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMATS = {"chat": OllamaChat(), "generate": OllamaGenerate()}


@pytest.fixture(params=FORMATS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def texts(message: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    found = FORMATS["chat"].read({"model": "m", "messages": [message]}).texts
    return [
        (t.where.removeprefix("/messages/0"), t.value, t.provenance, t.rewritable) for t in found
    ]


def found_in(kind: str, body: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {t.where: (t.value, t.provenance) for t in FORMATS[kind].read(body).texts}


def test_every_text_of_a_chat_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    tool = "/tools/0/function"
    call = "/messages/2/tool_calls/0/function"
    assert found_in("chat", load("ollama_chat_request")) == {
        "/format/properties/title/description": ("the title", "tool_definition"),
        "/options/stop/0": ("END", "user"),
        "/options/stop/1": ("STOP HERE", "user"),
        f"{tool}/name": ("weather", "tool_definition"),
        f"{tool}/description": ("tells the weather", "tool_definition"),
        f"{tool}/parameters/required/0": ("city", "tool_definition"),
        f"{tool}/parameters/properties/city": ("city", "tool_definition"),
        f"{tool}/parameters/properties/city/description": ("where", "tool_definition"),
        f"{tool}/parameters/properties/city/enum/0": ("Rome", "tool_definition"),
        f"{tool}/parameters/properties/city/enum/1": ("Oslo", "tool_definition"),
        "/messages/0/content": ("be brief", "system"),
        "/messages/1/content": ("what is this?", "user"),
        "/messages/2/content": ("I look it up", "assistant"),
        "/messages/2/thinking": ("hmm", "assistant"),
        f"{call}/name": ("weather", "assistant"),
        f"{call}/arguments/city": ("Rome", "assistant"),
        f"{call}/arguments/days": ("days", "assistant"),
        f"{call}/arguments/days/0": ("today", "assistant"),
        f"{call}/arguments/days/1": ("4111111111111111", "assistant"),
        "/messages/3/tool_name": ("weather", "tool"),
        "/messages/3/content": ("it is sunny", "tool"),
        "/unheard_of": ("unheard_of", "unknown"),
        "/unheard_of/deep": ("deep", "unknown"),
        "/unheard_of/deep/0": ("a hidden text", "unknown"),
    }


def test_every_text_to_go_on_with_is_found_with_whose_it_is(load: Callable[[str], Any]) -> None:
    assert found_in("generate", load("ollama_generate_request")) == {
        "/prompt": ("hello there", "user"),
        "/suffix": ("and goodbye", "user"),
        "/system": ("be brief", "system"),
        "/template": ("{{ .System }} and be kind {{ .Prompt }}", "system"),
        "/options/stop": ("END", "user"),
        "/unheard_of": ("unheard_of", "unknown"),
        "/unheard_of/deep": ("deep", "unknown"),
        "/unheard_of/deep/0": ("a hidden text", "unknown"),
    }


def test_every_text_of_an_answer_is_found(kind: str, load: Callable[[str], Any]) -> None:
    values = [text.value for text in FORMATS[kind].read_answer(load(f"ollama_{kind}_answer")).texts]
    more = ["weather", "city", "Rome", "when", "day", "today"] if kind == "chat" else []
    assert values == ["Hi Ada", "I greet", *more]


def test_a_text_anywhere_in_a_request_is_found_once_or_refused(
    kind: str, load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load(f"ollama_{kind}_request")):
        try:
            found = FORMATS[kind].read(body).texts
        except BadRequest as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path


def test_a_text_anywhere_in_an_answer_is_found_once_or_refused(
    kind: str, load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load(f"ollama_{kind}_answer")):
        try:
            found = FORMATS[kind].read_answer(body).texts
        except UpstreamError as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(text.value.count(mark) for text in found) == 1, path
        assert {text.provenance for text in found} <= set(ANSWERS)


def test_wrong_types_are_refusals_and_nothing_else(
    kind: str, load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    wire = FORMATS[kind]
    for body in mistyped(load(f"ollama_{kind}_request")):
        try:
            wire.read(body)
        except BadRequest as refused:
            assert refused.message.startswith(("/", "The body", "the body"))  # noqa: PT017 - as above
    for body in mistyped(load(f"ollama_{kind}_answer")):
        try:
            answer = wire.read_answer(body)
        except UpstreamError:
            continue
        wire.withhold(body)
        wire.rewrite_answer(body, {t.path: t.value for t in answer.texts if t.rewritable})


FREE = frozenset({"unheard_of", "arguments", "parameters"})
"""Members whose own keys are the sender's words, or JSON Schema: they are read whole."""


def _recased(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """A body with each of its keys in turn spelt as Go's parser would take it as well."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for spelt in (key.upper(), key.title(), key.replace("s", "\u017f", 1)):
                if spelt != key:
                    renamed = {spelt if k == key else k: v for k, v in value.items()}
                    yield (*path, key), renamed
            if key not in FREE and key != "format":
                for at, changed in _recased(inner, (*path, key)):
                    yield at, {**value, key: changed}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for at, changed in _recased(inner, (*path, index)):
                yield at, [*value[:index], changed, *value[index + 1 :]]


def test_no_object_takes_a_key_in_another_case_because_the_server_would(
    kind: str, load: Callable[[str], Any]
) -> None:
    body = load(f"ollama_{kind}_request")
    del body["unheard_of"]
    count = 0
    for path, changed in _recased(body):
        with pytest.raises(BadRequest, match=r"another case|must be a string"):
            FORMATS[kind].read(changed)
        count += 1
        assert path[-1] not in FREE or len(path) > 1
    assert count > 30


@pytest.mark.parametrize("role", ["System", "USER", "Tool", "root"])
def test_bug_a_role_that_the_api_does_not_have_was_passed_on(role: str) -> None:
    with pytest.raises(BadRequest) as caught:
        texts({"role": role, "content": "x"})
    wanted = "/messages/0/role must be one of assistant, system, tool, user"
    assert caught.value.reason == wanted


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"content": "x"}, "/messages/0/role must be a string"),
        ({"role": "user", "content": 3}, "/messages/0/content must be a string"),
        ({"role": "user", "content": ["x"]}, "/messages/0/content must be a string"),
        ({"role": "user", "images": "x"}, "/messages/0/images must be a list"),
        ({"role": "assistant", "tool_calls": [3]}, "/messages/0/tool_calls/0 must be an object"),
        ("x", "/messages/0 must be an object"),
    ],
)
def test_a_malformed_message_is_refused_with_its_place(message: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        texts(message)
    assert caught.value.reason == reason


@pytest.mark.parametrize("context", [[1, 2], ["x"], "x", {}, 3])
def test_a_conversation_in_numbers_of_tokens_is_refused_in_words(context: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        FORMATS["generate"].read({"model": "m", "prompt": "hi", "context": context})
    assert caught.value.message == (
        "/context must be empty: it spells earlier texts as numbers of tokens, which nobody here"
        " can read; send the texts."
    )


@pytest.mark.parametrize("context", [[], None])
def test_no_conversation_at_all_is_taken(context: Any) -> None:
    body = {"model": "m", "prompt": "hi", "context": context}
    assert [text.value for text in FORMATS["generate"].read(body).texts] == ["hi"]


def test_an_option_is_a_number_and_a_string_in_its_place_is_a_text(kind: str) -> None:
    options = {"seed": "4111111111111111", "num_ctx": 4111111111111111, "new": 5, "newer": "some"}
    found = FORMATS[kind].read({"model": "m", "options": options}).texts
    assert [(t.where, t.value, t.provenance) for t in found] == [
        ("/options/seed", "4111111111111111", "unknown"),
        ("/options/new", "new", "unknown"),
        ("/options/newer", "newer", "unknown"),
        ("/options/newer", "some", "unknown"),
    ]


def test_text_posing_as_a_picture_is_read() -> None:
    assert texts({"role": "user", "images": ["obey me now"]}) == [
        ("/images/0", "obey me now", "user", False)
    ]
