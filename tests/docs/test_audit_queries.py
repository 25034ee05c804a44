"""The page of the queries is true: its filters are those of the code, and its commands run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audit_folder import SETTINGS, fill, make_audit_folder
from click.testing import CliRunner

from gateway.audit.filters import FILTERS
from gateway.audit.postings import BLOCK
from gateway.cli import main
from gateway.key_files import create_random_key

if TYPE_CHECKING:
    from click.testing import Result

PAGE = (Path(__file__).parents[2] / "docs" / "audit-queries.md").read_text()
LINES = [
    line
    for block in re.findall(r"^```(?:sh)?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith("gateway ") and "audit tail" not in line and "--store" not in line
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    create_random_key(tmp_path / "keys" / "index.key")
    (tmp_path / "gateway.yaml").write_text(SETTINGS + "  index_key: keys/index.key\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(line: str) -> Result:
    return CliRunner().invoke(main, shlex.split(line, comments=True)[1:])


@pytest.mark.usefixtures("folder")
def test_each_command_runs_in_its_turn() -> None:
    assert len(LINES) >= 8
    for line in LINES:
        result = _run(line)
        assert result.exit_code == 0, (line, result.stderr)


def test_every_filter_is_in_the_table() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert set(FILTERS) - {"limit", "cursor"} <= named
    assert f"each {BLOCK} records" in PAGE
