"""A process whose children write to a log, each until it is killed at one place.

In PostgreSQL a place is before a message to the server is sent, after it was sent and before its
answer was read, or after that. In SQLite it is before or after a statement that can change the
file: one that only reads, or that begins a transaction, leaves what was there before it.

Each line of the input is the number of a place; each line of the output says as JSON how a child
ended and what it had told by then: ``id`` of each record that was acknowledged, ``note`` of each
checkpoint that was published, ``hold`` of each hold that was placed, and ``done`` at its end.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.holds import Hold, place
from gateway.audit.ledger import Item
from gateway.audit.record import Actor, Record
from gateway.audit.store import sqlite, sqlite_file, sqlite_tree
from gateway.audit.store.postgres_link import Link
from tests.audit.conftest import load_house

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator, Sequence

    from tests.audit.conftest import House

__all__ = ["main"]

_SIZES: Final = (1, 3, 20)
"""Of the batches for PostgreSQL: two that are small, and one that goes in by ``COPY``."""

_FILED: Final = (1, 3, 80)
"""Of those for SQLite: written in several statements, in one, and in several again."""

_IDLE: Final = re.compile(r"SELECT|BEGIN|CREATE TEMP|PRAGMA (?!journal_mode|wal_checkpoint)")
"""Begins a statement that changes no file."""


class _At:
    """A server that is asked for nothing but where it is."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, _database: str) -> str:
        return self._url


def main() -> None:
    """Lets a child die for each line of the input."""
    folder, url = sys.argv[1:]
    house = replace(load_house(Path(folder)), server=_At(url))  # type: ignore[arg-type]
    if url.startswith("sqlite:"):
        house = load_house(Path(folder))
    for line in sys.stdin:
        ended, told = _run(house, int(line))
        sys.stdout.write(json.dumps({"ended": ended, "told": told}) + "\n")
        sys.stdout.flush()


def _run(house: House, last: int) -> tuple[int, list[list[str]]]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _die_at(last)
        try:
            _write(house, lambda *words: os.write(write, json.dumps(words).encode() + b"\n"))
        finally:
            # Nothing that the parent had begun may be ended by the child.
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = [json.loads(line) for line in pipe]
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def _write(house: House, tell: Callable[..., object]) -> None:
    ledger = house.ledger()
    for size in _SIZES if house.server else _FILED:
        # Somebody else each time: a salt is written as well.
        actor = Actor(f"user-{os.getpid()}-{size}", "https://id.example", ("analyst",))
        items = [Item(Record("intent", actor=actor), b"sealed" * 50) for _ in range(size)]
        ledger.commit(items)
        for item in items:
            tell("id", item.record.id)
    placed = place(ledger, Hold(0, "subject", f"user-{os.getpid()}-1", "a lawsuit", "legal", 1))
    tell("hold", str(placed.number))
    tell("note", house.order().note)
    ledger.commit([Item(Record("outcome"))])
    ledger.close()
    tell("note", house.order().note)
    tell("done")


def _die_at(last: int) -> None:
    """Lets this process be killed at a place."""
    passed = 0

    def pass_by() -> None:
        nonlocal passed
        passed += 1
        if passed == last:
            os.kill(os.getpid(), signal.SIGKILL)

    _watch_messages(pass_by)
    _watch_statements(pass_by)


def _watch_messages(pass_by: Callable[[], None]) -> None:
    def watched(messages: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        try:
            asked = next(messages)
            pass_by()
            while True:
                asked = messages.send((yield asked))
        except StopIteration as end:
            return end.value

    wait = Link.wait

    def dying(link: Link, gen: Any, *arguments: Any, **named: Any) -> Any:
        pass_by()
        answer = wait(link, watched(gen), *arguments, **named)
        pass_by()
        return answer

    Link.wait = dying  # type: ignore[method-assign, assignment]


class _Watched:
    """A connection to SQLite."""

    def __init__(self, connection: sqlite3.Connection, pass_by: Callable[[], None]) -> None:
        self._connection, self._pass_by = connection, pass_by

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if _IDLE.match(statement):
            return self._connection.execute(statement, *values)
        self._pass_by()
        answer = self._connection.execute(statement, *values)
        self._pass_by()
        return answer

    def executemany(self, statement: str, rows: Sequence[Any]) -> None:
        for row in rows:
            self.execute(statement, row)


def _watch_statements(pass_by: Callable[[], None]) -> None:
    connect = sqlite_file.connect
    for module in (sqlite, sqlite_tree):
        module.connect = lambda *arguments: _Watched(connect(*arguments), pass_by)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
