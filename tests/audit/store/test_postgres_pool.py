from __future__ import annotations

import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.query import events
from gateway.audit.store.base import TooSlow
from gateway.audit.store.postgres_pool import PostgresPool
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres_server import PostgresServer

    from gateway.audit.record import Record
    from gateway.audit.store.postgres_reader import PostgresReader
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_COUNT = "SELECT count(*) FROM records"
_OURS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'llm-security-gateway'"
)


@pytest.fixture
def house(postgres_house: House, new_record: NewRecord) -> House:
    """A house with two records, in which nobody writes."""
    ledger = postgres_house.ledger()
    ledger.commit([Item(new_record())])
    ledger.close()
    return postgres_house


@contextmanager
def _pool(house: House, busy: float = 5.0, most: int = 3) -> Iterator[PostgresPool]:
    with closing(PostgresPool(house.url, busy, most)) as pool:
        yield pool


def _gone(house: House) -> None:
    """The server notices a little later than we that a connection was closed."""
    deadline = time.monotonic() + 10
    while house.ask(_OURS) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_many_readers_at_once_stay_within_the_bound(house: House) -> None:
    most_seen, over = [0], threading.Event()

    def watch() -> None:
        while not over.is_set():
            most_seen.append(house.ask(_OURS)[0][0])

    watching = threading.Thread(target=watch)
    with _pool(house) as pool, ThreadPoolExecutor(24) as threads:
        watching.start()
        found = list(threads.map(lambda _: events(pool, Filters()), range(300)))
        over.set()
        watching.join()
    assert {len(page.events) for page in found} == {3}
    assert 1 <= max(most_seen) <= 3


def test_a_reader_is_lent_again_and_not_opened_anew(house: House) -> None:
    asked = "SELECT pg_backend_pid()"
    with _pool(house) as pool:
        found = set()
        for _ in range(5):
            with pool.lend() as reader:
                found |= set(reader.rows(asked))
    assert len(found) == 1


def test_who_finds_none_free_is_refused_in_time(house: House) -> None:
    with _pool(house, busy=0.3) as pool, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(pool.lend())
        began = time.monotonic()
        with pytest.raises(AuditUnavailable, match="too many read the log at once"):
            pool.lend()
        assert 0.2 < time.monotonic() - began < 2
        stack.close()
        with pool.lend() as reader:
            assert reader.rows(_COUNT) == [(3,)]


def test_readers_that_take_all_there_are_hold_up_no_writer(
    house: House, new_record: NewRecord
) -> None:
    with _pool(house) as pool, ExitStack() as stack:
        for _ in range(3):
            reader = stack.enter_context(pool.lend())
            stack.enter_context(reader.snapshot())
            assert reader.rows(_COUNT) == [(3,)]
        house.ledger(busy=1.0).commit([Item(new_record(), b"{}")])
    assert house.verify().ok


def test_a_reader_that_is_given_back_twice_is_lent_once(house: House) -> None:
    with _pool(house, busy=0.2, most=1) as pool:
        reader = pool.lend()
        reader.close()
        reader.close()
        with pool.lend(), pytest.raises(AuditUnavailable, match="too many"):
            pool.lend()


def test_limits_and_snapshots_end_with_who_asked_for_them(house: House) -> None:
    with _pool(house, most=1) as pool:
        with pool.lend() as reader, pytest.raises(TooSlow), reader.limited(0.2), reader.snapshot():
            reader.rows("SELECT pg_sleep(5)")
        with pool.lend() as again:
            assert again is reader
            assert again.rows("SHOW statement_timeout") == [("4s",)]
            assert again.rows("SHOW transaction_isolation") == [("read committed",)]


def test_what_was_left_under_way_is_not_lent_again(house: House) -> None:
    with _pool(house, most=1) as pool:
        with pool.lend() as reader:
            reader._link.execute("BEGIN")
        with pool.lend() as again:
            assert again is not reader
            assert again.rows(_COUNT) == [(3,)]


def test_a_store_that_was_replaced_is_opened_anew(house: House) -> None:
    with _pool(house) as pool:
        with pool.lend() as reader:
            before = reader.store
        house.remove()
        with pytest.raises(AuditUnavailable, match="tables are gone"):
            pool.lend()
        house.ledger().close()
        with pool.lend() as reader:
            assert reader.store != before
            assert reader.rows(_COUNT) == [(2,)]


