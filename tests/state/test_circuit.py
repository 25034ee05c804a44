"""The circuit, by a clock of the test's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.state.circuit import FAILURES, PAUSE, Circuit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def broken(clock: Clock) -> Circuit:
    circuit = Circuit(clock)
    for _ in range(FAILURES):
        assert circuit.admits()
        circuit.failed()
    return circuit


def test_it_opens_after_failures_in_a_row(clock: Clock) -> None:
    circuit = broken(clock)
    assert circuit.open
    assert not circuit.admits()


def test_a_success_between_failures_keeps_it_closed(clock: Clock) -> None:
    circuit = Circuit(clock)
    for _ in range(10):
        circuit.failed()
        circuit.failed()
        circuit.succeeded()
    assert not circuit.open


def test_one_caller_per_pause_may_try(clock: Clock) -> None:
    circuit = broken(clock)
    for _ in range(3):
        clock.now += PAUSE
        assert [circuit.admits() for _ in range(5)] == [True, False, False, False, False]


def test_it_closes_when_a_try_succeeds(clock: Clock) -> None:
    circuit = broken(clock)
    clock.now += PAUSE
    assert circuit.admits()
    circuit.succeeded()
    assert all(circuit.admits() for _ in range(100))


def test_a_try_that_never_reports_does_not_keep_it_open(clock: Clock) -> None:
    circuit = broken(clock)
    clock.now += PAUSE
    assert circuit.admits()
    clock.now += PAUSE
    assert circuit.admits()


@given(st.lists(st.sampled_from(["ok", "fail", "wait", "ask"])))
def test_it_never_stays_shut_for_longer_than_a_pause(steps: list[str]) -> None:
    clock = Clock()
    circuit = Circuit(clock)
    for step in steps:
        if step == "ok":
            circuit.succeeded()
        elif step == "fail":
            circuit.failed()
        elif step == "wait":
            clock.now += PAUSE / 3
        else:
            circuit.admits()
    clock.now += PAUSE
    assert circuit.admits()
