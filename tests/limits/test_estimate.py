"""What a request may cost, before anybody knows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.estimate import MOST_TOKENS, Estimate, estimate
from gateway.terms import Parameters


def parameters(**values: Any) -> Parameters:
    return Parameters({word: value if isinstance(value, tuple) else (value,)
                       for word, value in values.items()}, frozenset(values))  # fmt: skip


def of(*texts: str, reserve: int = 0, **values: Any) -> Estimate:
    return estimate(parameters(**values), texts, reserve)


BARE = of()


def beyond(found: Estimate, base: Estimate = BARE) -> tuple[int, int]:
    return found.likely - base.likely, found.most - base.most


def test_english_counts_a_third_of_its_bytes_and_at_most_each() -> None:
    assert beyond(of("a" * 300)) == (100, 300)
    assert beyond(of("a" * 301)) == (101, 301)


def test_chinese_counts_each_character_and_at_most_each_byte() -> None:
    assert beyond(of("漢字" * 50)) == (100, 300)


def test_texts_count_together() -> None:
    assert of("abc", "def") == of("abcdef")


def test_a_stated_answer_counts_in_place_of_the_reserve() -> None:
    assert beyond(of(max_tokens=50, reserve=4096)) == (50, 50)
    assert beyond(of(reserve=4096)) == (4096, 4096)


def test_of_several_spellings_the_greatest_counts() -> None:
    assert beyond(of(max_tokens=(50, 700, 3), reserve=4096)) == (700, 700)


def test_every_answer_counts() -> None:
    assert beyond(of(max_tokens=50, n=4)) == (200, 200)
    assert beyond(of(reserve=100, n=3)) == (300, 300)


def test_an_answer_of_vectors_costs_nothing() -> None:
    vectors = Parameters({"max_tokens": (0,), "n": (1,), "messages": (1,)})
    words = Parameters({"max_tokens": (), "n": (1,), "messages": (1,)})
    found, base = (estimate(one, ["a" * 30], 4096) for one in (vectors, words))
    assert beyond(base, found) == (4096, 4096)


def test_reasoning_counts_where_it_may_be_longer_than_the_answer() -> None:
    assert beyond(of(max_tokens=50, reasoning_tokens=800)) == (800, 800)
    assert beyond(of(max_tokens=800, reasoning_tokens=50)) == (800, 800)


def test_messages_tools_and_media_count_beside_their_texts() -> None:
    for found in (of(messages=3), of(tools=("a", "b")), of(images=1), of(audio=1), of(files=2)):
        likely, most = beyond(found)
        assert 0 < likely <= most


@pytest.mark.parametrize(
    "value", [-1, 0, True, "many", float("nan"), float("inf"), None, ()], ids=repr
)
def test_an_answer_of_no_number_is_the_reserve(value: Any) -> None:
    assert beyond(of(max_tokens=value, reserve=100)) == (100, 100)


def test_numbers_beyond_all_measure_are_cut() -> None:
    assert of(max_tokens=10**400, n=10**400) == Estimate(MOST_TOKENS, MOST_TOKENS)


VALUES = st.integers() | st.floats() | st.booleans() | st.text()
WORDS = st.sampled_from(
    ["max_tokens", "n", "messages", "tools", "images", "audio", "files", "reasoning_tokens"]
)


@given(
    st.dictionaries(WORDS, st.lists(VALUES).map(tuple)),
    st.lists(st.text()),
    st.integers(0, 10**9),
)
def test_it_is_never_negative_and_the_most_is_never_less(
    values: dict[str, tuple[Any, ...]], texts: list[str], reserve: int
) -> None:
    found = estimate(Parameters(values), texts, reserve)
    assert 0 < found.likely <= found.most <= MOST_TOKENS
    # A tokeniser that works on bytes makes no more tokens than there are bytes.
    assert found.most >= sum(len(text.encode()) for text in texts)


def test_a_lone_surrogate_is_counted_like_any_text() -> None:
    assert beyond(of("\ud800")) == (1, 3)
