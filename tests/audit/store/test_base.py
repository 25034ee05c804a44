"""What every store keeps to, whatever it is made of."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.chain import GENESIS
from gateway.audit.head import Head
from gateway.audit.ledger import Item
from gateway.audit.store.base import Batch, StoreGone, TooSlow, WriterClosed
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from gateway.audit.store.base import Store
    from tests.audit.conftest import House


def _batch(writer: str) -> Batch:
    return Batch([], {}, Head(writer, -1, GENESIS), "note")


def _close(any_house: House, writer: str) -> None:
    with closing(open_store(any_house.url, 1.0, "open")) as store:
        store.write(_batch(writer))
    any_house.execute("UPDATE writers SET closed = 1 WHERE id = ?", writer)


def _work(store: Store, *statements: str) -> None:
    with store.work() as work:
        for statement in statements:
            work.run(statement)


def _fail(changed: int) -> None:
    raise ZeroDivisionError(changed)


def test_only_what_is_there_is_opened(any_house: House) -> None:
    with pytest.raises(StoreGone):
        open_store(any_house.url, 1.0, "open")
    open_store(any_house.url, 1.0, "make").close()
    open_store(any_house.url, 1.0, "open").close()


def test_a_sign_of_life_moves_when_a_writer_was_seen(any_house: House) -> None:
    with closing(open_store(any_house.url, 1.0, "make")) as store:
        store.write(_batch("one"))
        any_house.execute("UPDATE writers SET seen = 0")
        store.alive("one")
    with open_reader(any_house.url) as reader:
        ((seen,),) = reader.rows("SELECT seen FROM writers")
    assert seen > 1_700_000_000_000


def test_a_writer_that_the_log_has_closed_writes_no_more(any_house: House) -> None:
    with closing(open_store(any_house.url, 1.0, "make")) as store:
        store.write(_batch("one"))
        _close(any_house, "one")
        with pytest.raises(WriterClosed):
            store.write(_batch("one"))
        with pytest.raises(WriterClosed):
            store.alive("one")
        store.write(_batch("another"))
    with closing(open_store(any_house.url, 1.0, "open")) as anew, pytest.raises(WriterClosed):
        anew.write(_batch("one"))


def test_erasures_are_seen_with_each_write_and_sign_of_life(any_house: House) -> None:
    with closing(open_store(any_house.url, 1.0, "make")) as store:
        store.write(_batch("one"))
        assert store.erasures == 0
        any_house.execute("UPDATE meta SET value = '3' WHERE key = 'erasures'")
        store.alive("one")
        assert store.erasures == 3
        any_house.execute("UPDATE meta SET value = '4' WHERE key = 'erasures'")
        store.write(_batch("one"))
        assert store.erasures == 4


def test_work_is_done_whole_or_not_at_all(any_house: House) -> None:
    with closing(open_store(any_house.url, 1.0, "make")) as store:
        with store.work() as work:
            assert work.run("INSERT INTO blocks VALUES (?, ?, ?, ?)", (0, 1, 2, 3)) == 1
            work.many("INSERT INTO postings VALUES (?, ?, ?)", [(0, 5, b"a"), (0, 6, b"b")])
            assert work.rows("SELECT term FROM postings ORDER BY term") == [(5,), (6,)]
        with pytest.raises(AuditUnavailable):
            _work(store, "DELETE FROM postings", "INSERT INTO blocks VALUES (0, 1, 2, 3)")
        with pytest.raises(ZeroDivisionError), store.work() as work:
            _fail(work.run("DELETE FROM postings"))
        store.touch()
    with open_reader(any_house.url) as reader:
        assert reader.rows("SELECT count(*) FROM postings") == [(2,)]


def test_a_read_that_takes_too_long_is_ended_and_the_reader_goes_on(any_house: House) -> None:
    open_store(any_house.url, 1.0, "make").close()
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
    with open_reader(any_house.url) as reader:
        with pytest.raises(TooSlow), reader.limited(0.05), reader.snapshot():
            reader.rows(endless)
        with pytest.raises(TooSlow), reader.limited(0.05):
            list(reader.each(endless))
        assert reader.rows("SELECT 1") == [(1,)]


def test_a_snapshot_does_not_move(any_house: House, new_record: Callable[..., Record]) -> None:
    ledger, counted = any_house.ledger(), "SELECT count(*) FROM records"
    with open_reader(any_house.url) as reader:
        with reader.snapshot():
            assert reader.rows(counted) == [(1,)]
            ledger.commit([Item(new_record())])
            assert list(reader.each(counted)) == [(1,)]
        assert reader.rows(counted) == [(2,)]
