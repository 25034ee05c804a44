from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.binding import Subject
from gateway.audit.chain import GENESIS
from gateway.audit.head import Head
from gateway.audit.record import Record
from gateway.audit.seal import Salt
from gateway.audit.store.base import Batch, Entry, SaltsErased, WriterClosed
from gateway.audit.store.schema import columns
from gateway.audit.store.sqlite import SqliteStore
from gateway.audit.store.sqlite_batch import MOST, insert, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLES = ("records", "sealed", "salts", "blind", "segments", "writers")


def _id(wseq: int) -> str:
    return f"{wseq:08x}-0000-7000-8000-000000000000"


def _batch(first: int, entries: list[tuple[bytes | None, tuple[int, ...]]], **more: Any) -> Batch:
    made = []
    for wseq, (sealed, tokens) in enumerate(entries, first):
        record = Record("intent", request="call", id=_id(wseq))
        raw, header = record.to_header("one", wseq), record.header("one", wseq)
        segment = None if sealed is None else "segment"
        made.append(Entry(record.id, wseq, raw, GENESIS, columns(header), sealed, segment, tokens))
    more.setdefault("segments", {})
    return Batch(made, head=Head("one", first + len(made) - 1, GENESIS), note="note", **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store whose writer has written its first record, and begun a segment."""
    with closing(SqliteStore(tmp_path / "audit.db", 5.0, "make")) as opened:
        opened.write(_batch(0, [(b"sealed", ())], segments={"segment": b"envelope"}, erasures=0))
        yield opened


def _rows(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(store.path)) as other:
        found = {table: other.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}  # noqa: S608 - names of ours
    found["writers"] = [row[:-1] for row in found["writers"]]  # When it was last seen.
    return found


_ENTRIES = st.lists(
    st.tuples(
        st.none() | st.binary(min_size=29, max_size=40),
        st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25)
@given(_ENTRIES, st.integers(0, 3))
def test_a_batch_at_once_leaves_what_one_in_steps_does(
    tmp_path_factory: pytest.TempPathFactory,
    entries: list[tuple[bytes | None, tuple[int, ...]]],
    salts: int,
) -> None:
    new = [Salt("segment", Subject(f"s{n}", "iss", "acme"), b"salt") for n in range(salts)]
    first = _batch(0, [(b"sealed", ())], segments={"segment": b"envelope"}, erasures=0)
    second = _batch(1, entries, salts=tuple(new), erasures=0)
    found = []
    for at_once in (True, False):
        path = tmp_path_factory.mktemp("store") / "audit.db"
        with closing(SqliteStore(path, 5.0, "make")) as store:
            store.write(first)
            if at_once:
                assert store._write_at_once(second)
            else:
                store._write_in_steps(second)
            found.append(_rows(store))
    assert found[0] == found[1]
    assert len(found[0]["records"]) == 1 + len(entries)
    assert len(found[0]["blind"]) == sum(len(tokens) for _, tokens in entries)


@pytest.mark.parametrize("size", [1, 2, 7, MOST - 1, MOST, 3 * MOST])
def test_batches_of_any_size_are_whole(store: SqliteStore, size: int) -> None:
    store.write(_batch(1, [(b"sealed", (n,)) for n in range(size)], erasures=0))
    rows = _rows(store)
    assert [row[3] for row in rows["records"]] == [*range(size + 1)]
    assert [row[0] for row in rows["sealed"]] == [*range(1, size + 2)]
    assert sorted(seq for _, seq in rows["blind"]) == [*range(2, size + 2)]
    assert rows["writers"][0][2] == size


def test_large_parts_are_written_in_pieces_beside_small_ones(store: SqliteStore) -> None:
    parts = [bytes(29), bytearray(b"x" * 300_000), None, b"y" * 29]
    store.write(_batch(1, [(part, ()) for part in parts], erasures=0))  # type: ignore[misc]
    found = [row[2] for row in _rows(store)["sealed"][1:]]
    assert found == [bytes(part) for part in parts if part is not None]


def test_attack_a_closed_writer_writes_nothing_more(store: SqliteStore) -> None:
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("UPDATE writers SET closed = 1")
    before = _rows(store)
    with pytest.raises(WriterClosed):
        store.write(_batch(1, [(b"sealed", (7,))], erasures=0))
    assert _rows(store) == before


def test_attack_nothing_is_stored_under_salts_that_were_erased_meanwhile(
    store: SqliteStore,
) -> None:
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("UPDATE meta SET value = '1' WHERE key = 'erasures'")
    before, batch = _rows(store), _batch(1, [(b"sealed", ())], erasures=0)
    with pytest.raises(SaltsErased):
        store.write(batch)
    assert (_rows(store), store.erasures) == (before, 1)
    # What is not sealed does not care.
    store.write(replace(_batch(1, [(None, ())]), erasures=None))
    assert len(_rows(store)["records"]) == 2


def test_a_record_that_is_there_already_undoes_the_whole_statement(store: SqliteStore) -> None:
    before = _rows(store)
    batch = _batch(1, [(None, ()), (None, ())])
    twice = replace(batch, entries=[batch.entries[0], replace(batch.entries[1], id=_id(0))])
    with pytest.raises(Exception, match="is there already"):
        store.write(twice)
    assert _rows(store) == before


def test_the_view_is_in_no_file(store: SqliteStore) -> None:
    with closing(sqlite3.connect(store.path)) as other:
        names = [row[0] for row in other.execute("SELECT name FROM sqlite_master")]
        assert not any("incoming" in name for name in names)
        prepare(other)
        insert(other, [])
