"""A witness's memory: on the disk, never begun anew by the way, never waited for without end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.witness import store as module
from gateway.witness.refusals import Unavailable
from gateway.witness.store import Witnessed, WitnessStore, create_store

if TYPE_CHECKING:
    from pathlib import Path

_ONE = Witnessed("log/a", 5, bytes(32), "note", 7)


def test_what_was_put_is_there_after_a_restart(store: WitnessStore, tmp_path: Path) -> None:
    with store.turn() as turn:
        turn.put(_ONE)
    store.close()
    again = WitnessStore(tmp_path / "witness.db")
    with again.turn() as turn:
        assert turn.newest("log/a") == _ONE
        assert turn.newest("log/b") is None
        newer = Witnessed("log/a", 9, bytes(32), "newer", 8)
        turn.put(newer)
    assert again.all() == [newer]
    again.close()


def test_a_turn_that_fails_changes_nothing(store: WitnessStore) -> None:
    with pytest.raises(KeyError), store.turn() as turn:  # noqa: PT012 - it fails half-way
        turn.put(_ONE)
        raise KeyError
    assert store.all() == []


def test_the_file_is_its_owners(tmp_path: Path, store: WitnessStore) -> None:
    assert (tmp_path / "witness.db").stat().st_mode & 0o777 == 0o600


def test_a_file_is_not_made_twice(tmp_path: Path, store: WitnessStore) -> None:
    with pytest.raises(ConfigurationError, match="cannot be made"):
        create_store(tmp_path / "witness.db")


def test_a_missing_file_is_not_begun_anew(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="forgot"):
        WitnessStore(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough" * 20])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"no witness's store"):
        WitnessStore(tmp_path / "x.db")


def test_a_deleted_or_replaced_file_remembers_nothing(store: WitnessStore, tmp_path: Path) -> None:
    path = tmp_path / "witness.db"
    path.rename(tmp_path / "moved.db")
    with pytest.raises(Unavailable), store.turn() as turn:
        turn.put(_ONE)
    create_store(path)
    with pytest.raises(Unavailable), store.turn() as turn:
        turn.put(_ONE)
    with closing(WitnessStore(path)) as again:
        assert again.all() == []


def test_a_locked_file_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY", 0.05)
    create_store(tmp_path / "busy.db")
    store = WitnessStore(tmp_path / "busy.db")
    with closing(sqlite3.connect(tmp_path / "busy.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked"):
            store.all()
        other.execute("ROLLBACK")
    assert store.all() == []
    with store.turn(), pytest.raises(Unavailable, match="too long"):
        store.all()
    store.close()
