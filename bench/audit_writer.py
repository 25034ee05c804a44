"""``python -m bench.audit_writer``: how many records one writer brings into SQLite.

Batches of 512 as under load, each record with half a kilobyte sealed: made, sealed, chained and on
the disk; then with a matched value indexed in every third, then with the thread that indexes blocks
beside it as well, as in a gateway. Processor time is that of the whole process.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.figures import show
from gateway.audit.blind import BlindIndex, Value
from gateway.audit.keeper import Keeper
from gateway.audit.keys import create_keys, load_recipient, load_signer
from gateway.audit.ledger import Item, Keys, Ledger
from gateway.audit.record import Actor, FindingNote, Record, Source

if TYPE_CHECKING:
    from gateway.audit.recipients import RecipientKey

_BATCH: Final = 512
_PROMPT: Final = b'{"prompt":"' + b"x" * 500 + b'"}'
_FOUND: Final = (FindingNote("pii", "EMAIL_ADDRESS", "/messages/0/content", 0.9, "redact"),)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_writer", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each measurement")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report: dict[str, float] = {}
    for name, values, keeper in (
        ("sealed and chained", False, False),
        ("and values indexed", True, False),
        ("and blocks indexed", True, True),
    ):
        rate, cost = _measure(chosen.seconds, values=values, keeper=keeper)
        report[f"{name}, records/s"] = rate
        report[f"{name}, CPU µs per record"] = cost
    show(report, as_json=chosen.json, form=">8.1f")


def _measure(seconds: float, *, values: bool, keeper: bool) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        create_keys(Path(folder) / "keys", "log.example")
        keys, url = Path(folder) / "keys", f"sqlite:///{folder}/audit.db"
        recipients: tuple[RecipientKey, ...] = (load_recipient(keys / "auditor.pub"),)
        index = BlindIndex(bytes(range(32))) if values else None
        ledger = Ledger(url, Keys(load_signer(keys / "log.key"), recipients, index), 5.0)
        beside = Keeper(url, 5.0) if keeper else None
        if beside is not None:
            beside.start()
        written, began, spent = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - began < seconds:
            ledger.commit([_item(written + number) for number in range(_BATCH)])
            ledger.tidy()
            written += _BATCH
        rate = written / (time.perf_counter() - began)
        cost = (time.process_time() - spent) / written * 1e6
        if beside is not None:
            beside.close()
        ledger.close()
    return rate, cost


def _item(number: int) -> Item:
    found = number % 3 == 0
    record = Record(
        "intent",
        request=f"call-{number}",
        tenant="acme",
        actor=Actor(f"user-{number % 5000}", "https://login.example.com/", ("employee",)),
        source=Source("192.0.2.1", "OpenAI/Python 1.99.1"),
        route="chat.completions",
        upstream="openai",
        model="gpt-5",
        decision="redact" if found else "allow",
        rules=("chat",),
        findings=_FOUND if found else (),
    )
    values = (Value(f"user-{number}@example.com"),) if found else ()
    return Item(record, _PROMPT, values)


if __name__ == "__main__":
    main()
