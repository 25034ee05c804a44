from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import TEXTS

from gateway.scan.normalise import LAYERS
from gateway.scan.reader import State
from gateway.scan.stack import FRESH, Stack

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_each_level_has_one_disguise_less() -> None:
    stack = Stack("%2569gnore", FRESH)
    assert [stack.text(level) for level in range(LAYERS + 1)] == [
        "%2569gnore",
        "%69gnore",
        *["ignore"] * 2,
    ]
    assert (stack.top, stack.distinct) == (2, 3)
    assert stack.source_start(2, 1) == 5
    assert stack.index_above(0, 5) == 3


def test_a_level_with_a_past_of_its_own_is_read_though_its_text_is_none() -> None:
    past = State("i")
    assert Stack("plain", (*FRESH[:2], past, past)).distinct == 3


@pytest.mark.parametrize(
    ("text", "cut", "runs", "places"),
    [
        ("a %2569 b", 4, False, [2, 2, 2]),
        ("a %2569 b", 8, False, [8, 6, 4]),
        ("a " + "x" * 30 + " b", 9, True, [2]),
        ("a " + "x" * 30 + " b", 9, False, [9]),
    ],
)
def test_a_cut_moves_left_until_it_cuts_nothing(
    text: str, cut: int, *, runs: bool, places: Sequence[int]
) -> None:
    assert Stack(text, FRESH).snap(cut, runs=runs) == places


@given(TEXTS.map("".join), st.integers(0, 200))
def test_no_cut_moves_right(text: str, cut: int) -> None:
    cut = min(cut, len(text))
    assert Stack(text, FRESH).snap(cut, runs=False)[0] <= cut
