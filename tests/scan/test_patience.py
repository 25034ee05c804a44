"""Reading stops where its time is up, in the thread whose time it is."""

from __future__ import annotations

import threading
import time

import pytest

from gateway.scan.detector import Finder
from gateway.scan.engine import Engine, default_specs
from gateway.scan.patience import Patience, ScanTimeout, go_on, patience

NO_TIME = 1e-9


def _steps(count: int) -> None:
    for _ in range(count):
        go_on()


def test_nobody_who_set_no_bound_is_stopped() -> None:
    _steps(1000)
    go_on(look=True)


def test_whoever_is_past_it_is_stopped_and_at_every_step_from_then_on() -> None:
    with patience(NO_TIME):
        with pytest.raises(ScanTimeout):
            _steps(1000)
        for _ in range(3):
            with pytest.raises(ScanTimeout):
                go_on()
    _steps(1000)


def test_a_long_step_looks_at_once() -> None:
    with patience(60):
        go_on(look=True)
    with patience(NO_TIME), pytest.raises(ScanTimeout):
        go_on(look=True)


def test_a_bound_within_another_gives_no_more_time() -> None:
    with patience(NO_TIME), patience(60), pytest.raises(ScanTimeout):
        go_on(look=True)
    with patience(60):
        with patience(NO_TIME), pytest.raises(ScanTimeout):
            go_on(look=True)
        go_on(look=True)


def _work(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_a_stretch_takes_nothing_of_the_time_around_it() -> None:
    with patience(0.1):
        with Patience(60).stretch():
            _work(0.2)
            go_on(look=True)
        go_on(look=True)
        _work(0.2)
        with pytest.raises(ScanTimeout):
            go_on(look=True)


def test_stretches_have_one_time_together() -> None:
    mine = Patience(0.1)
    with mine.stretch():
        _work(0.2)
    with patience(60):
        with mine.stretch(), pytest.raises(ScanTimeout):
            go_on(look=True)
        go_on(look=True)


def test_other_threads_have_time_of_their_own() -> None:
    done: list[bool] = []

    def work() -> None:
        _steps(1000)
        done.append(True)

    with patience(NO_TIME):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert done == [True]


def test_attack_a_text_of_nothing_but_beginnings_of_a_wide_secret_is_not_read_to_its_end() -> None:
    finder = Finder("token[a-z]{200}", "token")
    with patience(NO_TIME), pytest.raises(ScanTimeout):
        finder.search(b"token " * 1000, 0)


@pytest.mark.parametrize("unit", ["to a@example.com ", "password = hunter2Hunter ", "192.168.1.1 "])
def test_attack_a_text_of_nothing_but_candidates_is_not_read_to_its_end(unit: str) -> None:
    specs = default_specs()
    engine, names = Engine(specs), tuple(spec.name for spec in specs)
    with patience(NO_TIME), pytest.raises(ScanTimeout):
        engine.scan(unit * 1000, "user", names)
    short = unit * 3
    assert engine.scan(short, "user", names).findings, "what was stopped is not remembered as clean"
    assert engine.scan(unit * 1000, "user", names).findings


def test_bug_many_short_texts_had_no_more_time_than_one() -> None:
    with patience(NO_TIME, texts=100_000):
        go_on(look=True)
    with patience(NO_TIME, texts=0), pytest.raises(ScanTimeout):
        go_on(look=True)
