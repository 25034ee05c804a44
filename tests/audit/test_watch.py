from __future__ import annotations

from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_tree
from gateway.audit.watch import Watch
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from gateway.audit.store.tree import TreeStore
    from tests.audit.conftest import House


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("gateway.audit.watch.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def tree(house: House) -> Iterator[TreeStore]:
    house.ledger()
    with closing(open_tree(house.url, 0.2)) as opened:
        yield opened


class _Log:
    """What a watch writes to: records wait until ``settle``."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.futures: list[Future[str]] = []

    def __call__(self, record: Record) -> Future[str]:
        self.records.append(record)
        self.futures.append(Future())
        return self.futures[-1]


def _look(watch: Watch, tree: TreeStore) -> None:
    with tree.turn(tree.lead("one", 10.0**6) or 0) as turn:
        watch.look(turn)


def _closed(house: House, tree: TreeStore) -> list[int]:
    with closing(open_tree(house.url, 0.2)), tree.turn(tree.lead("one", 10.0**6) or 0) as turn:
        return [len(turn.open_writers()), len(turn.fenced())]


def test_a_writer_without_a_sign_of_life_is_ended_and_the_log_says_so(
    house: House, tree: TreeStore, clock: list[float]
) -> None:
    log = _Log()
    watch = Watch(log)
    for now in (0.0, 59.9):
        clock[0] = now
        _look(watch, tree)
    assert _closed(house, tree) == [1, 0]
    clock[0] = 65.0
    _look(watch, tree)
    assert (_closed(house, tree), log.records) == ([0, 1], [])
    clock[0] = 70.0
    _look(watch, tree)
    (record,) = log.records
    assert record.stage == "writer.lost"
    assert record.detail is not None
    assert record.detail["wseq"] == 0
    clock[0] = 75.0
    _look(watch, tree)
    assert (len(log.records), _closed(house, tree)) == (1, [0, 1])
    log.futures[0].set_result("id")
    clock[0] = 80.0
    _look(watch, tree)
    assert (len(log.records), _closed(house, tree)) == (1, [0, 0])


def test_a_record_that_could_not_be_written_is_written_again(
    house: House, tree: TreeStore, clock: list[float]
) -> None:
    log = _Log()
    watch = Watch(log)
    for now in (0.0, 60.0, 65.0):
        clock[0] = now
        _look(watch, tree)
    log.futures[0].set_exception(AuditUnavailable("no disk"))
    clock[0] = 70.0
    _look(watch, tree)
    assert [one.stage for one in log.records] == ["writer.lost"] * 2
    assert _closed(house, tree) == [0, 1]


def test_a_writer_that_gives_signs_of_life_stays(
    house: House, tree: TreeStore, clock: list[float], new_record: Callable[..., Record]
) -> None:
    ledger, watch = house.ledger(), Watch(_Log())
    for step in range(20):
        clock[0] = 10.0 * step
        ledger.commit([Item(new_record())])
        _look(watch, tree)
    ledger.commit([Item(new_record())])
    assert _closed(house, tree) == [1, 1]


def test_a_writer_that_ended_by_itself_needs_no_record(house: House, clock: list[float]) -> None:
    house.ledger().close()
    log = _Log()
    watch = Watch(log)
    with closing(open_tree(house.url, 0.2)) as tree:
        for now in (0.0, 60.0, 65.0):
            clock[0] = now
            _look(watch, tree)
        assert (_closed(house, tree), log.records) == ([0, 0], [])


def test_a_clock_that_is_set_back_ends_nobody(
    house: House, tree: TreeStore, clock: list[float]
) -> None:
    house.execute("UPDATE writers SET seen = seen - 3600000")
    watch = Watch(_Log())
    for now in (0.0, 30.0, 59.0):
        clock[0] = now
        _look(watch, tree)
    assert _closed(house, tree) == [1, 0]
