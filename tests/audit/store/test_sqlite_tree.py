from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.ledger import Item
from gateway.audit.record import MAX_HEADER
from gateway.audit.store.base import StoreGone
from gateway.audit.store.sqlite_tree import SqliteTree
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House


def test_a_lease_ends_also_where_the_clock_was_set_back(house: House) -> None:
    house.ledger().close()
    with (
        closing(SqliteTree(house.path, 0.2)) as tree,
        closing(SqliteTree(house.path, 0.2)) as other,
    ):
        first = tree.lead("one", 60.0)
        house.execute("UPDATE lease SET until = ?", round(time.time() * 1000) + 10**9)
        assert other.lead("two", 0.05) is None
        time.sleep(0.1)
        assert other.lead("two", 0.05) == (first or 0) + 1


def test_writers_write_while_a_turn_reads(house: House, new_record: Callable[..., Record]) -> None:
    ledger = house.ledger()
    with closing(SqliteTree(house.path, 0.2)) as tree:
        token = tree.lead("one", 60.0) or 0
        with tree.turn(token) as turn:
            assert len(turn.entries(10)) == 1
            ledger.commit([Item(new_record())])
            assert len(turn.entries(10)) == 2
            turn.put_tile(0, 0, bytes(32))


def test_entries_are_what_the_records_hold_whatever_that_is(
    house: House, new_record: Callable[..., Record]
) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record()) for _ in range(200)])
    ledger.close()
    planted = ["text", "", 7, 1.5, b"", b"\x00,1 \xff\n", bytes(MAX_HEADER), bytes(MAX_HEADER + 1)]
    for at, value in enumerate(planted):
        house.execute("UPDATE records SET header = ? WHERE seq = ?", value, 60 + at)
    house.execute("DELETE FROM records WHERE seq BETWEEN 100 AND 109")
    with closing(sqlite3.connect(house.path)) as plain:
        there = plain.execute("SELECT seq - 1, header FROM records ORDER BY seq").fetchall()
    with (
        closing(SqliteTree(house.path, 0.2)) as tree,
        tree.turn(tree.lead("one", 60.0) or 0) as turn,
    ):
        assert turn.entries(1000) == there
        assert [header for _, header in turn.entries(1000)[59:67]] == planted
        for most in (1, 64, 65, 128, 150):
            assert turn.entries(most) == there[:most]
            assert all(type(header) is bytes for _, header in turn.entries(most)[:59])
        turn.size = 190
        assert turn.entries(1000) == there[180:]
        turn.size = 500
        assert turn.entries(1000) == []


def test_many_entries_are_read_with_few_questions(
    house: House, new_record: Callable[..., Record]
) -> None:
    house.ledger().commit([Item(new_record()) for _ in range(199)])
    asked: list[str] = []
    with (
        closing(SqliteTree(house.path, 0.2)) as tree,
        tree.turn(tree.lead("one", 60.0) or 0) as turn,
    ):
        tree._connection.set_trace_callback(asked.append)
        assert len(turn.entries(1000)) == 200
    assert len(asked) == 4


def test_a_locked_store_fails_in_time_and_works_again(house: House) -> None:
    house.ledger().close()
    with closing(SqliteTree(house.path, 0.1)) as tree:
        token = tree.lead("one", 60.0) or 0
        with closing(sqlite3.connect(house.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with (
                pytest.raises(AuditUnavailable, match="locked by another process"),
                tree.turn(token) as turn,
            ):
                turn.put_tile(0, 0, bytes(32))
        with tree.turn(token) as turn:
            assert turn.tile(0, 0) == b""
            turn.put_tile(0, 0, bytes(32))


def test_a_replaced_file_is_noticed(house: House) -> None:
    house.ledger().close()
    with closing(SqliteTree(house.path, 0.1)) as tree:
        house.path.rename(house.folder / "moved.db")
        house.ledger().close()
        with pytest.raises(StoreGone, match="replaced"):
            tree.check()


def test_a_tile_that_is_none_reads_as_nothing(house: House) -> None:
    house.ledger().close()
    house.execute("INSERT INTO tiles VALUES (0, 0, 'text')")
    with (
        closing(SqliteTree(house.path, 0.1)) as tree,
        tree.turn(tree.lead("one", 9.0) or 0) as turn,
    ):
        assert turn.tile(0, 0) == b""
