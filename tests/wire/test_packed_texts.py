"""Texts that were packed are those that were found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.ingress import long_json
from gateway.ingress.held_list import HeldList
from gateway.ingress.strict_json import loads
from gateway.wire import leaves
from gateway.wire.exchange import IN_BODY, ChosenKey, Target, Text
from gateway.wire.formats import ANTHROPIC, GEMINI, OPENAI
from gateway.wire.openai_responses import OpenAIResponses
from gateway.wire.packed_texts import PackedTexts

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"to": ["a b"]}'}}
PART = {"type": "text", "text": "What is this?"}
BODIES: dict[str, Any] = {
    "openai": {
        "model": "m",
        "tools": [{"type": "function", "function": {"name": "f", "description": "d d"}}],
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "one"},
            {"role": "user", "content": [PART, {"type": "file", "file": {"filename": "a b"}}]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "content"},
            {"role": "user", "content": "x", "extra field": {"deep": ["y z", 4111111111111111]}},
            {"role": "user", "content": [{"type": "image_url", "image_url": "data:,he%20llo"}]},
        ],
    },
    "anthropic": {
        "model": "m",
        "max_tokens": 5,
        "system": "Be kind.",
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": [{"type": "text", "text": "two"}]},
        ],
    },
    "responses": {
        "model": "m",
        "input": [
            {"role": "user", "content": "one"},
            {"type": "function_call", "name": "f", "call_id": "c", "arguments": '{"a": "b c"}'},
        ],
    },
    "gemini": {
        "contents": [
            {"role": "user", "parts": [{"text": "one"}, {"text": "two"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a b": "c"}}}]},
        ],
    },
}
FORMATS = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
    "responses": OpenAIResponses(),
}
LISTS = {"gemini": "contents", "responses": "input"}


@pytest.fixture(autouse=True)
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small texts are cut and packed as large ones are."""
    monkeypatch.setattr(long_json, "_LONG", 64)
    monkeypatch.setattr(long_json, "_VERY_LONG", 64)
    monkeypatch.setattr(long_json, "_PIECE", 300)
    monkeypatch.setattr(leaves, "BLOCK", 5)


@pytest.mark.parametrize("wire", BODIES)
def test_what_is_packed_is_what_was_found(wire: str) -> None:
    body = json.loads(json.dumps(BODIES[wire]))
    key = LISTS.get(wire, "messages")
    body[key] = body[key] * 20
    data = json.dumps(body).encode()
    target = Target(model="m", stream=False) if wire == "gemini" else IN_BODY
    wanted = FORMATS[wire].read(loads(data), target)
    value = loads(data, hold=True)
    assert type(value[key]) is HeldList
    found = FORMATS[wire].read(value, target)
    assert isinstance(found.texts, PackedTexts)
    assert isinstance(wanted.texts, tuple)
    assert tuple(found.texts) == wanted.texts
    assert [found.texts[at] for at in range(len(wanted.texts))] == list(wanted.texts)
    assert (found.opening, found.unknown_at) == (wanted.opening, wanted.unknown_at)
    assert found.parameters == wanted.parameters


def test_a_text_that_does_not_stand_at_its_place_is_kept_as_it_is() -> None:
    body = {"a": ["x", 5, {"key": "y"}]}
    texts = [
        Text("x", "user", ("a", 0)),
        Text("another", "user", ("a", 0)),
        Text("5", "user", ("a", 1)),
        Text("nowhere", "user", ("b", 7)),
        Text("key", "unknown", ("a", 2, "key"), rewritable=False),
        Text("y", "unknown", ("a", 2, ChosenKey("key")), again=True),
        Text("y", "unknown", ("a", 2, "key"), again=True),
    ]
    packed = PackedTexts(body)
    packed.add(texts[:4])
    packed.add(texts[4:])
    assert list(packed) == texts
    assert [one.where for one in packed] == [one.where for one in texts]
    assert [type(one.path[-1]) for one in packed] == [type(one.path[-1]) for one in texts]


def test_texts_that_were_packed_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves, "_MAX_TEXTS", 30)
    for count, taken in ((30, True), (31, False)):
        body = {"model": "m", "messages": [{"role": "user", "content": "x"}] * count}
        value = loads(json.dumps(body).encode(), hold=True)
        assert type(value["messages"]) is HeldList
        if taken:
            assert len(FORMATS["openai"].read(value).texts) == count
        else:
            with pytest.raises(BadRequest, match="more than 30 texts"):
                FORMATS["openai"].read(value)
