"""A PostgreSQL whose packets are lost: refused in time, gone on with, and nothing twice."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from black_hole import BlackHole, black_hole

from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.query import events
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.postgres_pool import PostgresPool
from gateway.audit.store.postgres_tree import PostgresTree
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from black_hole import Fate
    from postgres_server import PostgresServer

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_BUSY = 0.5
_FATES = ("lost", "answers lost", "late")


@pytest.fixture
def hole(shared_postgres: PostgresServer) -> Iterator[BlackHole]:
    with black_hole(shared_postgres.port) as hole:
        yield hole


@pytest.fixture
def far_house(
    house_on: Callable[[PostgresServer], House], shared_postgres: PostgresServer, hole: BlackHole
) -> House:
    """A house whose way to its database is through the hole."""
    house = house_on(shared_postgres)
    return replace(house, server=replace(shared_postgres, port=hole.port))


def _stored(house: House) -> list[str]:
    with open_reader(house.url) as reader:
        return [name for (name,) in reader.rows("SELECT id FROM records")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fate", "size"), [("lost", 40), ("answers lost", 1), ("answers lost", 40), ("late", 1)]
)
def test_a_writer_is_refused_in_time_and_goes_on(
    far_house: House, hole: BlackHole, new_record: NewRecord, fate: Fate, size: int
) -> None:
    ledger = far_house.ledger(busy=_BUSY)
    acknowledged: list[str] = []

    def commit() -> None:
        items = [Item(new_record(), b"{}") for _ in range(size)]
        ledger.commit(items)
        acknowledged.extend(item.record.id for item in items)

    commit()
    hole.fate = fate
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(AuditUnavailable, match="does not answer in time"):
            commit()
        # What was asked, and to connect, which takes two seconds at least.
        assert time.monotonic() - began < 4
    hole.fate = "forwarded"
    deadline = time.monotonic() + 20
    while len(acknowledged) < 4 * size:
        assert time.monotonic() < deadline
        try:
            commit()
        except AuditUnavailable:
            # The server still holds what it was asked for; it ends that by itself.
            time.sleep(0.1)
    ledger.close()
    stored = _stored(far_house)
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    far_house.order()
    report = far_house.verify()
    assert (report.ok, report.flaws) == (True, ())


@pytest.mark.slow
@pytest.mark.parametrize("fate", _FATES)
def test_who_reads_is_refused_in_time_and_goes_on(
    far_house: House, hole: BlackHole, fate: Fate
) -> None:
    far_house.ledger().close()
    with closing(PostgresPool(far_house.url, _BUSY)) as pool:
        assert len(events(pool, Filters()).events) == 2
        hole.fate = fate
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(AuditUnavailable, match="does not answer in time"):
                events(pool, Filters())
            assert time.monotonic() - began < 4
        hole.fate = "forwarded"
        assert len(events(pool, Filters()).events) == 2


@pytest.mark.slow
def test_who_follows_a_log_all_day_soon_notices(far_house: House, hole: BlackHole) -> None:
    far_house.ledger().close()
    with open_reader(far_house.url) as reader:
        found = [reader.current]
        hole.fate = "lost"
        began = time.monotonic()
        found += [reader.current, reader.current]
        assert time.monotonic() - began < 4
    assert found == [True, False, False]


def _cut(hole: BlackHole) -> None:
    """What is under way is done and never answered, and nothing that follows arrives."""
    hole.fate = "answers lost"
    # Before the client gives up: it would say good-bye.
    threading.Timer(0.5, setattr, (hole, "fate", "lost")).start()


def _soon(act: Callable[[], bool]) -> None:
    """Waits for what must come before long, though it may be refused until then."""
    deadline, done = time.monotonic() + 15, False
    while not done:
        assert time.monotonic() < deadline
        with suppress(AuditUnavailable):
            done = act()
        time.sleep(0.1)


@pytest.mark.slow
def test_a_leader_that_is_cut_off_in_the_middle_holds_up_no_other(
    far_house: House, hole: BlackHole, shared_postgres: PostgresServer
) -> None:
    """The server has done all that it was told and waits for the end of the transaction."""
    far_house.ledger().close()
    near = shared_postgres.url(far_house.database)
    with closing(PostgresTree(far_house.url, 1.0)) as far, closing(PostgresTree(near, 1.0)) as tree:
        token = far.lead("far", 1.0)
        assert token is not None
        size = far._size

        def cut(token: int, lock: str) -> int:
            found = size(token, lock)
            if lock:
                _cut(hole)
            return found

        far._size = cut  # type: ignore[method-assign]

        def lead(token: int) -> None:
            with far.turn(token) as turn:
                turn.put_tile(0, 0, bytes(32))
                turn.put_tile(0, 1, bytes(32))
                turn.fence("nobody", 1)

        with pytest.raises(AuditUnavailable, match="in time"):
            lead(token)
        _soon(lambda: tree.lead("near", 1.0) is not None)


@pytest.mark.slow
def test_a_keeper_that_is_cut_off_in_the_middle_holds_up_no_other(
    far_house: House, hole: BlackHole, shared_postgres: PostgresServer
) -> None:
    far_house.ledger().close()
    near = shared_postgres.url(far_house.database)

    def index(url: str, *, cut: bool) -> bool:
        with closing(open_store(url, 1.0, "open")) as store, store.work() as work:
            if cut:
                _cut(hole)
            work.many("INSERT INTO postings VALUES (?, ?, ?)", [(0, n, b"") for n in range(3)])
        return True

    with pytest.raises(AuditUnavailable, match="in time"):
        index(far_house.url, cut=True)
    _soon(lambda: index(near, cut=False))


@pytest.mark.slow
def test_a_leader_is_refused_in_time_and_goes_on(
    far_house: House, hole: BlackHole, new_record: NewRecord
) -> None:
    ledger = far_house.ledger()
    ledger.commit([Item(new_record())])
    before = far_house.order()
    hole.fate = "lost"
    with pytest.raises(AuditUnavailable, match="does not answer in time"):
        far_house.order()
    hole.fate = "forwarded"
    ledger.close()
    after = far_house.order()
    assert (before.size, after.size) == (2, 3)
    assert far_house.verify().ok
