"""The log is read in its order, without holding the store, and resumed without a gap."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.audit.blind import BlindIndex, Value
from gateway.audit.cursor import Cursor
from gateway.audit.exports import reading
from gateway.audit.exports.reading import after_of, stored
from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _filled(house: House, new_record: NewRecord) -> House:
    ledger = house.ledger()
    ledger.commit([Item(new_record(model=f"m{number}")) for number in range(20)])
    return house


@pytest.fixture
def full(house: House, new_record: NewRecord) -> House:
    return _filled(house, new_record)


@pytest.fixture
def any_full(any_house: House, new_record: NewRecord) -> House:
    return _filled(any_house, new_record)


def test_every_record_comes_once_in_the_order_of_the_log(
    any_full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    with open_reader(any_full.url) as reader:
        found = list(stored(reader, Filters()))
    assert [one.seq for one in found] == list(range(1, 22))
    assert [one.header["model"] for one in found[1:]] == [f"m{number}" for number in range(20)]


def test_reading_goes_on_after_any_record(any_full: House) -> None:
    with open_reader(any_full.url) as reader:
        whole = list(stored(reader, Filters()))
        for one in whole:
            cursor = str(Cursor(reader.store, one.seq))
            rest = list(stored(reader, Filters(), after_of(reader.store, cursor)))
            assert rest == whole[one.seq :]
        assert after_of(reader.store, None) == 0


def test_filters_hold(any_full: House) -> None:
    with open_reader(any_full.url) as reader:
        (one,) = stored(reader, Filters(model="m7", role="analyst"))
        assert list(stored(reader, Filters(model="m7", role="none"))) == []
        assert one.header["model"] == "m7"
        assert list(stored(reader, Filters(model="m7"), one.seq)) == []


def test_the_store_is_not_held_between_pages(
    full: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 5)
    with open_reader(full.url) as reader:
        found = stored(reader, Filters())
        first = next(found)
        full.ledger().commit([Item(new_record(model="late"))])
        with closing(sqlite3.connect(full.path)) as other:
            (busy, _, _) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0
        rest = [one.header["model"] for one in found]
    assert first.seq == 1
    assert rest[-1] == "late"


@pytest.mark.parametrize("cursor", ["", "x", "-", "0123456789abcdef-", "0123456789abcdef-٣"])
def test_a_cursor_that_is_none_is_refused(full: House, cursor: str) -> None:
    with open_reader(full.url) as reader, pytest.raises(BadRequest, match="cursor"):
        after_of(reader.store, cursor)


def test_a_cursor_of_another_store_is_refused(full: House) -> None:
    with open_reader(full.url) as reader, pytest.raises(BadRequest, match="another store"):
        after_of(reader.store, f"{'0' * 16}-3")


def test_a_damaged_record_is_not_exported_as_if_it_were_one(full: House) -> None:
    with closing(sqlite3.connect(full.path)) as tamper:
        tamper.execute("UPDATE records SET header = '[]' WHERE seq = 4")
        tamper.commit()
    with open_reader(full.url) as reader, pytest.raises(AuditUnavailable, match="damaged"):
        list(stored(reader, Filters()))


def test_memory_does_not_grow_with_the_log(any_house: House, new_record: NewRecord) -> None:
    ledger = any_house.ledger()
    for _ in range(10):
        ledger.commit([Item(new_record()) for _ in range(1000)])
    tracemalloc.start()
    try:
        with open_reader(any_house.url) as reader:
            count = sum(1 for _ in stored(reader, Filters()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 10_001
    # All of the headers together are 9 MiB, and several times that once they are parsed.
    assert peak < 3 * 2**20


def test_what_retention_took_out_is_passed_over(full: House) -> None:
    full.execute("UPDATE records SET stage = 'pruned', header = zeroblob(32) WHERE seq < 5")
    with open_reader(full.url) as reader:
        assert [one.seq for one in stored(reader, Filters())] == list(range(5, 22))


def test_a_value_is_found_in_the_order_of_the_log(
    any_house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    blind = BlindIndex(bytes(range(32)))
    ledger = replace(any_house, keys=replace(any_house.keys, index=blind)).ledger()
    value = (Value("alice@example.com"),)
    for number in range(9):
        ledger.commit([Item(new_record(model=f"m{number}"), b"{}", value if number % 2 else ())])
    with open_reader(any_house.url) as reader:
        found = list(stored(reader, Filters(), 0, blind.search("Alice@example.com").all))
        assert [one.header["model"] for one in found] == ["m1", "m3", "m5", "m7"]
        narrowed = stored(reader, Filters(model="m3"), 0, blind.search("alice@example.com").all)
        assert [one.seq for one in narrowed] == [found[1].seq]
        assert list(stored(reader, Filters(), 0, blind.search("bob@example.com").all)) == []
