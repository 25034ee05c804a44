"""``gateway audit prune``: retention by hand, with a record of it, and only what is told."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from audit_folder import fill, make_audit_folder, order
from click.testing import CliRunner, Result

from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path

_DAY = 86_400 * 10**9


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of a day ago that is signed today."""
    true = time.time_ns
    monkeypatch.setattr("time.time_ns", lambda: true() - _DAY)
    with closing(make_audit_folder(tmp_path)) as ledger:
        fill(ledger)
    monkeypatch.undo()
    order(tmp_path)
    return tmp_path


def _run(folder: Path, *arguments: str) -> Result:
    environment = {"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    return CliRunner().invoke(main, ["audit", *arguments], env=environment)


def _retain(folder: Path, periods: str) -> None:
    with (folder / "gateway.yaml").open("a") as file:
        file.write(f"  retention: {periods}\n")


def test_what_has_expired_is_taken_out_with_a_record_of_it(folder: Path) -> None:
    _retain(folder, "{sealed: 1h}")
    done = _run(folder, "prune")
    assert (done.exit_code, done.stdout) == (0, "sealed: 2 taken out, 0 kept\n"), done.stderr
    report = json.loads(_run(folder, "verify", "--json").stdout)
    assert (report["ok"], report["pruned_parts"], report["pruned_headers"]) == (True, 2, 0)
    assert "audit.pruned" in _run(folder, "query", "--stage", "audit.pruned").stdout
    again = _run(folder, "prune")
    assert (again.exit_code, again.stdout) == (0, "nothing has outlived its retention\n")


def test_what_is_held_stays(folder: Path) -> None:
    _retain(folder, "{sealed: 1h, headers: 2h}")
    assert _run(folder, "hold", "add", "--subject", "alice", "--reason", "case 7").exit_code == 0
    done = _run(folder, "prune", "--json")
    told = {one["what"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert (told["sealed"]["pruned"], told["sealed"]["kept"]) == (1, 1)
    assert told["headers"]["kept"] == 1
    assert _run(folder, "verify").exit_code == 0


@pytest.mark.parametrize("periods", [None, "{sealed: 90d}"])
def test_nothing_goes_that_is_not_told_to(folder: Path, periods: str | None) -> None:
    if periods is not None:
        _retain(folder, periods)
    done = _run(folder, "prune")
    assert done.exit_code == (2 if periods is None else 0)
    if periods is None:
        assert "audit.retention: says of nothing how long it is kept" in done.stderr
    report = json.loads(_run(folder, "verify", "--json").stdout)
    assert (report["ok"], report["pruned_parts"]) == (True, 0)
