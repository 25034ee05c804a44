"""``python -m bench.audit_readers --postgres URL``: what it costs to ask a log in PostgreSQL.

Give the URL of an empty database. The same questions are asked with a connection of their own and
with one that is lent from the gateway's pool: a page of the newest 100, one event, and where the
log ends; by one who asks after the other, and by eight at once. Both kinds take turns, so that a
busy machine is the same for both. Last, 100 subscribers of the live stream begin at once.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.figures import show
from gateway.audit.filters import Filters
from gateway.audit.following import ends
from gateway.audit.keys import create_keys, load_recipient, load_signer
from gateway.audit.ledger import Item, Keys, Ledger
from gateway.audit.live import Hub
from gateway.audit.query import event, events
from gateway.audit.record import Record
from gateway.audit.store.opening import open_readers

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.store.base import Readers

_BUSY: Final = 30.0
_BATCH: Final = 500
_THREADS: Final = 8
_SUBSCRIBERS: Final = 100


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_readers", description=__doc__)
    parser.add_argument("--postgres", required=True, help="postgresql://… of an empty database")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--asked", type=int, default=200, help="how often")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    one = _fill(chosen.postgres, chosen.records)
    report: dict[str, float] = {}
    with closing(open_readers(chosen.postgres, _BUSY)) as pool:
        questions: dict[str, Callable[[str | Readers], object]] = {
            "a page of 100": lambda store: events(store, Filters()),
            "one event": lambda store: event(store, one),
            "where the log ends": ends,
        }
        for name, ask in questions.items():
            spent = _alone(ask, {"own": chosen.postgres, "lent": pool}, chosen.asked)
            for kind, found in spent.items():
                cuts = statistics.quantiles(found, n=20)
                report |= {f"{name}, {kind}, p50": cuts[9], f"{name}, {kind}, p95": cuts[18]}
            for kind, store in (("own", chosen.postgres), ("lent", pool)):
                each = _together(ask, store, chosen.asked)
                report[f"{name}, {kind}, {_THREADS} at once, each"] = each
        for kind, store in (("own", chosen.postgres), ("lent", pool)):
            took = asyncio.run(_begin(store))
            report[f"{_SUBSCRIBERS} subscribers, {kind}, until all have begun"] = took
    show(report, as_json=chosen.json, form=">8.2f", unit=" ms")


def _fill(url: str, records: int) -> str:
    """Writes records; gives the id of one in the middle."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        create_keys(keys, "log.example")
        own = Keys(load_signer(keys / "log.key"), (load_recipient(keys / "auditor.pub"),))
        middle = Record("intent", request="middle")
        with closing(Ledger(url, own, _BUSY)) as ledger:
            for at in range(0, records, _BATCH):
                if at <= records // 2 < at + _BATCH:
                    ledger.commit([Item(middle)])
                ledger.commit([Item(Record("intent", request=f"{at}-{n}")) for n in range(_BATCH)])
                ledger.tidy()
        return middle.id


def _alone(
    ask: Callable[[str | Readers], object], stores: dict[str, str | Readers], often: int
) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {kind: [] for kind in stores}
    for _ in range(often):
        for kind, store in stores.items():
            began = time.perf_counter()
            ask(store)
            spent[kind].append((time.perf_counter() - began) * 1e3)
    return spent


def _together(ask: Callable[[str | Readers], object], store: str | Readers, often: int) -> float:
    with ThreadPoolExecutor(_THREADS) as threads:
        began = time.perf_counter()
        list(threads.map(ask, [store] * often))
        return (time.perf_counter() - began) / often * 1e3


async def _begin(store: str | Readers) -> float:
    hub = Hub(store)

    async def begin() -> None:
        await hub.subscribe(Filters(), await hub.end())

    began = time.perf_counter()
    await asyncio.gather(*(begin() for _ in range(_SUBSCRIBERS)))
    spent = (time.perf_counter() - began) * 1e3
    await hub.close()
    return spent


if __name__ == "__main__":
    main()
