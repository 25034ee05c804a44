"""What the commands of ``gateway policy`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from gateway.cli.policy_common import (
    console,
    day_option,
    load_or_exit,
    problem_json,
    some,
    summary,
    title,
)
from gateway.errors import Place, Problem
from gateway.policy.days import today
from gateway.policy.model import Policy

if TYPE_CHECKING:
    from pathlib import Path


def test_a_wrong_policy_ends_the_command_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("rols: {}")
    with pytest.raises(SystemExit) as caught:
        load_or_exit([file], as_json=False)
    assert caught.value.code == 1
    assert capsys.readouterr().err.startswith(f"error {file}:1:1: unknown key 'rols'")


def test_a_policy_is_named_by_name_and_revision() -> None:
    policy = Policy(name="prod", revision=7, digest="d", files=("a.yaml",))
    assert title(policy) == "policy 'prod', revision 7"
    assert summary(policy) == {"name": "prod", "revision": 7, "digest": "d", "files": ["a.yaml"]}


def test_a_problem_has_its_place_in_json() -> None:
    assert problem_json(Problem(Place("a.yaml", 2, 3), "is wrong", "mend it", "near-miss")) == {
        "file": "a.yaml",
        "line": 2,
        "column": 3,
        "message": "is wrong",
        "advice": "mend it",
        "code": "near-miss",
    }


def test_a_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("word " * 600)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_terminal_gets_colours_and_its_own_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    console().print("word " * 30, style="red")
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) > 3
    assert "\x1b[" in shown


def test_long_lists_are_cut_and_counted() -> None:
    assert some(["a", "b"]) == "a; b"
    assert some([*"abcdefg"]) == "a; b; c; d; e and 2 more"


@click.command()
@day_option
def asked(*, day: int) -> None:
    click.echo(day)


def test_a_day_is_a_date_and_today_if_not_given() -> None:
    assert CliRunner().invoke(asked, ["--day", "1970-01-03"]).output == "2\n"
    before = today()
    assert before <= int(CliRunner().invoke(asked).output) <= today()
    wrong = CliRunner().invoke(asked, ["--day", "tomorrow"])
    assert wrong.exit_code == 2
    assert "must be a date such as 2027-01-31" in wrong.output
