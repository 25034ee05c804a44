from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest

from gateway.audit.filters import Filters
from gateway.audit.ledger import Item, Ledger
from gateway.audit.query import event, events
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from gateway.audit.store.base import Batch, Store
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def test_a_writer_opens_numbers_densely_and_closes(any_house: House, new_record: NewRecord) -> None:
    ledger = any_house.ledger()
    for size in (1, 3, 2):
        ledger.commit([Item(new_record()) for _ in range(size)])
    ledger.close()
    with open_reader(any_house.url) as reader:
        rows = reader.rows("SELECT wseq, stage FROM records ORDER BY seq")
    assert rows == [(0, "writer.open"), *((n, "intent") for n in range(1, 7)), (7, "writer.close")]
    assert any_house.verify().ok


def test_the_first_record_names_keys_and_earlier_writers(any_house: House) -> None:
    first = any_house.ledger()
    first.close()
    second = any_house.ledger()
    (opened, *_) = events(any_house.url, Filters()).events
    assert opened["detail"]["log"] == "log.example"
    assert opened["detail"]["heads"] == {
        first.head.writer: [first.head.wseq, first.head.chain.hex()]
    }
    assert opened["writer"] == second.head.writer


def test_the_file_never_holds_what_is_sealed(house: House, new_record: NewRecord) -> None:
    ledger = house.ledger()
    secrets = [b"tell me a story about llamas", b"4111111111111111"]
    plaintext = orjson.dumps({"prompt": secrets[0].decode(), "matched": [secrets[1].decode()]})
    ledger.commit([Item(new_record(), plaintext), Item(new_record(), plaintext)])
    written = b"".join(file.read_bytes() for file in house.folder.glob("audit.db*"))
    ledger.close()
    written += house.path.read_bytes()
    assert b"CREDIT_CARD" in written
    for secret in secrets:
        assert secret not in written
    assert house.verify().opened == 2


def test_the_file_is_for_its_owner_only(house: House) -> None:
    house.ledger()
    assert {file.stat().st_mode & 0o777 for file in house.folder.glob("audit.db*")} == {0o600}


def test_a_batch_that_fails_leaves_no_hole(any_house: House, new_record: NewRecord) -> None:
    ledger, twice = any_house.ledger(), new_record()
    ledger.commit([Item(twice, b"{}")])
    with pytest.raises(AuditUnavailable, match="id or number is there already"):
        ledger.commit([Item(new_record(), b"{}"), Item(twice, b"{}")])
    ledger.commit([Item(new_record(), b"{}")])
    assert ledger.head.wseq == 2
    assert event(any_house.url, twice.id) is not None
    assert any_house.verify().ok


def test_a_record_that_makes_no_header_is_refused(any_house: House, new_record: NewRecord) -> None:
    ledger = any_house.ledger()
    with pytest.raises(AuditUnavailable, match="a record cannot be written: ValueError"):
        ledger.commit([Item(new_record(id="no id"))])
    ledger.commit([Item(new_record())])
    assert ledger.head.wseq == 1


