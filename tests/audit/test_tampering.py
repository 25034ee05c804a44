"""The powers of a database's owner, used at random: whatever is changed is seen.

A log with several writers, an erasure, a tree and checkpoints is copied, and somebody who holds no
key edits, removes, adds, swaps and moves what stands in it, in any table that says what happened.
Verification must not pass as soon as anything in them is not what it was.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.audit.blind import BlindIndex, Value
from gateway.audit.erase import erase
from gateway.audit.ledger import Item
from gateway.audit.record import Actor, Record
from gateway.audit.salts import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.report import Report
    from tests.audit.conftest import House

_PROTECTED: Final = {
    "records": (),
    "sealed": (),
    "salts": ("number",),
    "segments": ("writer",),
    "writers": ("seen", "closed"),
    "tiles": (),
    "checkpoints": ("time",),
    "blind": (),
}
"""The tables that say what happened, and what in them is housekeeping."""
_AT_WILL: Final = {("checkpoints", "tail"), ("checkpoints", "add"), ("blind", "add")}
"""The newest checkpoints may be gone, and the newest be there twice: one that was kept tells.
A record without values may be found by one: its header says that it has none."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is done to a row, with another row to take from."""

    table: str
    kind: str
    row: int
    other: int
    column: int
    value: int


_CHANGES: Final = st.builds(
    Change,
    st.sampled_from(sorted(_PROTECTED)),
    st.sampled_from(["flip", "copy", "swap", "delete", "tail", "add", "null", "count"]),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 100),
    st.integers(0, 10_000),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, house_at: Callable[..., House]) -> House:
    """A log in which everything has happened."""
    house = house_at(tmp_path_factory.mktemp("whole"))
    house = replace(house, keys=replace(house.keys, index=BlindIndex(bytes(range(32)))))
    first, second = house.ledger(), house.ledger()
    for number in range(12):
        for ledger in (first, second):
            name = ("alice", "bob", "carol")[number % 3]
            record = Record("intent", actor=Actor(name), tenant="acme", model="gpt-5-mini")
            values = Value(f"{name}@example.com"), Value("4111 1111 1111 1111")
            ledger.commit([Item(record, b'{"prompt": "text %d"}' % number, values)])
        if number % 4 == 3:
            house.order()
    erase(house.url, house.keys, Scope("bob"), by="dora")
    first.close()
    house.order()
    second.commit([Item(Record("intent"), b'{"prompt": "after all"}')])
    house.order()
    report = house.verify()
    assert (report.ok, report.notes) == (True, ()), report
    house.leave()
    return house


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _content(db: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """What the protected tables say, whatever the order of rows on the disk."""
    found = {}
    for table, housekeeping in _PROTECTED.items():
        names = ", ".join(name for name in _columns(db, table) if name not in housekeeping)
        found[table] = sorted(db.execute(f"SELECT {names} FROM {table}").fetchall(), key=repr)  # noqa: S608 - made of constants
    return found


def _flipped(value: Any, at: int) -> Any:
    """The value with one bit, character or count of it changed."""
    if isinstance(value, bytes) and value:
        place = at % len(value)
        return value[:place] + bytes([value[place] ^ (1 << (at % 8))]) + value[place + 1 :]
    if isinstance(value, str) and value:
        place = at % len(value)
        return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
    return value + 1 if isinstance(value, int) else "x"


def _do(db: sqlite3.Connection, change: Change) -> None:
    table, columns = change.table, _columns(db, change.table)
    rows = db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # noqa: S608 - made of constants
    if not rows:
        return
    rows.sort(key=repr)
    row, other = rows[change.row % len(rows)], rows[change.other % len(rows)]
    at = change.column % len(columns)
    name = columns[at]
    if change.kind == "delete" and (table, row) == ("checkpoints", rows[-1]):
        return  # The newest: see above.
    if change.kind == "delete":
        _delete(db, table, columns, row)
    elif change.kind == "tail":
        for one in rows[-(1 + change.value % 4) :]:
            _delete(db, table, columns, one)
    elif change.kind == "add":
        added = [*row]
        added[at] = _flipped(added[at], change.value)
        marks = ", ".join("?" * len(columns))
        db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", added)  # noqa: S608 - made of constants
    else:
        values = {"copy": other[at], "null": None, "swap": other[at]}
        value = values.get(change.kind, _flipped(row[at], change.value))
        if change.kind == "swap":
            _set(db, table, columns, other, name, row[at])
        _set(db, table, columns, row, name, value)


def _where(columns: list[str]) -> str:
    return " AND ".join(f"{name} IS ?" for name in columns)


def _delete(db: sqlite3.Connection, table: str, columns: list[str], row: tuple[Any, ...]) -> None:
    db.execute(f"DELETE FROM {table} WHERE {_where(columns)}", row)  # noqa: S608 - made of constants


def _set(  # noqa: PLR0917 - a row, and what to put where
    db: sqlite3.Connection,
    table: str,
    columns: list[str],
    row: tuple[Any, ...],
    name: str,
    value: Any,
) -> None:
    db.execute(f"UPDATE {table} SET {name} = ? WHERE {_where(columns)}", (value, *row))  # noqa: S608 - made of constants


def test_a_checkpoint_that_is_missing_between_others_is_seen(whole: House) -> None:
    report = _after(whole, "DELETE FROM checkpoints WHERE number = 3")
    assert str(report.flaws[0]) == "store: checkpoints 3 to 3 are missing"


def test_the_oldest_checkpoints_could_be_taken_out_unseen(whole: House) -> None:
    report = _after(whole, "DELETE FROM checkpoints WHERE number <= 2")
    assert str(report.flaws[0]) == "store: checkpoints 1 to 2 are missing"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_checkpoints_could_be_taken_out_and_the_others_numbered_anew(
    whole: House, number: int
) -> None:
    # Somebody who began to write later had seen the third.
    taken, moved = f"number = {number}", f"number > {number}"
    report = _after(
        whole,
        f"DELETE FROM checkpoints WHERE {taken}",  # noqa: S608 - made of constants
        f"UPDATE checkpoints SET number = -number WHERE {moved}",  # noqa: S608 - made of constants
        "UPDATE checkpoints SET number = -number - 1 WHERE number < 0",
    )
    (flaw,) = report.flaws
    assert "saw checkpoint 3 of " in flaw.what
    assert flaw.what.endswith("which is another one by now")


def test_the_newest_checkpoints_that_a_writer_saw_cannot_go(whole: House) -> None:
    report = _after(whole, "DELETE FROM checkpoints WHERE number >= 3")
    (flaw,) = report.flaws
    assert flaw.what.endswith(", which is gone")


@pytest.mark.parametrize("place", ["0, 1", "2, 0", "9, 0", "-1, 0", "0, -1"])
def test_a_tile_that_the_tree_does_not_have_is_seen(whole: House, place: str) -> None:
    report = _after(whole, f"INSERT INTO tiles VALUES ({place}, zeroblob(32))")  # noqa: S608 - made of constants
    assert not report.ok
    assert "tiles" in str(report.flaws[0])


def _after(house: House, *statements: str) -> Report:
    """What verification says of a copy after statements of its owner."""
    with tempfile.TemporaryDirectory() as folder:
        copy = replace(house, folder=Path(folder))
        with closing(sqlite3.connect(house.path)) as db, closing(sqlite3.connect(copy.path)) as to:
            db.backup(to)
        for statement in statements:
            copy.execute(statement)
        return copy.verify()


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(_CHANGES, min_size=1, max_size=3))
def test_whatever_is_changed_is_seen(whole: House, changes: list[Change]) -> None:
    assume(all((one.table, one.kind) not in _AT_WILL for one in changes))
    with tempfile.TemporaryDirectory() as folder:
        copy = replace(whole, folder=Path(folder))
        with closing(sqlite3.connect(whole.path)) as db, closing(sqlite3.connect(copy.path)) as to:
            db.backup(to)
            before = _content(to)
            for change in changes:
                try:
                    _do(to, change)
                except sqlite3.IntegrityError:
                    assume(False)  # Even its owner cannot make the database take it.
            to.commit()
            after = _content(to)
        report = copy.verify()
        assert before == after or not report.ok, [
            (table, set(map(repr, before[table])) ^ set(map(repr, after[table])))
            for table in before
        ]
