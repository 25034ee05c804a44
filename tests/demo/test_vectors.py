"""The demo model's vectors."""

from __future__ import annotations

from math import isclose

from gateway.demo.vectors import DIMENSIONS, vector_of


def test_the_same_text_has_the_same_vector_of_length_one() -> None:
    vector = vector_of("hello", 100)
    assert vector == vector_of("hello", 100)
    assert vector != vector_of("Hello", 100)
    assert isclose(sum(number * number for number in vector), 1, rel_tol=1e-3)


def test_it_is_as_long_as_is_asked_within_bounds() -> None:
    assert len(vector_of("hello")) == DIMENSIONS
    assert [len(vector_of("x", size)) for size in (-1, 3, 10**9)] == [1, 3, 4096]
