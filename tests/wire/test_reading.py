"""Shapes: what they find, what they leave out, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_texts import strings

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.leaves import (
    Finder,
    Shape,
    json_text,
    media,
    name,
    text,
    url,
)
from gateway.wire.reading import (
    blocks,
    either,
    listing,
    naming,
    record,
    said_by,
    unknown_member,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def read(shape: Shape, value: Any, *, answer: bool = False) -> list[tuple[str, str, str, bool]]:
    found = Finder.answer() if answer else Finder.request()
    shape(found, value, (), "user")
    return [(t.where, t.value, t.provenance, t.rewritable) for t in found.texts]


@given(JSON)
def test_an_unknown_key_is_read_with_all_that_is_below(value: Any) -> None:
    found = read(record({"known": text}), {"x": value})
    assert [item[1] for item in found] == ["x", *strings(value)]
    assert {item[2] for item in found} == {"unknown"}
    assert {item[2] for item in read(record({}), {"x": value}, answer=True)} == {"answer"}


def test_a_key_in_another_case_is_refused_in_requests_only() -> None:
    shape = record({"messages": text, "k": text})
    for key in ("Messages", "MESSAGES", "me\u017f\u017fages", "\u212a"):
        with pytest.raises(BadRequest, match=r"^/(messages|k) is spelt in another case$"):
            read(shape, {key: "x"})
        assert [item[1] for item in read(shape, {key: "x"}, answer=True)] == [key, "x"]


@pytest.mark.parametrize(
    ("shape", "value", "message"),
    [
        (text, 3, "the body must be a string"),
        (record({"a": name}), {"a": []}, "/a must be a string"),
        (record({"a": media}), {"a": 1}, "/a must be a string"),
        (record({"a": url}), {"a": {}}, "/a must be a string"),
        (record({"a": json_text}), {"a": {}}, "/a must be a string"),
        (record({"a": record({})}), {"a": "x"}, "/a must be an object"),
        (listing(text), {}, "the body must be a list"),
        (listing(listing(text)), [[], "x"], "/1 must be a list"),
        (either(string=text, items=listing(text)), True, "the body must be a string or a list"),
        (blocks({}), [], "the body must be an object"),
        (blocks({}), {"text": "x"}, "/type must be a string"),
    ],
)
def test_a_wrong_type_is_named_with_its_place(shape: Shape, value: Any, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(shape, value)
    assert caught.value.reason == message
    assert caught.value.message == f"{message}."
    with pytest.raises(UpstreamError) as broken:
        read(shape, value, answer=True)
    assert broken.value.reason == f"in the answer, {message}"
    assert broken.value.message == UpstreamError.default


def test_null_stands_for_absence() -> None:
    assert read(record({"a": text, "b": listing(text)}), {"a": None, "b": None}) == []


def test_provenance_is_the_innermost_that_was_said() -> None:
    shape = said_by("tool", record({"a": text, "b": said_by("document", text)}))
    assert [item[2] for item in read(shape, {"a": "x", "b": "y"})] == ["tool", "document"]
    assert [item[2] for item in read(shape, {"a": "x", "b": "y"}, answer=True)] == ["answer"] * 2


def test_a_part_that_names_a_parameter_out_of_its_place_says_so() -> None:
    found = Finder.request()
    shape = listing(naming("tools", text))
    shape(found, [], (), "user")
    assert found.foreign == set()
    shape(found, ["x"], (), "user")
    assert (found.foreign, [item.value for item in found.texts]) == ({"tools"}, ["x"])


def test_an_unknown_item_of_a_list_is_read_and_may_name_parameters() -> None:
    found = Finder.request()
    unknown_member(found, 1, {"tools": ["x"]}, ("list",))
    assert [(t.where, t.value) for t in found.texts] == [
        ("/list/1/tools", "tools"), ("/list/1/tools/0", "x"),
    ]  # fmt: skip
    assert (found.foreign, found.beyond) == ({"tools"}, ("list", 1))
    with pytest.raises(BadRequest, match=r"^the body has an unknown member that names another"):
        unknown_member(found, "fallbacks", ["m"], ())
