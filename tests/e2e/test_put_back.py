"""An older copy of the store is put back under a running gateway: it says so, and signs nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import c2sp
from house import LEAN, build, chat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from house import House


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


def _size(house: House) -> int:
    answer = house.client().get("/gateway/audit/checkpoint")
    vkey = (house.home / "keys/log.vkey").read_text()
    return c2sp.tree_of(answer.text, vkey).size if answer.is_success else 0


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _failing(house: House) -> list[str]:
    found: list[str] = house.client().get("/gateway/health/ready").json().get("failing", [])
    return found


def test_an_older_copy_that_is_put_back_is_noticed_at_once(tmp_path: Path) -> None:
    with build(tmp_path, policy=LEAN) as house:
        store, older = house.home / "data/audit.db", tmp_path / "older.db"
        _until(lambda: _size(house) >= 3)
        _copy(store, older)
        house.client("analyst").post("/v1/chat/completions", json=chat("Hi"))
        _until(lambda: _size(house) >= 5)
        assert _failing(house) == []
        seen = _size(house)
        _copy(older, store)
        _until(lambda: "audit_tree" in _failing(house))
        assert _size(house) < seen
        time.sleep(1.5)
        assert _size(house) < seen, "nothing more is signed"
        metrics = house.client("auditor").get("/gateway/metrics").text
        assert "\ngateway_audit_incidents_total 0.0\n" not in metrics
