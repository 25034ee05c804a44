"""``gateway audit export``: whole, filtered, resumed, and when something is in the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest
from audit_folder import SECRET, fill, make_audit_folder
from click.testing import CliRunner, Result

from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    return tmp_path


def _export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["audit", "export", *arguments], env={"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    )


def _cursor(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    word, _, cursor = result.stderr.strip().partition(": ")
    assert word == "cursor"
    return cursor


def test_jsonl_is_every_clear_header_in_the_order_of_the_log(folder: Path) -> None:
    result = _export(folder, "--format", "jsonl")
    assert _cursor(result).endswith("-4")
    found = [orjson.loads(line) for line in result.stdout.splitlines()]
    stored = events(f"sqlite:///{folder}/data/audit.db", Filters()).events
    assert found == list(reversed(stored))
    assert SECRET not in result.stdout


@pytest.mark.parametrize(("form", "start"), [("ocsf", '{"activity_id"'), ("cef", "CEF:0|")])
def test_other_formats_are_a_line_for_each_record(folder: Path, form: str, start: str) -> None:
    lines = _export(folder, "--format", form).stdout.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(start) for line in lines)


def test_filters_choose(folder: Path) -> None:
    result = _export(folder, "--format", "jsonl", "--decision", "block")
    (line,) = result.stdout.splitlines()
    assert orjson.loads(line)["actor"]["subject"] == "bob"


def test_an_export_goes_on_where_an_earlier_one_ended(folder: Path) -> None:
    target = folder / "out.jsonl"
    first = _export(folder, "--format", "jsonl", "-o", str(target), "--actor", "alice")
    assert target.stat().st_mode & 0o777 == 0o600
    whole = _export(folder, "--format", "jsonl").stdout.splitlines()
    second = _export(folder, "--format", "jsonl", "-o", str(target), "--after", _cursor(first))
    assert target.read_text().splitlines() == [whole[1], *whole[2:]]
    again = _export(folder, "--format", "jsonl", "--after", _cursor(second))
    assert (again.stdout, _cursor(again)) == ("", _cursor(second))


def test_a_file_that_exists_is_not_written_over(folder: Path) -> None:
    (folder / "out").write_text("mine")
    result = _export(folder, "--format", "cef", "-o", str(folder / "out"))
    assert (result.exit_code, "the file exists" in result.stderr) == (2, True)
    assert (folder / "out").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "xml"], "xml"),
        ([], "--format"),
        (["--format", "cef", "--after", "nonsense"], "cursor"),
        (["--format", "cef", "--after", f"{'0' * 16}-1"], "another store"),
        (["--format", "cef", "--status", "x"], "status"),
        (["--format", "cef", "-o", "/proc/none"], "cannot be written"),
        (["--format", "cef", "--store", "sqlite:///none.db"], "none.db"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_exit_2(
    folder: Path, arguments: list[str], words: str
) -> None:
    result = _export(folder, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("damage", ["'[]'", "json_remove(CAST(header AS TEXT), '$.time')", "7"])
def test_a_damaged_record_ends_the_export_with_the_cursor_before_it(
    folder: Path, damage: str
) -> None:
    with closing(sqlite3.connect(folder / "data/audit.db")) as tamper:
        tamper.execute(f"UPDATE records SET header = {damage} WHERE seq = 3")  # noqa: S608 - constants
        tamper.commit()
    result = _export(folder, "--format", "ocsf")
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    cursor, sentence = result.stderr.splitlines()
    assert cursor.endswith("-2")
    assert "gateway audit verify" in sentence
