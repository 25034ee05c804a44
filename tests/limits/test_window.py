"""The sliding window against a plain list of what happened when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.window import Window

STEPS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 100), st.integers(0, 9)), max_size=80)


@given(STEPS)
def test_it_holds_what_has_not_lapsed_and_never_less(steps: list[tuple[int, int, int]]) -> None:
    exact: list[tuple[int, int]] = []
    window, now, latest = Window(), 0, 0
    for pause, length, count in steps:
        now += pause
        window.advance(now)
        held = sum(count for lapse, count in exact if lapse > now)
        assert window.total >= held
        assert window.total == 0 or latest > now
        window.add(now + length, count)
        exact.append((now + length, count))
        latest = max(latest, now + length) if count else latest


@given(STEPS, st.integers(1, 60))
def test_with_one_length_it_is_exact(steps: list[tuple[int, int, int]], length: int) -> None:
    exact: list[tuple[int, int]] = []
    window, now = Window(), 0
    for pause, _, count in steps:
        now += pause
        window.advance(now)
        assert window.total == sum(count for lapse, count in exact if lapse > now)
        window.add(now + length, count)
        exact.append((now + length, count))


@given(STEPS, st.integers(1, 60))
def test_after_the_wait_so_much_is_gone_and_not_before(
    steps: list[tuple[int, int, int]], excess: int
) -> None:
    window, now = Window(), 0
    for pause, length, count in steps:
        now += pause
        window.add(now + length, count)
    window.advance(now)
    before = window.total
    if excess > before:
        return
    wait = window.wait(now, excess)
    window.advance(now + wait - 1)
    assert before - window.total < excess
    window.advance(now + wait)
    assert before - window.total >= excess


def test_an_empty_window_has_nothing_to_wait_for() -> None:
    window = Window()
    assert (window.total, window.last(5)) == (0, 0)
    window.add(10, 0)
    window.add(10, -3)
    assert (window.total, window.last(5)) == (0, 0)


def test_moments_of_one_grain_take_one_place() -> None:
    window = Window()
    for _ in range(10_000):
        window.add(100, 1)
    assert window.total == 10_000
    assert len(window._lapses) == 1
