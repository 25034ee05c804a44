"""What is written in pieces is what is written at once."""

from __future__ import annotations

import json
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingress import json_writing
from gateway.ingress.held_list import HeldList, Part
from gateway.ingress.json_writing import Later, dump, dumped

WORDS = st.text(st.sampled_from('ab ":,{}[]\\\n\x01é日😀'), max_size=60)
VALUES = st.recursive(
    WORDS | st.none() | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=30,
)


def held(items: list[Any], cut: int) -> HeldList:
    """The items, all but the last of them as text in parts of ``cut``."""
    texts = [items[at : at + cut] for at in range(0, max(len(items) - 1, 0), cut)]
    texts = [some for some in texts if len(some) == cut]
    parts = [Part(memoryview(bytearray(orjson.dumps(some)[1:-1])), cut) for some in texts]
    return HeldList(parts, items[cut * len(parts) :])


@given(VALUES, st.integers(0, 20), st.integers(1, 9))
def test_what_is_written_in_pieces_is_what_is_written_at_once(
    value: Any, long: int, piece: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_writing, "_LONG_TEXT", long)
        patch.setattr(json_writing, "_PIECE", piece)
        assert dump(value) == orjson.dumps(value)


def test_a_long_text_is_never_written_at_once_and_nothing_is_changed() -> None:
    text = "会议é" * 200_000
    messages: list[Any] = [{"role": "user", "content": text}, {"content": ["é"]}]
    before = sys.getsizeof(text)
    assert dump({"messages": messages}) == json_of({"messages": messages})
    assert sys.getsizeof(text) == before  # which would be more with its UTF-8 beside it
    assert messages[0]["content"] is text


def json_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def test_half_a_surrogate_pair_cannot_be_written() -> None:
    with pytest.raises(orjson.JSONEncodeError):
        dump(["é" * 2**18 + "\ud800"])


@given(st.lists(VALUES, max_size=9), st.integers(1, 4))
def test_a_held_list_is_written_as_any_list(items: list[Any], cut: int) -> None:
    value = {"a": 1, "items": held(items, cut), "b": ["é"]}
    wanted = orjson.dumps({"a": 1, "items": items, "b": ["é"]})
    assert dump(value) == wanted
    assert b"".join(dumped(value)) == wanted


@given(st.lists(WORDS, min_size=1, max_size=4), st.integers(0, 20), st.data())
def test_a_mark_is_written_as_what_it_stands_for(
    pieces: list[str], long: int, data: st.DataObject
) -> None:
    before, behind = data.draw(WORDS), data.draw(WORDS)
    later = Later()
    marked = before + later.mark(lambda: pieces) + behind
    meant = before + "".join(pieces) + behind
    assert later.whole(marked) == meant
    value = {"x": [marked, {"y": later.mark(lambda: ["z", "é"])}], "same": marked, "list": None}
    wanted = {"x": [meant, {"y": "zé"}], "same": meant, "list": [[meant]] * 3}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_writing, "_LONG_TEXT", long)
        value["list"] = held([[marked]] * 3, 1)
        assert dump(value, later) == orjson.dumps(wanted)


def test_marks_are_no_words_that_somebody_can_foresee() -> None:
    one, other = Later(), Later()
    marks = {one.mark(tuple), one.mark(tuple), other.mark(tuple)}
    assert len(marks) == 3
    assert not one.is_in(other.mark(tuple))
    assert one.whole("0" * 70) == "0" * 70
    assert not Later()
    assert Later().whole("000000") == "000000"
