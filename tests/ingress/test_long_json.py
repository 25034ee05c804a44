"""A long text in pieces is what it is at once, whatever it says and wherever it is cut."""

from __future__ import annotations

import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.ingress import long_json
from gateway.ingress.held_list import HeldList
from gateway.ingress.json_writing import dump
from gateway.ingress.long_json import parse

WORDS = st.text(st.sampled_from('ab ":,{}[]\\\n\x01é日😀'), max_size=60)
VALUES = st.recursive(
    WORDS | st.none() | st.integers(-9, 9),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.lists(st.fixed_dictionaries({"role": WORDS, "content": inner}), max_size=8)
        | st.dictionaries(st.sampled_from(["role", "messages", "a"]), inner, max_size=3)
    ),
    max_leaves=30,
)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")])


def outcome(read: Any, data: bytes | bytearray) -> Any:
    try:
        return read(data)
    except orjson.JSONDecodeError as error:
        return str(error)


def same_in_pieces(data: bytes, sizes: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_json, "_LONG", sizes[0])
        patch.setattr(long_json, "_VERY_LONG", sizes[0])
        patch.setattr(long_json, "_PIECE", sizes[1])
        patch.setattr(long_json, "_NEAR", min(long_json._NEAR, sizes[1]))
        assert outcome(parse, data) == outcome(orjson.loads, data)
        assert outcome(parse, bytearray(data)) == outcome(orjson.loads, data)
        held = outcome(partial(parse, hold=True), bytearray(data))
        assert held == outcome(orjson.loads, data)
        if not isinstance(held, str):
            assert dump(held) == orjson.dumps(orjson.loads(data))


@given(VALUES, st.booleans(), SEPARATORS, st.tuples(st.integers(2, 40), st.integers(1, 40)))
@example([{"role": '},{"role":', "content": 1}] * 4, False, (",", ":"), (2, 1))
@example({"a": "\\" * 30 + '"' + "😀" * 9}, True, (",", ":"), (8, 13))
def test_what_is_valid_reads_the_same(
    value: Any,
    ascii_only: bool,  # noqa: FBT001 - hypothesis draws it
    separators: tuple[str, str],
    sizes: tuple[int, int],
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
    same_in_pieces(text.encode(), sizes)


@given(
    st.lists(
        st.sampled_from(
            [
                *('{"role":', '[{"role":', '"role":', '"', '"x"', "[", "]", "}", "},", ",", ":"),
                *("\\", "\\u", "d83d", "\\ud83d\\ude00", "\\\\", "\n"),
                *("aaaaaa", "1", " ", "é", "tru"),
            ]
        ),
        max_size=30,
    ).map("".join),
    st.tuples(st.integers(2, 12), st.integers(1, 12)),
)
@example('{"a":"aaaaaaaaaaaa","a":1}', (4, 3))
@example('{"aaaaaaaaaaaa":1}', (4, 3))
@example('[[{"role":1},{"role":2}],{"role":3},{"role":4}]', (4, 1))
@example('[{"role":1},{"role":2}]x', (4, 1))
@example('["a",11111111111111,"b"]', (4, 3))
def test_what_is_no_json_is_refused_in_the_same_words(text: str, sizes: tuple[int, int]) -> None:
    same_in_pieces(text.encode(), sizes)


@given(st.text(st.sampled_from('\\"a'), max_size=200), st.integers(0, 200))
def test_a_quote_is_escaped_by_an_odd_number_of_backslashes(text: str, at: int) -> None:
    before = text[:at]
    run = len(before) - len(before.rstrip("\\"))
    assert long_json._is_escaped(text.encode(), min(at, len(text))) == (run % 2 == 1)


LETTER = 'Please write an answer, "soon". '


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": LETTER * 100_000}]},
        {"messages": [{"role": "user", "content": "会议😀é" * 200_000}]},
        {"messages": [{"role": "user", "content": LETTER * 20}] * 5000, "stream": True},
        {"system": "x" * 2**21, "messages": [{"role": "user", "content": "y"}] * 100_000},
        {"image": "iVBORw0KGgo" * 300_000},
    ],
    ids=["text", "foreign", "messages", "both", "base64"],
)
def test_a_long_text_is_never_parsed_at_once(
    body: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    ascii_only: bool,  # noqa: FBT001 - parametrized
) -> None:
    longest = 0

    def loads(data: bytes) -> Any:
        nonlocal longest
        longest = max(longest, len(data))
        return orjson.loads(data)

    spy = SimpleNamespace(loads=loads, JSONDecodeError=orjson.JSONDecodeError)
    monkeypatch.setattr(long_json, "orjson", spy)
    data = json.dumps(body, ensure_ascii=ascii_only).encode()
    assert len(data) > 2**21
    assert parse(data) == body
    assert longest < 2**20


def test_words_of_many_items_are_one_object() -> None:
    items = [{"role": "user", "content": "x" * 200}] * 10_000
    messages = parse(json.dumps(items).encode())
    assert messages == items
    assert len({id(message["role"]) for message in messages[:5000]}) == 1


def test_of_a_very_long_text_a_list_is_held_where_the_caller_keeps_the_text() -> None:
    messages = [{"role": "user", "content": f"{number} {LETTER * 20}"} for number in range(9000)]
    messages[100]["content"] = LETTER * 40_000
    body = {"model": "m", "messages": messages, "stream": True}
    data = bytearray(json.dumps(body).encode())
    held = parse(data, hold=True)
    assert type(held["messages"]) is HeldList
    assert type(parse(data)["messages"]) is list
    assert held == body
    assert dump(held) == orjson.dumps(body)


@pytest.mark.parametrize("body", [[], {"a": {}}], ids=["top", "deeper"])
def test_a_list_that_is_no_member_of_the_whole_is_not_held(body: Any) -> None:
    items = [{"role": "user", "content": LETTER * 20}] * 9000
    if body == []:
        body = items
    else:
        body["a"]["messages"] = items
    data = bytearray(json.dumps(body).encode())
    value = parse(data, hold=True)
    data.clear()  # which fails where anything still looks into it
    assert value == body
    assert orjson.dumps(value) == orjson.dumps(body)
