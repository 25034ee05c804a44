"""``gateway audit hold``: placed, listed, released; and it keeps what it holds from erasure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from audit_folder import fill, make_audit_folder
from click.testing import CliRunner, Result

from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    return tmp_path


def _run(folder: Path, *arguments: str) -> Result:
    environment = {"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    return CliRunner().invoke(main, ["audit", *arguments], env=environment)


def test_a_hold_is_placed_listed_and_released(folder: Path) -> None:
    added = _run(folder, "hold", "add", "--subject", "alice", "--reason", "case 7")
    assert (added.exit_code, added.stdout) == (0, "hold 1: subject alice\n")
    listed = _run(folder, "hold", "list").stdout
    assert "subject alice" in listed
    assert "case 7" in listed
    assert _run(folder, "verify").exit_code == 0
    released = _run(folder, "hold", "release", "1", "--reason", "settled", "--json")
    assert json.loads(released.stdout) == {"released": 1}
    assert _run(folder, "hold", "list", "--json").stdout == ""
    assert _run(folder, "verify").exit_code == 0


@pytest.mark.parametrize(
    ("options", "kind", "value"),
    [
        (("--request", "r-1"), "request", "r-1"),
        (("--tenant", "acme"), "tenant", "acme"),
        (("--since", "1970-01-01T00:00:01Z", "--until", "1970-01-01T00:00:03Z"), "time",
         "1000/2999"),
        (("--until", "1970-01-01T00:00:03Z"), "time", "0/2999"),
        (("--since", "1970-01-01T00:00:01Z"), "time", f"1000/{2**47}"),
    ],
)  # fmt: skip
def test_everything_that_can_be_named_can_be_held(
    folder: Path, options: tuple[str, ...], kind: str, value: str
) -> None:
    result = _run(folder, "hold", "add", *options, "--reason", "case 7", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["kind"], found["value"], found["reason"]) == (kind, value, "case 7")


@pytest.mark.parametrize(
    "options", [(), ("--subject", "a", "--tenant", "b"), ("--subject", "a", "--since", "24h")]
)
def test_a_hold_keeps_exactly_one_thing(folder: Path, options: tuple[str, ...]) -> None:
    result = _run(folder, "hold", "add", *options, "--reason", "case 7")
    assert (result.exit_code, "say what to hold" in result.stderr) == (2, True)


@pytest.mark.parametrize("what", ["--subject alice", "--since 1h", "--until 2100-01-01T00:00:00Z"])
def test_what_is_held_cannot_be_erased(folder: Path, what: str) -> None:
    assert _run(folder, "hold", "add", *what.split(), "--reason", "case 7").exit_code == 0
    result = _run(folder, "erase", "--subject", "alice")
    assert result.exit_code == 2
    assert "legal hold 1" in result.stderr
    assert "case 7" in result.stderr
    assert _run(folder, "hold", "release", "1", "--reason", "settled").exit_code == 0
    assert _run(folder, "erase", "--subject", "alice").exit_code == 0


def test_a_hold_that_is_not_there_is_a_sentence_and_exit_2(folder: Path) -> None:
    result = _run(folder, "hold", "release", "9", "--reason", "settled")
    assert result.exit_code == 2
    assert "there is no hold 9: see `gateway audit hold list`" in result.stderr
