"""What the commands of ``gateway policy`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.cli.policy_common import console, load_or_exit, problem_json, summary, title
from gateway.errors import Place, Problem
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
    assert problem_json(Problem(Place("a.yaml", 2, 3), "is wrong", "mend it")) == {
        "file": "a.yaml",
        "line": 2,
        "column": 3,
        "message": "is wrong",
        "advice": "mend it",
    }


def test_a_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("word " * 60)
    assert len(capsys.readouterr().out.splitlines()) == 1
