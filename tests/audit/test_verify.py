from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.audit.chain import link
from gateway.audit.filters import parse_time
from gateway.audit.keys import create_keys, load_verifiers
from gateway.audit.ledger import Item
from gateway.audit.verify import verify
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from gateway.audit.report import Report
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]
    Tamper = Callable[[sqlite3.Connection, int], None]

_RECORDS = 12


def _fill(house: House, new_record: NewRecord, writers: int = 1) -> None:
    """Each writer has records 0 (open) to 12 (close), a sealed part in 1 to 11."""
    for _ in range(writers):
        ledger = house.ledger()
        for number in range(1, _RECORDS):
            plaintext = orjson.dumps({"prompt": f"text {number}"})
            ledger.commit([Item(new_record(model=f"model-{number}"), plaintext)])
        ledger.close()


def _tamper(house: House, act: Callable[[sqlite3.Connection], object]) -> None:
    with closing(sqlite3.connect(house.path)) as connection:
        act(connection)
        connection.commit()


def _edit(db: sqlite3.Connection, n: int) -> None:
    (header,) = db.execute("SELECT header FROM records WHERE wseq = ?", (n,)).fetchone()
    header = header.replace(b"intent", b"1ntent").replace(b"writer.", b"wr1ter.")
    db.execute("UPDATE records SET header = ? WHERE wseq = ?", (header, n))


def _delete(db: sqlite3.Connection, n: int) -> None:
    db.execute("DELETE FROM sealed WHERE seq = (SELECT seq FROM records WHERE wseq = ?)", (n,))
    db.execute("DELETE FROM records WHERE wseq = ?", (n,))


def _truncate(db: sqlite3.Connection, n: int) -> None:
    db.execute("DELETE FROM sealed WHERE seq IN (SELECT seq FROM records WHERE wseq >= ?)", (n,))
    db.execute("DELETE FROM records WHERE wseq >= ?", (n,))


def _truncate_with_its_head(db: sqlite3.Connection, n: int) -> None:
    _truncate(db, n)
    db.execute(
        "UPDATE writers SET wseq = ?, chain = coalesce("
        "(SELECT chain FROM records ORDER BY wseq DESC LIMIT 1), x'00')",
        (n - 1,),
    )


def _delete_and_close_the_gap(db: sqlite3.Connection, n: int) -> None:
    _delete(db, n)
    db.execute("UPDATE records SET wseq = wseq - 1 WHERE wseq > ?", (n,))


def _insert(db: sqlite3.Connection, n: int) -> None:
    db.execute("UPDATE records SET wseq = -wseq - 1 WHERE wseq >= ?", (n,))
    db.execute("UPDATE records SET wseq = -wseq, seq = seq + 100 WHERE wseq < 0")
    db.execute(
        "INSERT INTO records (seq, id, writer, wseq, header, chain, stage)"
        " SELECT 50, 'x', writer, ?, header, chain, stage FROM records LIMIT 1",
        (n,),
    )


def _swap(db: sqlite3.Connection, n: int) -> None:
    other = n - 1 if n else 1
    one, two = (
        db.execute("SELECT header, chain, id FROM records WHERE wseq = ?", (k,)).fetchone()
        for k in (n, other)
    )
    db.execute("UPDATE records SET id = 'x' WHERE wseq = ?", (other,))
    for k, row in ((n, two), (other, one)):
        db.execute("UPDATE records SET header = ?, chain = ?, id = ? WHERE wseq = ?", (*row, k))


def _swap_cursors(db: sqlite3.Connection, n: int) -> None:
    other = n - 1 if n else 1
    (one,), (two,) = (
        db.execute("SELECT seq FROM records WHERE wseq = ?", (k,)).fetchone() for k in (n, other)
    )
    db.execute("UPDATE records SET seq = 99 WHERE wseq = ?", (n,))
    db.execute("UPDATE records SET seq = ? WHERE wseq = ?", (one, other))
    db.execute("UPDATE records SET seq = ? WHERE wseq = ?", (two, n))


def _chain(db: sqlite3.Connection, n: int) -> None:
    db.execute("UPDATE records SET chain = ? WHERE wseq = ?", (bytes(32), n))


def _column(db: sqlite3.Connection, n: int) -> None:
    db.execute("UPDATE records SET subject = 'mallory' WHERE wseq = ?", (n,))


def _rechain(db: sqlite3.Connection, n: int, until: int = _RECORDS) -> None:
    """Changes a record and makes every later link fit, as one can who holds no key."""
    rows = db.execute("SELECT header, chain FROM records ORDER BY wseq").fetchall()
    previous = rows[n - 1][1] if n else bytes(32)
    for k in range(n, until + 1):
        header = rows[k][0].replace(b'"time":"2', b'"time":"1') if k == n else rows[k][0]
        previous = link(previous, header)
        db.execute("UPDATE records SET header = ?, chain = ? WHERE wseq = ?", (header, previous, k))


