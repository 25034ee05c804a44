from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from small_disk import small_disk

from gateway.audit.ledger import Item, Ledger
from gateway.audit.store.base import StoreGone
from gateway.audit.store.migrations import VERSION
from gateway.audit.store.sqlite import SqliteStore
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


@pytest.mark.parametrize("name", ["with space.db", "50%25.db", "a?b#c.db", "ü.db"])
def test_any_file_name_will_do(house: House, name: str) -> None:
    Ledger(f"sqlite:///{house.folder / name}", house.keys, 0.2).close()
    assert (house.folder / name).is_file()


def test_a_locked_store_refuses_in_time_and_works_again(
    house: House, new_record: NewRecord
) -> None:
    ledger = house.ledger()
    with closing(sqlite3.connect(house.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditUnavailable, match="locked by another process"):
            ledger.commit([Item(new_record())])
        with pytest.raises(AuditUnavailable, match="locked by another process"):
            ledger.commit([Item(new_record())])
    ledger.commit([Item(new_record())])
    assert ledger.head.wseq == 1
    assert house.verify().ok


def test_a_full_disk_refuses_and_works_again(house: House, new_record: NewRecord) -> None:
    with small_disk(house.folder / "disk") as disk:
        ledger = Ledger(f"sqlite:///{disk}/audit.db", house.keys, 0.2)

        def fill() -> None:
            for _ in range(100):
                ledger.commit([Item(new_record(), bytes(20_000))])

        with pytest.raises(AuditUnavailable, match="disk"):
            fill()
        reached = ledger.head.wseq
        with pytest.raises(AuditUnavailable, match="disk"):
            ledger.commit([Item(new_record(), bytes(20_000))])
        grow = ["mount", "-o", "remount,size=4m", str(disk)]
        subprocess.run(grow, check=True)
        ledger.commit([Item(new_record(), bytes(20_000))])
        assert ledger.head.wseq == reached + 1
        ledger.close()
        (disk / "audit.db").replace(disk / "copy.db")
        house.path.write_bytes((disk / "copy.db").read_bytes())
    assert house.verify().ok


def test_a_disk_that_became_read_only_refuses_and_works_again(
    house: House, new_record: NewRecord
) -> None:
    with small_disk(house.folder / "disk") as disk:
        ledger = Ledger(f"sqlite:///{disk}/audit.db", house.keys, 0.2)
        ledger.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(AuditUnavailable, match=r"read-only|cannot be opened"):
            ledger.commit([Item(new_record())])
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        ledger.commit([Item(new_record())])
        ledger.close()


def test_too_many_pages_are_a_full_disk(house: House, new_record: NewRecord) -> None:
    ledger = house.ledger()
    store = ledger._store
    assert store is not None
    assert isinstance(store, SqliteStore)
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(AuditUnavailable, match="the disk is full"):
        ledger.commit([Item(new_record(), bytes(500_000))])
    ledger.commit([Item(new_record())])
    assert house.verify().ok


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of somebody who is not root, and a test that runs as that somebody."""
    nobody = 65534
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() != 0:
            yield folder
            return
        os.chown(folder, nobody, nobody)
        os.seteuid(nobody)
        try:
            yield folder
        finally:
            os.seteuid(0)


def test_a_file_that_may_not_be_written_refuses_and_works_again(
    house: House, unprivileged: Path, new_record: NewRecord
) -> None:
    path = unprivileged / "audit.db"
    ledger = Ledger(f"sqlite:///{path}", house.keys, 0.2)
    ledger.close()
    path.chmod(0o400)
    with pytest.raises(AuditUnavailable, match="read-only"):
        ledger.commit([Item(new_record())])
    path.chmod(0o600)
    ledger.commit([Item(new_record())])
    ledger.close()


def test_a_newer_store_is_refused_in_words(house: House) -> None:
    house.ledger().close()
    with closing(sqlite3.connect(house.path)) as newer, newer:
        newer.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(VERSION + 1),))
    newer.close()
    with pytest.raises(AuditUnavailable, match="use the newer gateway"):
        house.ledger()


def test_another_database_is_left_alone(house: House) -> None:
    with closing(sqlite3.connect(house.path)) as other, other:
        other.execute("CREATE TABLE customers (name TEXT)")
    other.close()
    with pytest.raises(AuditUnavailable, match="no audit store"):
        house.ledger()
    with closing(sqlite3.connect(house.path)) as other:
        tables = other.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("customers",)]


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + bytes(4080)])
def test_a_file_of_another_kind_is_refused(house: House, content: bytes) -> None:
    house.path.write_bytes(content)
    with pytest.raises(AuditUnavailable, match=r"no SQLite database|damaged|no audit store"):
        house.ledger()


def test_a_folder_is_no_store(house: House) -> None:
    house.path.mkdir()
    with pytest.raises(AuditUnavailable):
        house.ledger()


def test_a_missing_file_is_made_only_when_asked(house: House) -> None:
    with pytest.raises(StoreGone):
        SqliteStore(house.path, 0.2, "open")
    assert not house.path.exists()


def test_many_writers_can_begin_at_once_and_share_a_store(
    house: House, new_record: NewRecord
) -> None:
    def work() -> None:
        ledger = house.ledger(busy=10)
        for _ in range(10):
            ledger.commit([Item(new_record(), b"{}")])
        ledger.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = house.verify()
    assert report.ok
    assert [writer.stands for writer in report.writers] == [(0, 11)] * 6


def test_the_log_beside_the_store_is_moved_into_it(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.store.sqlite._CHECKPOINT_BYTES", 100_000)
    ledger = house.ledger()
    for _ in range(30):
        ledger.commit([Item(new_record(), bytes(50_000))])
        ledger.tidy()
    assert house.path.stat().st_size > 1_000_000
    assert (house.folder / "audit.db-wal").stat().st_size < 600_000


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_a_large_sealed_part_has_no_second_place_in_memory(
    house: House, new_record: NewRecord
) -> None:
    size = 16 * 2**20
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(new_record(), b"something")])
        item = Item(new_record(), bytearray(size))
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
        before = _most_resident()
        ledger.commit([item])
        assert _most_resident() - before < size // 2


def _most_resident() -> int:
    """Bytes of this process that were in memory at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
