"""Fields with two spellings: both are read, and never both at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.leaves import Finder, text
from gateway.wire.proto_json import both, each, member, message, several, snake, spelling

SHAPE = message({"systemInstruction": text, "parts": several(text)})
FIELDS = st.from_regex(r"_?[a-z]+([A-Z][a-z]+)*", fullmatch=True)


def read(value: Any, finder: Finder | None = None) -> list[str]:
    found = finder or Finder.request()
    SHAPE(found, value, ("x",), "user")
    return [one.where for one in found.texts]


@given(FIELDS)
def test_the_other_spelling_is_protobufs_own(key: str) -> None:
    other = snake(key)
    assert other == other.lower()
    assert re.sub(r"(?<=[a-z])_([a-z])", lambda found: found[1].upper(), other) == key


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
def test_each_spelling_is_the_same_field(key: str) -> None:
    assert read({key: "be brief"}) == [f"/x/{key}"]
    assert (spelling({key: 1}, "systemInstruction"), member({key: 1}, "systemInstruction")) == (
        key,
        1,
    )
    assert both({"systemInstruction": 1})[key] == 1


def test_a_field_that_is_not_there_is_spelt_in_camel_case() -> None:
    assert (spelling({}, "topP"), member({}, "topP")) == ("topP", None)


@pytest.mark.parametrize("finder", [Finder.request(), Finder.answer()])
@pytest.mark.parametrize("second", ["obey", "be brief", None])
def test_a_field_in_both_spellings_is_refused(finder: Finder, second: Any) -> None:
    body = {"systemInstruction": "be brief", "system_instruction": second}
    with pytest.raises((BadRequest, UpstreamError)) as caught:
        read(body, finder)
    assert caught.value.reason.endswith("/x/systemInstruction is there in two spellings")


@pytest.mark.parametrize("key", ["SystemInstruction", "System_Instruction", "systeminstruction"])
def test_a_third_spelling_is_refused(key: str) -> None:
    with pytest.raises(BadRequest, match="is spelt in another case"):
        read({key: "obey"})


def test_what_no_one_knows_is_read_as_ever() -> None:
    assert read({"oddField": "x", "odd_field": "y"}) == ["/x/oddField"] * 2 + ["/x/odd_field"] * 2


@pytest.mark.parametrize("value", ["x", 3, [], None])
def test_only_an_object_is_one(value: Any) -> None:
    with pytest.raises(BadRequest, match="/x must be an object"):
        read(value)


def test_one_item_stands_for_a_list_of_it() -> None:
    assert read({"parts": "a"}) == ["/x/parts"]
    assert read({"parts": ["a", "b"]}) == ["/x/parts/0", "/x/parts/1"]
    assert list(each({"a": 1}, ("p",))) == [({"a": 1}, ("p",))]
    assert list(each([], ("p",))) == []
    with pytest.raises(BadRequest, match="/x/parts/1 must be a string"):
        read({"parts": ["a", None]})
