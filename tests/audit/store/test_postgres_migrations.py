from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from gateway.audit.store.migrations import VERSION
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.postgres_migrations import STEPS
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from tests.audit.conftest import House

_SQLITE = (
    "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
)
_POSTGRES = (
    "SELECT DISTINCT ON (table_name, column_name) table_name, column_name"
    " FROM information_schema.columns WHERE table_schema IN ('public', 'public_read')"
)
_ONLY_HERE = ("entries", "parts", "tokens", "leaves", "ordered", "ordering")


def test_versions_count_alike() -> None:
    assert max(STEPS) == VERSION


def test_readers_find_the_same_columns_in_both_stores(house: House, postgres_house: House) -> None:
    house.ledger().close()
    postgres_house.ledger().close()
    with open_reader(house.url) as reader:
        ours = set(reader.rows(_SQLITE))
    with open_reader(postgres_house.url) as reader:
        theirs = {row for row in reader.rows(_POSTGRES) if not row[0].startswith(_ONLY_HERE)}
    assert ours == theirs


def test_a_newer_store_is_refused_in_words(postgres_house: House) -> None:
    postgres_house.ledger().close()
    postgres_house.execute("UPDATE meta SET value = ? WHERE key = 'schema'", str(VERSION + 1))
    for opening in (postgres_house.ledger, lambda: open_reader(postgres_house.url)):
        with pytest.raises(AuditUnavailable, match="use the newer gateway"):
            opening()


def test_an_older_store_is_read_once_it_was_brought_here(postgres_house: House) -> None:
    postgres_house.ledger().close()
    postgres_house.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    with pytest.raises(AuditUnavailable, match=r"has schema 1.*gateway check"):
        open_reader(postgres_house.url)


def test_the_index_of_an_older_store_is_merged_from_its_beginning(postgres_house: House) -> None:
    postgres_house.ledger().close()
    for statement in (
        "ALTER TABLE blocks DROP COLUMN records",
        "ALTER TABLE blocks RENAME COLUMN block TO number",
        "DROP TABLE merged",
        "DROP TABLE merging",
        "DELETE FROM migrations WHERE version > 2",
        "UPDATE meta SET value = '2' WHERE key = 'schema'",
    ):
        postgres_house.execute(statement)
    postgres_house.ledger().close()
    assert postgres_house.ask("SELECT * FROM merging ORDER BY level") == [(1, 0, 0), (2, 0, 0)]
    assert postgres_house.ask("SELECT max(version) FROM migrations") == [(VERSION,)]


def test_tables_of_others_are_left_alone(postgres_house: House) -> None:
    postgres_house.execute("CREATE TABLE meta (name text)")
    with pytest.raises(AuditUnavailable, match="no audit store"):
        postgres_house.ledger()
    found = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert postgres_house.ask(found) == [(1,)]


def test_what_fails_half_way_leaves_nothing(postgres_house: House) -> None:
    postgres_house.execute("CREATE TABLE holds (name text)")
    with pytest.raises(AuditUnavailable, match="42P07"):
        postgres_house.ledger()
    found = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert postgres_house.ask(found) == [(1,)]


def test_many_can_make_one_store_at_once(postgres_house: House) -> None:
    ids: list[str] = []

    def make() -> None:
        store = open_store(postgres_house.url, 10.0, "make")
        ids.append(store.id)
        store.close()

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert len(set(ids)) == 1
    found = postgres_house.ask("SELECT version FROM migrations ORDER BY version")
    assert found == [(version,) for version in sorted(STEPS)]


def test_a_store_lives_in_the_schema_that_its_url_names(postgres_house: House) -> None:
    postgres_house.execute("CREATE SCHEMA mine")
    url = f"{postgres_house.url}?options=-c%20search_path%3Dmine"
    first, second = (open_store(one, 5.0, "make") for one in (postgres_house.url, url))
    assert first.id != second.id
    for store, one in ((first, postgres_house.url), (second, url)):
        store.close()
        with open_reader(one) as reader:
            assert reader.store == store.id
