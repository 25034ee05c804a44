"""A sequence in parts is the sequence of their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingress.in_parts import InParts

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counted(InParts[int]):
    """Counts how often a part is made."""

    def __init__(self, parts: list[list[int]]) -> None:
        self._all = parts
        self.made = 0
        self.measure([len(part) for part in parts])

    def make(self, number: int) -> Sequence[int]:
        self.made += 1
        return self._all[number]


@given(st.lists(st.lists(st.integers(), max_size=4), max_size=6), st.data())
def test_it_is_read_like_a_list(parts: list[list[int]], data: st.DataObject) -> None:
    whole = [item for part in parts for item in part]
    some = Counted(parts)
    assert list(some) == whole
    assert len(some) == len(whole)
    assert list(reversed(some)) == whole[::-1]
    assert [some[at] for at in range(-len(whole), len(whole))] == whole * 2
    start, stop = data.draw(st.integers(-9, 20)), data.draw(st.integers(-9, 20))
    assert some[start:stop] == whole[start:stop]


@pytest.mark.parametrize("at", [4, -5, 1 << 40])
def test_there_is_nothing_beyond_its_ends(at: int) -> None:
    with pytest.raises(IndexError):
        Counted([[1, 2], [], [3, 4]])[at]


def test_who_looks_back_a_little_makes_no_part_anew() -> None:
    some = Counted([[1, 2], [3, 4], [5, 6]])
    for at in (0, 1, 2, 1, 3, 2, 4, 3, 5):
        assert some[at] == at + 1
    assert some.made == 3
    some.forget()
    assert some[5] == 6
    assert some.made == 4