def _rechain_with_head(db: sqlite3.Connection, n: int) -> None:
    _rechain(db, n)
    db.execute("UPDATE writers SET chain = (SELECT chain FROM records ORDER BY wseq DESC LIMIT 1)")


def _types(db: sqlite3.Connection, n: int) -> None:
    db.execute("UPDATE records SET header = 'text', chain = 5 WHERE wseq = ?", (n,))


def _no_number(db: sqlite3.Connection, n: int) -> None:
    db.execute("UPDATE records SET wseq = 'many' WHERE wseq = ?", (n,))


def _ciphertext(db: sqlite3.Connection, n: int) -> None:
    seq = _sealed_seq(db, n)
    db.execute("UPDATE sealed SET ciphertext = ciphertext || x'00' WHERE seq = ?", (seq,))


def _drop_ciphertext(db: sqlite3.Connection, n: int) -> None:
    db.execute("DELETE FROM sealed WHERE seq = ?", (_sealed_seq(db, n),))


def _move_ciphertext(db: sqlite3.Connection, n: int) -> None:
    seq = _sealed_seq(db, n)
    other = seq - 1 if seq > 2 else seq + 1
    (ciphertext,) = db.execute("SELECT ciphertext FROM sealed WHERE seq = ?", (other,)).fetchone()
    db.execute("UPDATE sealed SET ciphertext = ? WHERE seq = ?", (ciphertext, seq))


def _envelope(db: sqlite3.Connection, _n: int) -> None:
    db.execute("UPDATE segments SET envelope = envelope || x'20'")


def _sealed_seq(db: sqlite3.Connection, n: int) -> int:
    n = min(max(n, 1), _RECORDS - 1)
    return int(db.execute("SELECT seq FROM records WHERE wseq = ?", (n,)).fetchone()[0])


_SIMPLE: list[Tamper] = [
    _edit, _delete, _truncate, _truncate_with_its_head, _delete_and_close_the_gap, _insert, _swap,
    _swap_cursors, _chain, _column, _rechain, _rechain_with_head, _types, _no_number,
]  # fmt: skip
_SEALED: list[Tamper] = [_ciphertext, _drop_ciphertext, _move_ciphertext, _envelope]


@pytest.fixture(scope="session")
def pristine(
    tmp_path_factory: pytest.TempPathFactory, house_at: Callable[..., House], new_record: NewRecord
) -> House:
    house = house_at(tmp_path_factory.mktemp("pristine"))
    _fill(house, new_record)
    return house


def _tampered(pristine: House, tamper: Tamper, n: int, **changes: Any) -> Report:
    path = pristine.path.with_name("tampered.db")
    for old in path.parent.glob("tampered.db*"):
        old.unlink()
    shutil.copy(pristine.path, path)
    with closing(sqlite3.connect(path)) as connection:
        tamper(connection, n)
        connection.commit()
    return pristine.verify(store_url=f"sqlite:///{path}", **changes)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(_SIMPLE + _SEALED), st.integers(0, _RECORDS))
def test_any_tampering_is_seen_and_named(pristine: House, tamper: Tamper, n: int) -> None:
    report = _tampered(pristine, tamper, n)
    assert not report.ok
    (writer,) = report.writers
    changed = min(max(n, 1), _RECORDS - 1) if tamper in _SEALED else n
    numbers = [flaw.wseq for flaw in report.flaws if flaw.wseq is not None]
    # A forged head says that the whole of its writer is worth nothing.
    assert not numbers or numbers[0] <= changed or not writer.signed
    # What is said to stand does stand.
    if tamper in _SIMPLE and tamper is not _column and writer.stands is not None:
        assert not writer.stands[0] <= changed <= writer.stands[1]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, _RECORDS), st.integers(0, _RECORDS))
def test_records_rewritten_up_to_some_point_do_not_stand(
    pristine: House, start: int, length: int
) -> None:
    until = min(start + length, _RECORDS - 1)
    report = _tampered(pristine, lambda db, n: _rechain(db, n, max(n, until)), start)
    assert not report.ok
    stands = report.writers[0].stands
    assert stands is None or stands[0] > start


@pytest.mark.parametrize("tamper", [_truncate_with_its_head, _rechain_with_head])
def test_without_a_verifier_key_a_forged_head_passes_and_a_note_says_why(
    pristine: House, tamper: Tamper
) -> None:
    report = _tampered(pristine, tamper, 5, vkeys=None)
    assert report.ok
    assert "signatures were not checked" in report.notes[0]
    assert not report.writers[0].signed


def test_a_whole_log_holds(any_house: House, new_record: NewRecord) -> None:
    _fill(any_house, new_record, writers=3)
    report = any_house.verify()
    assert (report.ok, report.records, report.sealed, report.opened) == (True, 39, 33, 33)
    assert [(w.stands, w.closed, w.signed) for w in report.writers] == [((0, 12), True, True)] * 3


