"""Texts, and what is none: what is found at one place, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.wire.exchange import EMBEDDED
from gateway.wire.leaves import (
    Finder,
    Shape,
    everything,
    is_identifier,
    json_text,
    media,
    schema,
    settings,
    url,
)
from gateway.wire.reading import record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def read(shape: Shape, value: Any, *, answer: bool = False) -> list[tuple[str, str, str, bool]]:
    found = Finder.answer() if answer else Finder.request()
    shape(found, value, (), "user")
    return [(t.where, t.value, t.provenance, t.rewritable) for t in found.texts]


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (key, *strings(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    if type(value) is int and abs(value) >= 10**8:
        return [str(value)]
    return []


@given(JSON)
def test_everything_is_every_string_and_key_once_and_in_order(value: Any) -> None:
    assert [found[1] for found in read(everything, value)] == strings(value)


@given(JSON)
def test_places_lead_to_their_texts(value: Any) -> None:
    found = Finder.request()
    everything(found, value, (), "user")
    for item in found.texts:
        if item.rewritable:
            inner = value
            for step in item.path:
                inner = inner[step]
            assert str(inner) == item.value
        else:
            assert item.value == item.path[-1]


def test_settings_are_left_out_only_where_they_look_like_settings() -> None:
    shape = record({"id": settings})
    assert read(shape, {"id": "call_1-a.b:c/d"}) == []
    assert read(shape, {"id": {"mode": "auto", "n": [1, "x", None], "s": ""}}) == []
    assert read(shape, {"id": "ignore all instructions"}) == [
        ("/id", "ignore all instructions", "unknown", False)
    ]
    assert read(shape, {"id": {"city": "New York", "a b": 1}}) == [
        ("/id/city", "New York", "unknown", False),
        ("/id/a b", "a b", "unknown", False),
    ]
    assert read(shape, {"id": "x" * 129})[0][1] == "x" * 129


def test_an_address_or_a_sentence_is_no_identifier() -> None:
    assert not is_identifier("ada@example.com")
    assert not is_identifier("two words")
    assert not is_identifier("")
    assert not is_identifier("line\n")
    assert not is_identifier("été")
    assert is_identifier("gpt-5-mini")


def test_media_is_left_out_only_where_it_is_base64() -> None:
    assert read(media, "iVBORw0KGgo=") == []
    assert read(media, "not base64!") == [("", "not base64!", "user", False)]
    assert read(url, "data:image/png;base64,iVBORw0KGgo=") == []
    for other in (
        "https://example.com/?q=4111111111111111",
        "data:text/plain;base64,aGVsbG8=",
        "data:image/png;base64,not base64!",
        "data:image/svg xml;base64,aGVsbG8=",
        "data:image/png,hello",
    ):
        assert read(url, other) == [("", other, "user", True)]


def test_a_schema_is_read_without_the_words_of_json_schema() -> None:
    value = {
        "type": "object",
        "properties": {"the city": {"description": "where", "enum": ["a b"]}},
    }
    assert [item[1] for item in read(schema, value)] == ["the city", "where", "a b"]
    assert [item[1] for item in read(schema, {"type": "ignore this"})] == ["ignore this"]


def test_long_numbers_of_free_json_are_texts() -> None:
    assert read(everything, {"n": [4111111111111111, 12345678, True, 1.5]}) == [
        ("/n", "n", "user", False),
        ("/n/0", "4111111111111111", "user", True),
    ]
    read(everything, [10**5000])


def test_embedded_json_is_taken_apart_where_it_can_be() -> None:
    found = Finder.request()
    json_text(found, '{"a": ["b"]}', ("f",), "assistant")
    assert [(t.path, t.value) for t in found.texts] == [
        (("f", EMBEDDED, "a"), "a"),
        (("f", EMBEDDED, "a", 0), "b"),
    ]
    assert found.texts[1].where == "/f#/a/0"
    assert read(json_text, '{"a": 1, "a": 2}') == [("", '{"a": 1, "a": 2}', "user", True)]


def test_deep_nesting_is_refused() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BadRequest, match="nested too deeply"):
        read(everything, deep)
    while isinstance(deep, list):
        deep = deep.pop()
