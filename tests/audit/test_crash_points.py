"""Power cuts at every place where the store is written: nothing acknowledged is lost, all holds."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from gateway.audit.ledger import Item
from gateway.audit.store.sqlite import SqliteStore
from gateway.audit.store.sqlite_reader import SqliteReader
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.ledger import Ledger
    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_ROOT: Final = Path(__file__).parents[2]
_HEADER, _FRAME = 32, 4096 + 24


@dataclass(frozen=True, slots=True)
class _Image:
    """A store's files as they were at a moment."""

    file: bytes
    log: bytes

    @classmethod
    def of(cls, house: House) -> _Image:
        log = house.path.with_name("audit.db-wal")
        return cls(house.path.read_bytes(), log.read_bytes() if log.exists() else b"")

    def restore(self, house: House, file: bytes | None = None, log: bytes | None = None) -> None:
        """What a machine finds after a power cut: these bytes, and nothing that was in memory."""
        for old in house.folder.glob("audit.db*"):
            old.unlink()
        house.path.write_bytes(self.file if file is None else file)
        house.path.with_name("audit.db-wal").write_bytes(self.log if log is None else log)


def _write(ledger: Ledger, new_record: NewRecord, sizes: tuple[int, ...]) -> Iterator[set[str]]:
    """Commits batches of so many records; gives the ids of all that are acknowledged."""
    acknowledged: set[str] = set()
    for size in sizes:
        items = [Item(new_record(), bytes(700)) for _ in range(size)]
        ledger.commit(items)
        acknowledged |= {item.record.id for item in items}
        yield set(acknowledged)


def _stored(house: House) -> list[str]:
    with SqliteReader(house.path) as reader:
        return [row[0] for row in reader.rows("SELECT id FROM records")]


def _holds(house: House, acknowledged: set[str], why: object) -> None:
    stored = _stored(house)
    assert len(stored) == len(set(stored)), why
    assert acknowledged <= set(stored), why
    report = house.verify()
    assert report.ok, (why, report.flaws)


