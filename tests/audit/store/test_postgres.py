from __future__ import annotations

import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from postgres_server import run_postgres
from small_disk import fill, small_disk

from gateway.audit.chain import GENESIS
from gateway.audit.filters import Filters
from gateway.audit.head import Head
from gateway.audit.ledger import Item
from gateway.audit.query import events
from gateway.audit.store.base import Batch, StoreGone
from gateway.audit.store.opening import open_reader
from gateway.audit.store.postgres import PostgresStore
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_server import PostgresServer

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _batch(writer: str, wseq: int = -1) -> Batch:
    return Batch([], {}, Head(writer, wseq, GENESIS), "note")


def test_what_is_sealed_is_never_sent_in_clear(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger()
    for _ in range(2):
        ledger.commit([Item(new_record(), b"tell me a story about llamas")])
    written = postgres_house.ask("SELECT string_agg(p.*::text, '') FROM parts p")[0][0]
    assert b"tell me a story".hex() not in written
    assert len(written) > 100
    assert postgres_house.verify().opened == 2


def test_a_store_whose_tables_are_gone_is_begun_anew_and_the_loss_recorded(
    postgres_house: House, new_record: NewRecord
) -> None:
    told: list[str] = []
    ledger = postgres_house.ledger(on_incident=told.append)
    ledger.commit([Item(new_record())])
    lost = ledger.head
    postgres_house.remove()
    with pytest.raises(StoreGone, match="tables are gone"):
        ledger.commit([Item(new_record())])
    ledger.commit([Item(new_record())])
    assert told == ["the store's tables are gone; a new writer begins after record 1"]
    (opened,) = [e for e in events(postgres_house.url, Filters()).events if e["wseq"] == 0]
    assert opened["detail"]["former"]["writer"] == lost.writer
    report = postgres_house.verify()
    assert report.ok
    assert any(lost.writer in note for note in report.notes)


@pytest.mark.parametrize("act", ["write", "alive", "check"])
def test_another_store_in_its_place_is_noticed(postgres_house: House, act: str) -> None:
    with closing(PostgresStore(postgres_house.url, 2.0, "make")) as store:
        store.write(_batch("one"))
        postgres_house.execute("UPDATE meta SET value = '0011223344556677' WHERE key = 'store'")
        acts = {
            "write": lambda: store.write(_batch("one")),
            "alive": lambda: store.alive("one"),
            "check": store.check,
        }
        with pytest.raises(StoreGone, match="replaced"):
            acts[act]()


def test_a_database_that_is_missing_is_not_made(postgres_house: House) -> None:
    url = postgres_house.url + "x"
    for opening in ("make", "again", "open"):
        with pytest.raises(AuditUnavailable, match="no such database") as caught:
            PostgresStore(url, 1.0, opening)
        assert not isinstance(caught.value, StoreGone)


def test_rows_cut_off_start_a_new_writer(postgres_house: House, new_record: NewRecord) -> None:
    told: list[str] = []
    ledger = postgres_house.ledger(on_incident=told.append)
    ledger.commit([Item(new_record())])
    postgres_house.execute("UPDATE writers SET wseq = 0")
    with pytest.raises(AuditUnavailable, match="not stand where this writer left it"):
        ledger.commit([Item(new_record())])
    ledger.commit([Item(new_record())])
    assert "does not hold this writer's last record" in told[0]
    assert not postgres_house.verify().ok


def test_a_batch_that_the_server_finishes_late_numbers_nothing_twice(
    postgres_house: House,
) -> None:
    """The client gave up on the first connection; its transaction goes on."""
    url = postgres_house.url
    with (
        closing(PostgresStore(url, 5.0, "make")) as first,
        closing(PostgresStore(url, 5.0, "open")) as second,
    ):
        first.write(_batch("one"))
        first._link.execute("BEGIN")
        first._number(_batch("one"))
        reached: list[object] = []
        asking = threading.Thread(target=lambda: reached.append(second.head("one")))
        asking.start()
        time.sleep(0.2)
        assert reached == []
        first._link.execute("UPDATE writers SET wseq = 3 WHERE id = 'one'")
        first._link.execute("COMMIT")
        asking.join()
        assert reached == [(3, GENESIS)]
        with pytest.raises(AuditUnavailable, match="not stand where"):
            second.write(_batch("one"))


def test_a_server_that_was_stopped_is_gone_on_with(
    own_postgres: PostgresServer, house_on: Callable[..., House], new_record: NewRecord
) -> None:
    house = house_on(own_postgres)
    ledger = house.ledger(busy=1.0)
    ledger.commit([Item(new_record(), b"{}")])
    assert house.server is not None
    house.server.stop("immediate")
    for _ in range(2):
        with pytest.raises(AuditUnavailable, match=r"stopped|lost|reached"):
            ledger.commit([Item(new_record(), b"{}")])
    house.server.start()
    ledger.commit([Item(new_record(), b"{}")])
    assert ledger.head.wseq == 2
    report = house.verify()
    assert (report.ok, len(report.writers), report.opened) == (True, 1, 2)


def test_a_server_that_is_frozen_is_refused_in_time_and_gone_on_with(
    own_postgres: PostgresServer, house_on: Callable[..., House], new_record: NewRecord
) -> None:
    house = house_on(own_postgres)
    ledger = house.ledger(busy=0.5)
    ledger.commit([Item(new_record())])
    assert house.server is not None
    house.server.freeze()
    began = time.monotonic()
    with pytest.raises(AuditUnavailable, match="does not answer in time"):
        ledger.commit([Item(new_record())])
    assert time.monotonic() - began < 1
    with pytest.raises(AuditUnavailable, match="does not answer in time"):
        ledger.commit([Item(new_record())])
    house.server.thaw()
    ledger.commit([Item(new_record())])
    writer = ledger.head.writer
    ledger.commit([Item(new_record())])
    assert ledger.head.writer == writer
    assert house.verify().ok


def test_a_full_disk_refuses_and_works_again(
    house_on: Callable[..., House], new_record: NewRecord
) -> None:
    # Not below the tests' own folder: the server's user must reach it.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        with small_disk(Path(name) / "disk", "100m") as disk, run_postgres(disk) as server:
            disk.chmod(0o755)
            house = house_on(server)
            ledger = house.ledger(busy=5.0)
            ledger.commit([Item(new_record())])
            writer, full = ledger.head.writer, fill(disk)
            with pytest.raises(AuditUnavailable, match="the disk is full"):
                ledger.commit([Item(new_record(), bytes(20_000)) for _ in range(100)])
            with pytest.raises(AuditUnavailable, match="the disk is full"):
                ledger.commit([Item(new_record(), bytes(2_000_000))])
            full.unlink()
            ledger.commit([Item(new_record(), bytes(20_000))])
            assert (ledger.head.writer, ledger.head.wseq) == (writer, 2)
            ledger.close()
            assert house.verify().ok


@pytest.mark.parametrize(
    ("setting", "words"),
    [("synchronous_commit", "before it has written"), ("default_transaction_read_only", "read-on")],
)
def test_a_server_that_keeps_nothing_is_refused(
    postgres_house: House, setting: str, words: str
) -> None:
    postgres_house.ledger().close()
    value = "on" if "read_only" in setting else "off"
    postgres_house.execute(f"ALTER DATABASE {postgres_house.database} SET {setting} = {value}")
    with pytest.raises(AuditUnavailable, match=words):
        postgres_house.ledger()


def test_touching_needs_the_right_to_write(postgres_house: House) -> None:
    with closing(PostgresStore(postgres_house.url, 1.0, "make")) as store:
        store.touch()
        store._link.execute("SET default_transaction_read_only = on")
        with pytest.raises(AuditUnavailable, match="read-only"):
            store.touch()


def test_partitions_are_there_before_they_are_needed(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger()
    old, far = "00000000-0001-7000-8000-000000000000", "7fffffff-ffff-7000-8000-000000000000"
    ledger.commit([Item(new_record()), Item(new_record(id=old)), Item(new_record(id=far))])
    found = postgres_house.ask(
        "SELECT tableoid::regclass::text, count(*) FROM entries GROUP BY 1 ORDER BY 1"
    )
    month = time.strftime("%Y%m", time.gmtime())
    assert found == [(f"entries_{month}", 2), ("entries_other", 2)]
    made = "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'"
    assert postgres_house.ask(made) == [(8,)]
    assert [e["id"] for e in events(postgres_house.url, Filters()).events][:1] == [far]
    postgres_house.order()
    assert postgres_house.verify().ok


def test_a_month_whose_records_stand_elsewhere_gets_no_partition(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger()
    month = time.strftime("%Y%m", time.gmtime())
    for table in ("entries", "parts"):
        postgres_house.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_{month}")
        postgres_house.execute(f"DROP TABLE {table}_{month}")
    ledger.commit([Item(new_record())])
    postgres_house.execute("SELECT make_partitions(1)")
    assert postgres_house.ask(f"SELECT to_regclass('entries_{month}')::text") == [(None,)]
    assert postgres_house.ask(f"SELECT to_regclass('parts_{month}')::text") == [(f"parts_{month}",)]
    ledger.commit([Item(new_record())])


def test_many_writers_can_begin_at_once_and_share_a_store(
    postgres_house: House, new_record: NewRecord
) -> None:
    def work() -> None:
        ledger = postgres_house.ledger(busy=10)
        for _ in range(10):
            ledger.commit([Item(new_record(), b"{}")])
        ledger.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = postgres_house.verify()
    assert report.ok
    assert [writer.stands for writer in report.writers] == [(0, 11)] * 6


def test_a_reader_sees_nothing_that_is_not_ordered(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger()
    with psycopg.connect(postgres_house.url) as other:
        other.execute("SELECT FROM ordering WHERE id = 1 FOR UPDATE")
        ledger.commit([Item(new_record())])
        with open_reader(postgres_house.url) as reader:
            assert reader.rows("SELECT count(*) FROM records") == [(1,)]
            assert reader.rows("SELECT wseq FROM writers") == [(0,)]
        assert postgres_house.verify().ok
    ledger.tidy()
    assert postgres_house.verify().records == 2
