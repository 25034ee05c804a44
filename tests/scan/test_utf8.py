from __future__ import annotations

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan import utf8 as module
from gateway.scan.matcher import Automaton, compile_exact
from gateway.scan.utf8 import has_bytes, utf8, utf8_pieces

LONG = "ab c" * 2**18


@given(st.text())
def test_a_short_text_is_its_bytes(text: str) -> None:
    assert utf8(text) == text.encode("utf-8", "replace")


@pytest.mark.parametrize(
    "text",
    [LONG + "needle", LONG[:-1] + "é", LONG + "\ud800", LONG[:-2] + "\0\x7f"],
    ids=["ASCII", "beyond ASCII", "half a pair", "control characters"],
)
def test_a_long_text_has_the_same_bytes(text: str) -> None:
    data = utf8(text)
    assert bytes(data) == text.encode("utf-8", "replace")
    assert bytes(data[-8:-1]) == text.encode("utf-8", "replace")[-8:-1]


@given(st.text(), st.integers(1, 9))
def test_pieces_are_the_same_bytes(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", size)
        pieces = list(utf8_pieces(text))
    assert b"".join(pieces) == utf8(text)
    assert all(len(one) == size for one in pieces[:-1])


def test_only_of_a_long_text_beyond_ascii_the_bytes_take_room() -> None:
    assert has_bytes("é")
    assert has_bytes(LONG)
    assert not has_bytes(LONG + "é")


def test_the_bytes_of_a_long_text_keep_it_and_cannot_be_written() -> None:
    text = LONG + str(len(LONG))
    before = sys.getrefcount(text)
    data = utf8(text)
    part = data[2**20 :]
    assert sys.getrefcount(text) == before + 1
    with pytest.raises(TypeError):
        data[0] = 0  # type: ignore[index]
    del text, data
    gc.collect()
    _others = ["z" * len(LONG) for _ in range(8)]
    assert bytes(part) == str(len(LONG)).encode()


def test_engines_read_the_bytes_of_a_long_text() -> None:
    data = utf8(LONG + "needle")
    assert Automaton(["needle", "nothing"]).occurring(data) == [0]
    assert [one.span() for one in compile_exact("needle").finditer(data)] == [(2**20, 2**20 + 6)]