def _cuts(length: int) -> Iterator[int]:
    """Every border of a frame of the write-ahead log, and places inside of each."""
    for frame in range((length - _HEADER) // _FRAME + 1):
        start = _HEADER + frame * _FRAME
        yield from (start, start + 8, start + 24, start + 2000)
    yield from (0, 8, length)


def test_a_cut_anywhere_in_the_log_of_writes_loses_nothing_acknowledged(
    house: House, new_record: NewRecord
) -> None:
    ledger, marks = house.ledger(), []
    wal = house.path.with_name("audit.db-wal")
    marks.append((wal.stat().st_size, {"begun"}))
    marks += [(wal.stat().st_size, safe) for safe in _write(ledger, new_record, (1, 3, 1, 2))]
    image = _Image.of(house)
    chance = random.Random(1)  # noqa: S311 - what a torn page holds
    begun = marks.pop(0)[0]
    for cut in _cuts(len(image.log)):
        if cut < begun:
            continue  # The store itself was not acknowledged yet.
        garbage = chance.randbytes(900) if cut % 2 else b""
        image.restore(house, log=image.log[:cut] + garbage)
        safe: set[str] = set()
        for size, acknowledged in marks:
            if size <= cut:
                safe = acknowledged
        _holds(house, safe, cut)
    # And the last one goes on as if nothing had been.
    again = house.ledger()
    again.commit([Item(new_record())])
    again.close()
    assert house.verify().ok


def test_a_cut_while_the_log_of_writes_is_moved_into_the_file_loses_nothing(
    house: House, new_record: NewRecord
) -> None:
    ledger = house.ledger()
    *_, acknowledged = _write(ledger, new_record, (3, 3, 3))
    before = _Image.of(house)
    store = ledger._store
    assert isinstance(store, SqliteStore)
    store._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    after = _Image.of(house)
    assert after.file != before.file
    chance = random.Random(2)  # noqa: S311 - which pages were written
    pages = range(0, len(after.file), 4096)
    for _ in range(20):
        mixed = b"".join(
            (after.file if chance.random() < 0.5 else before.file)[at : at + 4096]
            or after.file[at : at + 4096]
            for at in pages
        )
        torn = 4096 * chance.randrange(len(pages)) + 512
        mixed = mixed[:torn] + before.file[torn : torn + 512] + mixed[torn + 512 :]
        before.restore(house, file=mixed[: len(after.file)])
        _holds(house, acknowledged, "mixed pages")


_STEPS: Final = 20
"""Instructions of SQLite's machine between two places in a statement."""

_KILLED: Final = """
import os, signal, sys
from pathlib import Path
from tests.audit.conftest import load_house
from gateway.audit.ledger import Item
from gateway.audit.record import Record

left = int(sys.argv[2])

def count():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

ledger = load_house(Path(sys.argv[1])).ledger()
first = Record("intent")
ledger.commit([Item(first, b"sealed" * 50)])
print(first.id, flush=True)
ledger._store._connection.set_progress_handler(count, int(sys.argv[3]))
items = [Item(Record("intent"), b"sealed" * 50) for _ in range(3)]
ledger.commit(items)
for item in items:
    print(item.record.id, flush=True)
"""


@pytest.mark.slow
def test_kill_9_inside_of_the_statement_that_is_a_commit_loses_nothing(
    house: House, house_at: Callable[[Path], House]
) -> None:
    shutil.rmtree(house.folder / "keys")
    kept, acknowledged, ends = house_at(house.folder), set(), set()
    for last in (4, 12, 1000):
        child = subprocess.run(
            [sys.executable, "-c", _KILLED, str(house.folder), str(last), str(_STEPS)],
            capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )  # fmt: skip
        said = child.stdout.decode().split()
        ends.add((child.returncode, len(said)))
        acknowledged |= set(said)
        _holds(kept, acknowledged, last)
    assert ends == {(-signal.SIGKILL, 1), (0, 4)}


def test_a_commit_that_is_interrupted_anywhere_is_there_or_is_not(
    house: House, new_record: NewRecord
) -> None:
    ledger, place, done = house.ledger(), 0, False
    *_, acknowledged = _write(ledger, new_record, (1,))
    while not done:
        store, left, place = ledger._store, [place], place + 1
        assert isinstance(store, SqliteStore)

        def interrupt(left: list[int] = left) -> int:
            left[0] -= 1
            return left[0] == -1

        store._connection.set_progress_handler(interrupt, _STEPS)
        before, items = _stored(house), [Item(new_record(), bytes(700)) for _ in range(3)]
        try:
            ledger.commit(items)
        except AuditUnavailable:
            # SQLite may also say so just after it has written it: whoever waits is refused then.
            assert len(_stored(house)) - len(before) in {0, len(items)}
        else:
            acknowledged |= {item.record.id for item in items}
            done = left[0] >= 0
        if ledger._store is not None:
            store._connection.set_progress_handler(None, 0)
        ledger.commit([Item(new_record(), bytes(700))])  # It goes on, with no hole.
    assert place > 5
    ledger.close()
    _holds(house, acknowledged, "at the end")


def test_a_clock_that_is_set_back_breaks_nothing(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record()), Item(new_record())])
    true = time.time_ns
    monkeypatch.setattr("gateway.ids.time.time_ns", lambda: true() - 3_600_000_000_000)
    earlier = new_record()
    ledger.commit([Item(earlier)])
    monkeypatch.undo()
    ledger.commit([Item(new_record())])
    ledger.close()
    with SqliteReader(house.path) as reader:
        ids_ = [row[0] for row in reader.rows("SELECT id FROM records ORDER BY seq")]
    assert min(ids_) == earlier.id != ids_[0]
    house.order()
    assert house.verify().flaws == ()