def test_a_pool_that_is_closed_lends_nothing_and_leaves_nothing(house: House) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pool = PostgresPool(house.url, 5.0, 3)
        lent = [pool.lend() for _ in range(3)]
        lent.pop().close()
        lent.pop().close()
        pool.close()
        with pytest.raises(AuditUnavailable):
            pool.lend()
        assert lent[0].rows(_COUNT) == [(3,)]
        lent.pop().close()
        _gone(house)
        del pool
    assert caught == []


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.05, 0.2])
def test_a_pool_that_is_closed_while_many_ask_closes_no_connection_that_is_used(
    house: House, pause: float
) -> None:
    pool, answers = PostgresPool(house.url, 5.0, 3), list[str]()

    def ask() -> None:
        while not answers or answers[-1] == "answered":
            answers.append(_ask(pool)[0])

    asking = [threading.Thread(target=ask) for _ in range(6)]
    for one in asking:
        one.start()
    time.sleep(pause)
    pool.close()
    for one in asking:
        one.join(20)
    # Who had a reader was answered; who asked later was told that there is none. A connection that
    # was closed under its reader would be said to be lost.
    assert {"answered", answers[-1]} >= set(answers)
    assert "too many read the log at once" in answers[-1]
    _gone(house)


def _ask(pool: PostgresPool) -> tuple[str, float]:
    """What becomes of a question, and the seconds that it took."""
    began = time.monotonic()
    try:
        events(pool, Filters())
    except AuditUnavailable as error:
        return error.reason, time.monotonic() - began
    return "answered", time.monotonic() - began


def test_a_server_that_was_stopped_is_gone_on_with_at_once(
    own_postgres: PostgresServer, house_on: Callable[..., House]
) -> None:
    house = house_on(own_postgres)
    house.ledger().close()
    with _pool(house, busy=2.0) as pool, ThreadPoolExecutor(9) as threads:

        def ask_all() -> list[tuple[str, float]]:
            return list(threads.map(_ask, [pool] * 9))

        assert {why for why, _ in ask_all()} == {"answered"}
        own_postgres.stop("immediate")
        refused = ask_all()
        assert all("cannot be reached" in why or "stopped" in why for why, _ in refused)
        assert max(spent for _, spent in refused) < 2
        own_postgres.start()
        assert {why for why, _ in ask_all()} == {"answered"}
        # Nobody asked while it was away, so all that was kept is dead.
        own_postgres.stop("immediate")
        own_postgres.start()
        assert {why for why, _ in ask_all()} == {"answered"}


def test_a_server_that_stops_and_starts_under_readers_is_gone_on_with(
    own_postgres: PostgresServer, house_on: Callable[..., House]
) -> None:
    house = house_on(own_postgres)
    house.ledger().close()
    found: list[tuple[str, float]] = []
    over = threading.Event()
    with _pool(house, busy=2.0) as pool:

        def ask_on() -> None:
            while not over.is_set():
                found.append(_ask(pool))
                time.sleep(0.01)

        threads = [threading.Thread(target=ask_on) for _ in range(6)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        for mode in ("immediate", "fast"):
            own_postgres.stop(mode)
            time.sleep(0.3)
            own_postgres.start()
            time.sleep(0.3)
        over.set()
        for thread in threads:
            thread.join()
        assert {_ask(pool)[0] for _ in range(4)} == {"answered"}
    assert max(spent for _, spent in found) < 5
    assert sum(why == "answered" for why, _ in found) > 20
    assert len({why for why, _ in found}) > 1


def test_a_server_that_is_frozen_is_refused_in_time_and_gone_on_with(
    own_postgres: PostgresServer, house_on: Callable[..., House]
) -> None:
    house = house_on(own_postgres)
    house.ledger().close()
    with _pool(house, busy=0.5) as pool, ThreadPoolExecutor(9) as threads:
        assert {why for why, _ in threads.map(_ask, [pool] * 9)} == {"answered"}
        own_postgres.freeze()
        refused = [*threads.map(_ask, [pool] * 9), *threads.map(_ask, [pool] * 9)]
        assert {why.rpartition(": ")[2] for why, _ in refused} <= {
            "the store does not answer in time",
            "too many read the log at once",
        }
        # To wait for a place, and to connect, which takes two seconds at least.
        assert max(spent for _, spent in refused) < 4
        own_postgres.thaw()
        assert {why for why, _ in threads.map(_ask, [pool] * 9)} == {"answered"}


def test_a_server_that_freezes_in_the_middle_of_a_search_holds_nobody(
    own_postgres: PostgresServer, house_on: Callable[..., House]
) -> None:
    house = house_on(own_postgres)
    house.ledger().close()

    def search(reader: PostgresReader) -> None:
        with reader.limited(0.5), reader.snapshot():
            reader.rows(_COUNT)
            own_postgres.freeze()
            reader.rows(_COUNT)

    with _pool(house, busy=10.0) as pool:
        with pool.lend() as reader:
            began = time.monotonic()
            with pytest.raises(TooSlow):
                search(reader)
        assert time.monotonic() - began < 4
        own_postgres.thaw()
        assert _ask(pool)[0] == "answered"
