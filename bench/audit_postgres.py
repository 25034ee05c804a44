"""``python -m bench.audit_postgres --postgres URL``: how many records PostgreSQL takes.

Give the URL of an empty database on a server of which nothing else is asked. Writers, processes of
their own, each commit batches of 512 for some seconds: first records that are made, chained and
sealed by them, as in a gateway under load; then batches that were made before, which is what the
database itself can take. What is counted has its place in the order of the log. Last, one record
after the other, and the same while another process indexes a block of records again and again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.figures import show
from gateway.audit.head import Head
from gateway.audit.indexing import index
from gateway.audit.keys import create_keys, load_recipient, load_signer
from gateway.audit.ledger import Item, Keys, Ledger
from gateway.audit.record import Actor, FindingNote, Record, Source
from gateway.audit.store.base import Batch, Entry
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import LAST_SEQ, columns
from gateway.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier, Event

_BATCH: Final = 512
_READY: Final = 40
_ALONE: Final = 400
_PROMPT: Final = b'{"prompt":"' + b"x" * 500 + b'"}'
_BUSY: Final = 30.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_postgres", description=__doc__)
    parser.add_argument("--postgres", required=True, help="postgresql://… of an empty database")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        create_keys(Path(folder) / "keys", "log.example")
        keys = Path(folder) / "keys"
        Ledger(chosen.postgres, _keys(keys), _BUSY).close()
        report: dict[str, Any] = {}
        for name, work in (
            ("made, chained and stored", _make),
            ("made, sealed, chained and stored", _seal),
            ("only stored", _store),
        ):
            many = _together(work, chosen.postgres, keys, chosen.writers, chosen.seconds)
            report[f"{name}, {chosen.writers} writers, records/s"] = round(many)
        for name, beside in (("one after the other", False), ("with an indexer beside it", True)):
            p50, p99 = _one_by_one(chosen.postgres, keys, beside=beside)
            report |= {f"{name}, p50 in ms": round(p50, 2), f"{name}, p99 in ms": round(p99, 2)}
    show(report, as_json=chosen.json, form=">10")


def _keys(folder: Path) -> Keys:
    return Keys(load_signer(folder / "log.key"), (load_recipient(folder / "auditor.pub"),))


def _record() -> Record:
    return Record(
        stage="outcome",
        request=uuid7(),
        tenant="acme",
        actor=Actor("alice", "https://login.example.com/", ("employee", "team-7")),
        source=Source("192.0.2.1", "python/3"),
        route="chat.completions",
        upstream="openai",
        model="gpt-5-mini",
        decision="allow",
        rules=("chat",),
        findings=(FindingNote("pii", "EMAIL_ADDRESS", "/messages/0/content", 0.9, "redact"),),
        status=200,
    )


def _together(
    work: Callable[..., None], url: str, keys: Path, writers: int, seconds: float
) -> float:
    """Records per second that got their places while all writers were at work."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(writers + 1)
    processes = [
        context.Process(target=work, args=(url, keys, barrier, seconds)) for _ in range(writers)
    ]
    for process in processes:
        process.start()
    barrier.wait()
    began, before = time.perf_counter(), _last(url)
    time.sleep(seconds)
    spent, after = time.perf_counter() - began, _last(url)
    for process in processes:
        process.join()
    return (after - before) / spent


def _last(url: str) -> int:
    with open_reader(url) as reader:
        return int(reader.rows(LAST_SEQ)[0][0])


def _make(url: str, keys: Path, barrier: Barrier, seconds: float) -> None:
    _commit(url, keys, barrier, seconds, sealed=False)


def _seal(url: str, keys: Path, barrier: Barrier, seconds: float) -> None:
    _commit(url, keys, barrier, seconds, sealed=True)


def _commit(url: str, keys: Path, barrier: Barrier, seconds: float, *, sealed: bool) -> None:
    ledger = Ledger(url, _keys(keys), _BUSY)
    barrier.wait()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        ledger.commit(
            [Item(_record(), bytearray(_PROMPT) if sealed else None) for _ in range(_BATCH)]
        )
        ledger.tidy()
    ledger.close()


def _store(url: str, _keys: Path, barrier: Barrier, seconds: float) -> None:
    """Stores what was made before, under new ids and numbers."""
    writer, headers = uuid7(), []
    for wseq in range(_READY):
        header = _record().header(writer, wseq)
        headers.append((_record().to_header(writer, wseq), columns(header)))
    with closing(open_store(url, _BUSY, "open")) as store:
        barrier.wait()
        end, wseq = time.perf_counter() + seconds, -1
        while time.perf_counter() < end:
            entries = []
            for _ in range(_BATCH):
                wseq += 1
                raw, values = headers[wseq % _READY]
                entries.append(Entry(uuid7(), wseq, raw, bytes(32), values))
            store.write(Batch(entries, {}, Head(writer, wseq, bytes(32)), "note"))
            store.tidy()


def _one_by_one(url: str, keys: Path, *, beside: bool) -> tuple[float, float]:
    """Milliseconds of one commit of one sealed record, p50 and p99."""
    ledger = Ledger(url, _keys(keys), _BUSY)
    context = multiprocessing.get_context("spawn")
    barrier, over = context.Barrier(1 + beside), context.Event()
    indexer = context.Process(target=_index, args=(url, barrier, over))
    if beside:
        indexer.start()
    barrier.wait()
    spent = []
    for _ in range(_ALONE):
        item = Item(_record(), bytearray(_PROMPT))
        began = time.perf_counter()
        ledger.commit([item])
        spent.append((time.perf_counter() - began) * 1000)
        ledger.tidy()
    over.set()
    if beside:
        indexer.join()
    ledger.close()
    return statistics.median(spent), statistics.quantiles(spent, n=100)[98]


def _index(url: str, barrier: Barrier, over: Event) -> None:
    with open_reader(url) as reader, closing(open_store(url, _BUSY, "open")) as store:
        index(reader, store)
        barrier.wait()
        while not over.is_set():
            with store.work() as work:
                work.run("DELETE FROM postings")
                work.run("DELETE FROM blocks")
            index(reader, store)


if __name__ == "__main__":
    main()
