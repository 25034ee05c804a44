from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.ledger import Item, Ledger
from gateway.audit.store.base import StoreGone
from gateway.audit.store.postgres_tree import PostgresTree
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_server import PostgresServer

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def test_a_lease_ends_also_where_the_databases_clock_was_set_back(postgres_house: House) -> None:
    postgres_house.ledger().close()
    url = postgres_house.url
    with closing(PostgresTree(url, 5.0)) as tree, closing(PostgresTree(url, 5.0)) as other:
        first = tree.lead("one", 60.0)
        postgres_house.execute("UPDATE lease SET until = until + 1000000000")
        assert other.lead("two", 0.05) is None
        time.sleep(0.1)
        assert other.lead("two", 0.05) == (first or 0) + 1


def test_a_turn_orders_what_nobody_has_ordered(
    postgres_house: House, new_record: NewRecord
) -> None:
    with closing(Ledger(postgres_house.url, postgres_house.keys, 5.0)) as ledger:
        ledger.commit([Item(new_record()) for _ in range(4)])
        assert postgres_house.ask("SELECT count(*) FROM leaves") == [(0,)]
        with closing(PostgresTree(postgres_house.url, 5.0)) as tree:
            with tree.turn(tree.lead("one", 60.0) or 0) as turn:
                assert [index for index, _ in turn.entries(3)] == [0, 1, 2]
                turn.size = 3
            with tree.turn(tree.lead("one", 60.0) or 0) as turn:
                assert [index for index, _ in turn.entries(100)] == [3, 4]


def test_a_large_backlog_is_left_to_the_leader(
    postgres_house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer has no time for it, and what is never done in time would never be done."""
    for module in ("postgres", "postgres_tree"):
        monkeypatch.setattr(f"gateway.audit.store.{module}._AT_ONCE", 3)
    ledger = postgres_house.ledger()
    ledger.commit([Item(new_record()) for _ in range(10)])
    assert postgres_house.ask("SELECT count(*) FROM leaves") == [(1,)]
    with closing(PostgresTree(postgres_house.url, 5.0)) as tree:
        with tree.turn(tree.lead("one", 60.0) or 0) as turn:
            assert len(turn.entries(100)) == 11
        assert tree._link.until is None
        shown = tree._link.execute("SHOW statement_timeout").fetchone()
    assert shown == ("4s",)
    assert postgres_house.verify().ok


def test_writers_write_while_a_turn_reads(postgres_house: House, new_record: NewRecord) -> None:
    ledger = postgres_house.ledger()
    with closing(PostgresTree(postgres_house.url, 5.0)) as tree:
        token = tree.lead("one", 60.0) or 0
        with tree.turn(token) as turn:
            assert len(turn.entries(10)) == 1
            ledger.commit([Item(new_record())])
            assert len(turn.entries(10)) == 2
            turn.put_tile(0, 0, bytes(32))


def test_a_writers_end_is_told_after_its_last_record_has_its_place(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = Ledger(postgres_house.url, postgres_house.keys, 5.0)
    postgres_house.ledgers.append(ledger)
    ledger.commit([Item(new_record())])
    postgres_house.execute("UPDATE writers SET closed = 2")
    with (
        closing(PostgresTree(postgres_house.url, 5.0)) as tree,
        tree.turn(tree.lead("one", 60.0) or 0) as turn,
    ):
        assert turn.fenced() == []
        turn.entries(1)
        assert [one.wseq for one in turn.fenced()] == [1]


def test_a_tree_goes_on_after_its_server_was_stopped(
    own_postgres: PostgresServer, house_on: Callable[..., House]
) -> None:
    house = house_on(own_postgres)
    house.ledger().close()
    with closing(PostgresTree(house.url, 1.0)) as tree:
        token = tree.lead("one", 60.0) or 0
        own_postgres.stop("immediate")
        for _ in range(2):
            with pytest.raises(AuditUnavailable):
                tree.lead("one", 60.0)
        own_postgres.start()
        assert tree.lead("one", 60.0) == token
        with tree.turn(token) as turn:
            assert len(turn.entries(10)) == 2


def test_another_store_in_its_place_is_noticed(postgres_house: House) -> None:
    postgres_house.ledger().close()
    with closing(PostgresTree(postgres_house.url, 1.0)) as tree:
        postgres_house.execute("UPDATE meta SET value = '0011223344556677' WHERE key = 'store'")
        with pytest.raises(StoreGone, match="replaced"):
            tree.check()