def test_one_writers_flaw_leaves_the_others_standing(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record, writers=3)
    _tamper(
        house,
        lambda db: db.execute("UPDATE records SET header = x'' WHERE writer = 2 AND wseq = 4"),
    )
    report = house.verify()
    assert (report.flaws[0].writer, report.flaws[0].wseq) == (report.writers[1].id, 4)
    assert [w.stands for w in report.writers] == [(0, 12), (5, 12), (0, 12)]


def test_a_whole_writer_that_is_gone_is_missed_by_later_ones(
    house: House, new_record: NewRecord
) -> None:
    _fill(house, new_record, writers=2)

    def remove(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM sealed WHERE seq <= 13")
        db.execute("DELETE FROM records WHERE writer = 1")
        db.execute("DELETE FROM segments WHERE writer = 1")
        db.execute("DELETE FROM writers WHERE number = 1")

    gone = house.verify().writers[0].id
    _tamper(house, remove)
    (flaw,) = house.verify().flaws
    assert flaw.writer == gone
    assert "not there any more" in flaw.what


def test_records_of_no_writer_are_seen(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    _tamper(house, lambda db: db.execute("DELETE FROM writers"))
    assert house.verify().flaws[0].what == "the record belongs to no writer"


def test_a_writer_signed_by_another_key_is_seen(any_house: House, new_record: NewRecord) -> None:
    _fill(any_house, new_record)
    create_keys(any_house.folder / "other", "log.example")
    report = any_house.verify(vkeys=load_verifiers(any_house.folder / "other/log.vkey"))
    assert "no known key" in report.flaws[0].what


def test_a_header_of_any_shape_is_a_flaw_and_no_crash(house: House, new_record: NewRecord) -> None:
    house.ledger()
    for header in (b"[]", b"5", b"{}", b'{"id":1,"writer":[],"wseq":{}}', b"\xff", b"["):
        chain = link(bytes(32), header)
        _tamper(
            house,
            lambda db, row=(header, chain): db.execute(  # type: ignore[misc]
                "UPDATE records SET header = ?, chain = ?", row
            ),
        )
        _tamper(
            house,
            lambda db, chain=chain: db.execute(  # type: ignore[misc]
                "UPDATE writers SET chain = ?", (chain,)
            ),
        )
        assert not house.verify().ok
        assert not house.verify(vkeys=None).ok


@pytest.mark.parametrize(
    "detail", ["x", [1], {"checkpoint": [2**63, 1]}, {"checkpoint": [True, 1]}, {"checkpoint": {}}]
)
def test_a_beginning_of_any_shape_is_a_flaw_and_no_crash(house: House, detail: Any) -> None:
    house.ledger()
    with closing(sqlite3.connect(house.path)) as db:
        (raw,) = db.execute("SELECT header FROM records").fetchone()
        header = orjson.dumps({**orjson.loads(raw), "detail": detail})
        chain = link(bytes(32), header)
        db.execute("UPDATE records SET header = ?, chain = ?", (header, chain))
        db.execute("UPDATE writers SET chain = ?", (chain,))
        db.commit()
    assert not house.verify().ok


def test_since_checks_what_is_newer_only(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    _tamper(house, lambda db: _edit(db, 3))
    later = parse_time("2096-01-01T00:00:00Z")
    ledger = house.ledger()
    old = new_record(id="7fffffff-ffff-7000-8000-000000000000")
    ledger.commit([Item(old)])
    report = house.verify(since=later)
    assert (report.ok, report.records) == (True, 1)
    assert "not checked" in report.notes[0]
    assert not house.verify(since=0).ok


def test_a_damaged_file_is_a_flaw(house: House, new_record: NewRecord) -> None:
    for _ in range(5):
        _fill(house, new_record)
    raw = bytearray(house.path.read_bytes())
    # What is damaged are records, and not what says which tables there are.
    pages = [at for at in range(0, len(raw), 4096) if b'"stage":' in raw[at : at + 4096]]
    assert len(pages) > 3
    for at in pages:
        raw[at : at + 64] = random.Random(at).randbytes(64)  # noqa: S311 - noise
    house.path.write_bytes(raw)
    assert not house.verify().ok


def test_verification_works_while_a_writer_writes(any_house: House, new_record: NewRecord) -> None:
    ledger, stop = any_house.ledger(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            ledger.commit([Item(new_record(), b"{}")])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        report = any_house.verify()
        while report.ok and report.records < 50:
            report = any_house.verify()
    finally:
        stop.set()
        thread.join()
    assert report.ok


def test_a_sealed_part_that_does_not_open_is_a_flaw(
    any_house: House, new_record: NewRecord
) -> None:
    _fill(any_house, new_record)
    stranger = X25519PrivateKey.generate()
    assert any_house.verify(keys=[stranger, any_house.auditor]).ok
    report = any_house.verify(keys=[stranger])
    assert "not sealed to the key" in report.flaws[0].what
    assert report.flaws[0].wseq == 1
    assert report.writers[0].stands == (0, 12)


def test_a_missing_store_is_said_so(house: House) -> None:
    with pytest.raises(AuditUnavailable, match="No such file"):
        verify(house.url)
