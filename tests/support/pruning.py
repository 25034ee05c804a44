"""A log of which some has expired, and its pruning, for tests."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.ledger import Item, Ledger
from gateway.audit.pruning import Periods, prune
from gateway.audit.record import Actor, Record
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from gateway.audit.blind import Value

__all__ = ["DAY", "MOMENT", "old_record", "prune_now", "write_days"]

MOMENT: Final = int(time.time())
"""Unix seconds of the first day, today: writers' own records are of it, and the others follow."""
DAY: Final = 86_400.0


def old_record(day: int, number: int, **changes: Any) -> Record:
    """A record of so many days after ``MOMENT``."""
    digits = f"{(MOMENT + day * 86_400) * 1000 + number:012x}"
    values: dict[str, Any] = {
        "stage": "intent",
        "request": f"call-{day}-{number}",
        "tenant": "acme",
        "actor": Actor(f"user-{number}", "https://id.example"),
        "model": "gpt-5",
        "id": f"{digits[:8]}-{digits[8:]}-7000-8000-{day:06x}{number:06x}",
    }
    return Record(**{**values, **changes})


def write_days(ledger: Ledger, days: int, each: int = 3, values: tuple[Value, ...] = ()) -> None:
    """So many records a day, each with a sealed part; the writer's own are of the first day."""
    for day in range(days):
        items = [Item(old_record(day, number), b"{}", values) for number in range(each)]
        ledger.commit(items)


def prune_now(url: str, ledger: Ledger, day: float, **periods: float | None) -> bool:
    """Prunes as on a day after ``MOMENT``; periods in days; records go to the ledger."""
    kept = Periods(**{name: None if one is None else one * DAY for name, one in periods.items()})
    with open_reader(url) as reader, closing(open_store(url, 5.0, "open")) as store:
        return prune(
            reader, store, kept, lambda one: ledger.commit([Item(one)]), MOMENT + day * DAY
        )
