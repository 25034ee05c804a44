"""``gateway init``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from gateway.audit.keys import load_recipient
from gateway.audit.recipients import suite_of
from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_what_it_wrote_and_what_comes_next(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "home")])
    assert done.exit_code == 0
    assert f"{tmp_path}/home/gateway.yaml\n" in done.stdout
    assert done.stderr == f"\nNext: gateway serve -c {tmp_path}/home/gateway.yaml\n"


def test_json(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "home"), "--json"])
    written = json.loads(done.stdout)["written"]
    assert f"{tmp_path}/home/keys/auditor.pub" in written
    assert done.stderr == ""


def test_a_second_time_nothing_is_written(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["init", str(tmp_path)])
    before = (tmp_path / "keys" / "log.key").read_bytes()
    done = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{tmp_path}/gateway.yaml: exists already; choose another folder")
    assert (tmp_path / "keys" / "log.key").read_bytes() == before


def test_the_auditors_key_can_be_x_wing(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "home"), "--suite", "x-wing"])
    assert done.exit_code == 0
    assert suite_of(load_recipient(tmp_path / "home/keys/auditor.pub")) == "x-wing"
