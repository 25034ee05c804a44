"""The state in memory: when marks lapse, and what happens when there is no room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import StateLost
from gateway.state.memory import MemoryState


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_mark_lapses_at_its_time_and_not_before() -> None:
    clock = Clock()
    state = MemoryState(clock)
    assert await state.add("proof", 10)
    clock.now = 9.999
    assert not await state.add("proof", 10)
    clock.now = 10
    assert await state.add("proof", 10)


async def test_a_mark_that_is_there_is_not_prolonged() -> None:
    clock = Clock()
    state = MemoryState(clock)
    assert await state.add("proof", 10)
    clock.now = 5
    assert not await state.add("proof", 1000)
    clock.now = 10
    assert await state.add("proof", 10)


async def test_a_flood_of_marks_pushes_none_out() -> None:
    clock = Clock()
    state = MemoryState(clock, capacity=100)
    for n in range(100):
        assert await state.add(f"proof {n}", 10)
    with pytest.raises(StateLost):
        await state.add("one more", 10)
    assert not await state.add("proof 0", 10)
    clock.now = 10
    assert await state.add("one more", 10)


async def test_a_flood_of_names_pushes_none_out() -> None:
    state = MemoryState(capacity=3)
    for n in range(3):
        await state.put(f"key {n % 2}", f"name {n}", "1")
    with pytest.raises(StateLost):
        await state.put("key 0", "name 3", "1")
    with pytest.raises(StateLost):
        await state.put("another key", "name", "1")
    await state.put("key 0", "name 0", "2")
    assert await state.entries("key 0") == {"name 0": "2", "name 2": "1"}
    assert await state.entries("another key") == {}


async def test_what_a_caller_does_to_the_entries_changes_nothing() -> None:
    state = MemoryState()
    await state.put("revoked", "one", "1")
    found = dict(await state.entries("revoked"))
    found.clear()
    assert await state.entries("revoked") == {"one": "1"}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 20), st.integers(0, 8)), max_size=60))
async def test_a_mark_is_free_exactly_when_no_earlier_one_holds(
    steps: list[tuple[int, int, int]],
) -> None:
    clock = Clock()
    state = MemoryState(clock)
    until: dict[str, float] = {}
    for name, seconds, pause in steps:
        clock.now += pause
        key = f"proof {name}"
        free = until.get(key, 0) <= clock.now
        assert await state.add(key, seconds) == free
        if free:
            until[key] = clock.now + seconds


async def test_values_that_have_lapsed_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.state.memory.KEPT_CHARS", 10)
    now = 0.0
    state = MemoryState(lambda: now)
    await state.keep("a", "12345", 10)
    await state.keep("b", "12345", 99)
    with pytest.raises(StateLost):
        await state.keep("c", "1", 99)
    assert await state.kept("a") == "12345"
    now = 11.0
    await state.keep("c", "12345", 99)
    assert [await state.kept(key) for key in "abc"] == [None, "12345", "12345"]
    await state.keep("c", "1", 99)
    await state.keep("d", "1234", 99)
