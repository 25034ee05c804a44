"""``python -m bench.audit_queries``: pages of 100 out of millions of records, in milliseconds.

Every filter alone and every pair of filters, with values that most records have, that one record
has and that none has, and without any; each from the first page and from one in the middle. Each
question opens the store anew, as the gateway does. Give ``--store PATH`` to keep the records for
another run, and ``--cold`` to drop the file from the system's cache before each question. Beside
the times it counts the pages of 4 KiB that were read.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.audit_records import START, YEAR, fill
from bench.figures import show
from gateway.audit.cursor import Cursor
from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.audit.store.opening import open_reader

_MIDDLE: Final = START + YEAR // 2
_VALUES: Final[dict[str, dict[str, str | int]]] = {
    "common": {
        "since": START + YEAR // 100,
        "until": START + YEAR - YEAR // 100,
        "stage": "outcome",
        "actor": "user-0",
        "role": "employee",
        "tenant": "tenant-0",
        "model": "gpt-5",
        "upstream": "openai",
        "route": "chat.completions",
        "decision": "allow",
        "scanner": "pii",
        "entity": "EMAIL_ADDRESS",
        "rule": "rule-0",
        "status": 200,
    },
    "other": {
        "since": _MIDDLE,
        "until": _MIDDLE,
        "stage": "intent",
        "actor": "user-3",
        "role": "team-3",
        "tenant": "tenant-3",
        "model": "claude-haiku",
        "upstream": "anthropic",
        "route": "messages",
        "decision": "deny",
        "scanner": "once",
        "entity": "US_SSN",
        "rule": "nobody",
        "status": 400,
    },
    "once": {
        "stage": "audit.read",
        "status": 418,
        **dict.fromkeys(
            ("actor", "role", "tenant", "model", "upstream", "route", "scanner", "entity", "rule"),
            "once",
        ),
        "request": "@middle",
    },
    "never": {
        "since": START + 2 * YEAR,
        "until": START - YEAR,
        "status": 599,
        **dict.fromkeys(
            (
                "stage", "request", "actor", "role", "tenant", "model", "upstream", "route",
                "decision", "scanner", "entity", "rule",
            ),
            "never",
        ),
    },
}  # fmt: skip


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_queries", description=__doc__)
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--store", type=Path, help="a file for the records; used if it is there")
    parser.add_argument("--cold", action="store_true", help="nothing of the file is in memory")
    parser.add_argument("--every", type=int, default=1, help="ask only every Nth question")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.store or Path(folder) / "audit.db"
        url = f"sqlite:///{path}"
        if not path.exists():
            fill(url, chosen.records)
        report = _measure(url, path if chosen.cold else None, chosen.every)
    show(report, as_json=chosen.json, form=">8.1f")


def _drop(path: Path) -> None:
    """Takes a file out of the system's cache."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _pages_read() -> int:
    """Pages of 4 KiB that this process has read, from the disk or from the system's cache."""
    read, _ = Path("/proc/self/io").read_text().split("\n", 1)
    return int(read.split()[1]) // 4096


def _measure(url: str, cold: Path | None, every: int) -> dict[str, float]:
    with open_reader(url) as reader:
        store = reader.store
        ((last, request),) = reader.rows(
            "SELECT seq, request FROM records WHERE seq = (SELECT max(seq) / 2 FROM records)"
        )
    _VALUES["once"]["request"] = request
    spent: dict[str, list[float]] = {"alone": [], "in pairs": []}
    pages: dict[str, list[float]] = {"alone": [], "in pairs": []}
    slowest = (0.0, "")
    asked = [(*one, cursor) for one in _questions() for cursor in (None, Cursor(store, last))]
    for name, question, cursor in asked[::every]:
        if cold is not None:
            _drop(cold)
        before, began = _pages_read(), time.perf_counter()
        events(url, Filters(**question, cursor=cursor))  # type: ignore[arg-type]
        milliseconds = (time.perf_counter() - began) * 1e3
        kind = "alone" if len(question) < 2 else "in pairs"
        spent[kind].append(milliseconds)
        pages[kind].append(_pages_read() - before)
        slowest = max(slowest, (milliseconds, f"{name}{' from the middle' if cursor else ''}"))
    report: dict[str, float] = {}
    for kind, found in spent.items():
        cuts = statistics.quantiles(found, n=100)
        report |= {
            f"{kind}, ms, p50 of {len(found)}": cuts[49],
            f"{kind}, ms, p95": cuts[94],
            f"{kind}, ms, slowest": max(found),
        }
        read = statistics.quantiles(pages[kind], n=100)
        report |= {f"{kind}, pages read, p50": read[49], f"{kind}, pages read, p95": read[94]}
    return {**report, f"slowest, ms: {slowest[1]}": slowest[0]}


def _questions() -> list[tuple[str, dict[str, str | int]]]:
    singles = [
        (name, kind, value) for kind, values in _VALUES.items() for name, value in values.items()
    ]
    found: list[tuple[str, dict[str, str | int]]] = [("nothing", {})]
    found += [(f"{name} {kind}", {name: value}) for name, kind, value in singles]
    for one, two in itertools.combinations(singles, 2):
        if one[0] != two[0]:
            found.append(
                (f"{one[0]} {one[1]}, {two[0]} {two[1]}", {one[0]: one[2], two[0]: two[2]})
            )
    return found


if __name__ == "__main__":
    main()
