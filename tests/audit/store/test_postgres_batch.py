from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from gateway.audit.binding import Subject
from gateway.audit.chain import GENESIS
from gateway.audit.head import Head
from gateway.audit.ledger import Item
from gateway.audit.record import Record
from gateway.audit.seal import Salt
from gateway.audit.store.base import Batch, Entry, SaltsErased, StoreGone, WriterClosed
from gateway.audit.store.postgres import PostgresStore
from gateway.audit.store.postgres_batch import is_small
from gateway.audit.store.schema import columns
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.store.base import Work
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_ALICE = Subject("alice", "https://id.example", "acme")


def _batch(first: int, count: int = 1, **changes: Any) -> Batch:
    entries = []
    sealed, segment = (b"sealed", "segment") if "erasures" in changes else (None, None)
    for wseq in range(first, first + count):
        record = Record("intent")
        header = record.header("one", wseq)
        raw = record.to_header("one", wseq)
        entries.append(Entry(record.id, wseq, raw, GENESIS, columns(header), sealed, segment))
    head = Head("one", first + count - 1, GENESIS)
    return Batch(entries, changes.pop("segments", {}), head, "note", **changes)


@pytest.fixture
def store(postgres_house: House) -> Iterator[PostgresStore]:
    """A store whose writer has written its first record."""
    with closing(PostgresStore(postgres_house.url, 5.0, "make")) as opened:
        opened.write(_batch(0, segments={"segment": b"envelope"}, erasures=0))
        yield opened


def test_small_and_large_batches_leave_the_same_rows(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger()
    for count in (1, 1, 16, 17, 40, 2):
        items = [
            Item(new_record(model=f"m{number}"), None if number % 3 else bytearray(b"text"))
            for number in range(count)
        ]
        ledger.commit(items)
    ledger.commit([Item(new_record(), bytes(300_000))])
    report = postgres_house.verify()
    assert (report.ok, report.records, report.opened) == (True, 79, 30)
    counted = "SELECT count(*) FROM salts"
    assert postgres_house.ask(counted) == [(1,)]


def test_a_small_batch_has_nothing_that_must_be_numbered_first() -> None:
    assert is_small(_batch(1, 16))
    for large in (
        _batch(1, 17),
        _batch(0, 1),
        _batch(1, 1, segments={"a": b""}),
        _batch(1, 1, also=lambda _: None),
        Batch([], {}, Head("one", 3, GENESIS), "note"),
    ):
        assert not is_small(large)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE writers SET closed = 1", WriterClosed),
        ("UPDATE writers SET wseq = 7", AuditUnavailable),
        ("UPDATE meta SET value = '0011223344556677' WHERE key = 'store'", StoreGone),
        ("UPDATE meta SET value = '1' WHERE key = 'erasures'", SaltsErased),
        ("DELETE FROM writers", AuditUnavailable),
    ],
)
def test_nothing_is_written_where_the_store_is_not_as_it_was_left(
    postgres_house: House, store: PostgresStore, statement: str, kind: type[Exception]
) -> None:
    postgres_house.execute("ALTER TABLE segments DROP CONSTRAINT segments_writer_fkey")
    postgres_house.execute(statement)
    with pytest.raises(kind) as caught:
        store.write(_batch(1, erasures=0))
    assert caught.type is kind
    assert postgres_house.ask("SELECT count(*) FROM entries") == [(1,)]
    assert postgres_house.ask("SELECT count(*) FROM parts") == [(1,)]


def test_a_batch_without_sealed_parts_does_not_mind_erasures(
    postgres_house: House, store: PostgresStore
) -> None:
    postgres_house.execute("UPDATE meta SET value = '5' WHERE key = 'erasures'")
    store.write(_batch(1))
    assert store.erasures == 5


@pytest.mark.parametrize("count", [1, 20])
def test_whoever_seals_while_somebody_is_erased_seals_anew(
    postgres_house: House, store: PostgresStore, count: int
) -> None:
    """An erasure that did not see a salt, and a batch that did not see the erasure, would let the
    salt live on."""
    salt = Salt("segment", _ALICE, b"sealed salt")
    with psycopg.connect(postgres_house.url) as eraser:
        eraser.execute("SELECT pg_advisory_xact_lock(7166071507)")
        eraser.execute("LOCK TABLE salts IN SHARE ROW EXCLUSIVE MODE")
        caught: list[BaseException] = []

        def seal() -> None:
            try:
                store.write(_batch(1, count, salts=(salt,), erasures=0))
            except AuditUnavailable as error:
                caught.append(error)

        sealing = threading.Thread(target=seal)
        sealing.start()
        sealing.join(0.3)
        assert sealing.is_alive()
        eraser.execute("DELETE FROM salts")
        eraser.execute("UPDATE meta SET value = '1' WHERE key = 'erasures'")
        eraser.commit()
        sealing.join()
    assert [type(error) for error in caught] == [SaltsErased]
    assert postgres_house.ask("SELECT count(*) FROM salts") == [(0,)]
    store.write(_batch(1, count, salts=(salt,), erasures=1))
    assert postgres_house.ask("SELECT subject FROM salts") == [("alice",)]


@pytest.mark.parametrize("count", [1, 20])
def test_an_erasure_waits_for_whoever_seals(
    postgres_house: House, store: PostgresStore, count: int
) -> None:
    with (
        closing(PostgresStore(postgres_house.url, 5.0, "open")) as other,
        psycopg.connect(postgres_house.url) as blocker,
    ):
        # Holds up the batch in the middle: its first record's number is taken and not decided.
        first = _batch(1, count, salts=(Salt("segment", _ALICE, b"s"),), erasures=0)
        blocker.execute("INSERT INTO parts VALUES (%s, 1, '')", (first.entries[0].id,))
        sealing = threading.Thread(target=store.write, args=(first,))
        sealing.start()
        sealing.join(0.3)
        deleted: list[int] = []

        def delete(work: Work) -> None:
            deleted.append(work.run("DELETE FROM salts WHERE subject = ?", ("alice",)))

        def erase() -> None:
            record = Record("audit.erased")
            raw = record.to_header("two", 0)
            entry = Entry(record.id, 0, raw, GENESIS, columns(record.header("two", 0)), None, None)
            other.write(Batch([entry], {}, Head("two", 0, GENESIS), "note", also=delete))

        erasing = threading.Thread(target=erase)
        erasing.start()
        erasing.join(0.3)
        assert sealing.is_alive()
        assert erasing.is_alive()
        blocker.rollback()
        sealing.join()
        erasing.join()
    assert deleted == [1]
