from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.audit.filters import Filters
from gateway.audit.indexing import STEP, index
from gateway.audit.ledger import Item
from gateway.audit.merging import merge
from gateway.audit.postings import BLOCK
from gateway.audit.query import events
from gateway.audit.search import indexed
from gateway.audit.store.migrations import STEPS, VERSION
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House


def _first_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        rows = [("schema", "1"), ("store", "0011223344556677")]
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


def test_the_manual_names_every_table() -> None:
    manual = (Path(__file__).parents[3] / "docs/audit.md").read_text()
    made = [statement.split() for step in STEPS for statement in step]
    tables = [words[2] for words in made if words[:2] == ["CREATE", "TABLE"]]
    assert len(tables) > 10
    for table in tables:
        assert f"`{table}`" in manual


def test_an_older_store_is_brought_to_this_version(
    house: House, new_record: Callable[..., Record]
) -> None:
    _first_version(house.path)
    with pytest.raises(AuditUnavailable, match=r"has schema 1.*gateway check"):
        open_reader(house.url)
    ledger = house.ledger()
    ledger.commit([Item(new_record(), b"sealed")])
    ledger.close()
    with open_reader(house.url) as reader:
        assert reader.store == "0011223344556677"
        assert reader.rows("SELECT version FROM migrations ORDER BY version") == [
            (version,) for version in range(2, VERSION + 1)
        ]
    assert house.verify().ok


def test_the_index_of_an_older_store_is_found_and_can_be_merged(
    house: House, new_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.levels.FAN", 1)
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(new_record(model="m")) for _ in range(BLOCK)])
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        assert index(reader, store)
    for statement in (
        "ALTER TABLE blocks DROP COLUMN records",
        "ALTER TABLE blocks RENAME COLUMN block TO number",
        "DROP TABLE merged",
        "DROP TABLE merging",
        "DELETE FROM migrations WHERE version > 2",
        "UPDATE meta SET value = '2' WHERE key = 'schema'",
    ):
        house.execute(statement)
    house.ledger().close()
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        before = events(house.url, Filters(model="m"))
        assert len(before.events) == 100
        while merge(reader, store):
            assert events(house.url, Filters(model="m")) == before
        assert reader.rows("SELECT count(*) FROM postings") == [(0,)]
    assert house.verify().ok


def test_the_blocks_of_an_older_store_are_whole_and_the_last_one_grows(
    any_house: House, new_record: Callable[..., Record]
) -> None:
    with closing(any_house.ledger()) as ledger:
        ledger.commit([Item(new_record(model="m")) for _ in range(BLOCK - 1)])
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        assert index(reader, store)
        before = events(any_house.url, Filters(model="m"))
        assert indexed(reader) == BLOCK
    for statement in (
        "ALTER TABLE blocks DROP COLUMN records",
        "ALTER TABLE blocks RENAME COLUMN block TO number",
        "DELETE FROM migrations WHERE version > 3",
        "UPDATE meta SET value = '3' WHERE key = 'schema'",
    ):
        any_house.execute(statement)
    with pytest.raises(AuditUnavailable, match=r"has schema 3.*gateway check"):
        open_reader(any_house.url)
    with (
        closing(any_house.ledger()) as ledger,
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        assert indexed(reader) == BLOCK
        assert events(any_house.url, Filters(model="m")) == before
        ledger.commit([Item(new_record(model="n")) for _ in range(STEP)])
        index(reader, store)
        assert indexed(reader) == BLOCK + STEP
        assert len(events(any_house.url, Filters(model="n", limit=1000)).events) == STEP
        with pytest.raises(AuditUnavailable):
            # A gateway of before that still runs would take the block that grows for a whole one.
            reader.rows("SELECT coalesce(max(number) + 1, 0) FROM blocks")
    any_house.order()
    assert any_house.verify().flaws == ()


def test_a_new_store_says_how_it_came_to_be(house: House) -> None:
    house.ledger().close()
    with open_reader(house.url) as reader:
        found = reader.rows("SELECT version FROM migrations ORDER BY version")
    assert found == [(version,) for version in range(1, VERSION + 1)]
