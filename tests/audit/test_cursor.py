from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.cursor import Cursor

STORE = "0011223344556677"


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_is_read_as_it_was_written(seq: int) -> None:
    assert Cursor.parse(str(Cursor(STORE, seq))) == Cursor(STORE, seq)


@pytest.mark.parametrize(
    "text",
    ["", "-", STORE, f"{STORE}-", "xyz-3", f"{STORE}-x", f"{STORE}--1", f"{STORE}-٣",
     f"{STORE}-{'9' * 19}", f"{STORE}-1\n", f"{STORE}0-1", "' OR 1=1 --"],
)  # fmt: skip
def test_anything_else_is_no_cursor(text: str) -> None:
    assert Cursor.parse(text) is None