def test_a_commit_that_failed_late_but_was_stored_is_taken_over(
    any_house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = any_house.ledger()
    store = ledger._store
    assert store is not None
    write = store.write

    def write_and_fail(batch: object) -> None:
        write(batch)  # type: ignore[arg-type]
        raise AuditUnavailable("power cut at the wrong moment")

    monkeypatch.setattr(store, "write", write_and_fail)
    with pytest.raises(AuditUnavailable, match="power cut"):
        ledger.commit([Item(new_record())])
    assert ledger.head.wseq == 0
    ledger.commit([Item(new_record())])
    assert ledger.head.wseq == 2
    assert any_house.verify().ok


def test_a_commit_that_was_given_up_and_stored_after_the_next_was_tried_is_taken_over(
    any_house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a database that was frozen: it still finishes what waits in its buffers."""
    told: list[str] = []
    ledger = any_house.ledger(on_incident=told.append)
    writer = ledger.head.writer
    given_up: list[Batch] = []

    def fail(_store: Store, batch: Batch) -> None:
        given_up.append(batch)
        raise AuditUnavailable("no answer")

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(type(ledger._ready()), "write", fail)
            with pytest.raises(AuditUnavailable, match="no answer"):
                ledger.commit([Item(new_record())])
    with closing(open_store(any_house.url, any_house.busy, "open")) as late:
        late.write(given_up[0])
    ledger.commit([Item(new_record())])
    assert (ledger.head.writer, ledger.head.wseq, told) == (writer, 2, [])
    ledger.close()
    assert any_house.verify().ok


def test_a_deleted_store_is_noticed_and_its_loss_recorded(
    house: House, new_record: NewRecord
) -> None:
    told: list[str] = []
    ledger = house.ledger(on_incident=told.append)
    ledger.commit([Item(new_record())])
    lost = ledger.head
    house.path.unlink()
    with pytest.raises(AuditUnavailable, match="gone"):
        ledger.commit([Item(new_record())])
    ledger.commit([Item(new_record())])
    assert told == ["the store's file is gone; a new writer begins after record 1"]
    (opened,) = [e for e in events(house.url, Filters()).events if e["stage"] == "writer.open"]
    assert opened["detail"]["former"] == {
        "writer": lost.writer,
        "wseq": 1,
        "chain": lost.chain.hex(),
        "reason": "the store's file is gone",
    }
    assert ledger.head.writer != lost.writer
    report = house.verify()
    assert report.ok
    assert any(lost.writer in note for note in report.notes)


def test_a_deleted_log_beside_the_store_is_noticed(house: House, new_record: NewRecord) -> None:
    ledger = house.ledger()
    (house.folder / "audit.db-wal").unlink()
    with pytest.raises(AuditUnavailable, match="gone"):
        ledger.commit([Item(new_record())])


def test_a_store_replaced_by_an_older_copy_of_itself_is_noticed(
    house: House, new_record: NewRecord
) -> None:
    house.ledger().close()
    copy = house.folder / "copy.db"
    shutil.copy(house.path, copy)
    ledger = house.ledger()
    ledger.commit([Item(new_record())])
    copy.replace(house.path)
    with pytest.raises(AuditUnavailable, match="replaced"):
        ledger.commit([Item(new_record())])
    for name in ("audit.db-wal", "audit.db-shm"):
        (house.folder / name).unlink(missing_ok=True)
    ledger.commit([Item(new_record())])
    assert any("replaced" in note for note in house.verify().notes)


def test_rows_cut_off_while_the_store_was_closed_start_a_new_writer(
    house: House, new_record: NewRecord
) -> None:
    told: list[str] = []
    ledger = house.ledger(on_incident=told.append)
    ledger.commit([Item(new_record())])
    with closing(sqlite3.connect(house.path)) as tamper, tamper:
        tamper.execute("UPDATE writers SET wseq = 0")
    tamper.close()
    with pytest.raises(AuditUnavailable):
        ledger.commit([Item(new_record(id="no id"))])
    ledger.commit([Item(new_record())])
    assert "does not hold this writer's last record" in told[0]
    assert not house.verify().ok


def test_a_store_whose_folder_vanished_is_not_made_elsewhere(
    house: House, new_record: NewRecord
) -> None:
    folder = house.folder / "data"
    ledger = Ledger(f"sqlite:///{folder}/audit.db", house.keys, 0.2)
    house.ledgers.append(ledger)
    folder.rename(house.folder / "unmounted")
    for _ in range(2):
        with pytest.raises(AuditUnavailable, match="gone"):
            ledger.commit([Item(new_record())])
    assert not folder.exists()
    folder.mkdir()
    ledger.commit([Item(new_record())])


def test_a_look_around_recovers(house: House) -> None:
    ledger = house.ledger()
    ledger.check()
    first = ledger.head.writer
    house.path.unlink()
    ledger.check()
    assert ledger.head.writer != first
    assert house.verify().ok


def test_a_writer_that_the_log_has_closed_is_followed_by_another(
    any_house: House, new_record: Callable[..., Record]
) -> None:
    told: list[str] = []
    ledger = any_house.ledger(on_incident=told.append)
    first = ledger.head.writer
    any_house.execute("UPDATE writers SET closed = 1")
    with pytest.raises(AuditUnavailable, match="has closed this writer"):
        ledger.commit([Item(new_record())])
    ledger.commit([Item(new_record())])
    assert ledger.head.writer != first
    assert ledger.head.wseq == 1
    assert "has closed this writer" in told[0]
    ledger.close()
    assert any_house.verify().ok


def test_an_idle_writer_gives_signs_of_life(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = any_house.ledger()
    any_house.execute("UPDATE writers SET seen = 0")
    ledger.check()
    assert _seen(any_house) == 0
    monkeypatch.setattr("gateway.audit.ledger._SIGN", 0.0)
    ledger.check()
    assert _seen(any_house) > 0
    any_house.execute("UPDATE writers SET closed = 1")
    first = ledger.head.writer
    ledger.check()
    assert ledger.head.writer != first
    ledger.close()


def _seen(house: House) -> int:
    with open_reader(house.url) as reader:
        return int(reader.rows("SELECT seen FROM writers")[0][0])
