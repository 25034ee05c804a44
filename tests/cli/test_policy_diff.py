"""``gateway policy diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.cli.policy_diff import side_of
from gateway.steps.activation import compile_policy
from gateway.terms import Action

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
version: 1
metadata: {name: prod, revision: 7}
roles: {analyst: {}, developer: {}}
scanners:
  pii: {kind: pii, on: [user], entities: {EMAIL_ADDRESS: redact}}
rules:
  - {id: chat, allow: {roles: [analyst], models: [m]}, scan: [pii]}
tests:
  - name: an address is redacted
    given: {role: analyst, route: messages, model: m, prompt: jane.doe@example.com}
    expect: {decision: redact}
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    path = tmp_path / "new" / "p.yaml"
    text = POLICY.replace("revision: 7", "revision: 8").replace("[analyst]", "[analyst, developer]")
    path.write_text(text.replace(": redact", ": flag"))
    return path.parent


def diff(*args: object) -> Result:
    return CliRunner().invoke(main, ["policy", "diff", *map(str, args)])


def test_a_person_reads_what_opens_first(old: Path, new: Path) -> None:
    result = diff(old, new)
    assert result.exit_code == 0
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[0] == "policy 'prod', revision 7 -> policy 'prod', revision 8"
    assert lines[2] == "newly allowed"
    assert lines[4] == "  now      allowed by rule chat"
    assert lines[5] == "  for      role developer"
    assert "a weaker action on texts" in lines
    assert "  now      flag (pii EMAIL_ADDRESS)" in lines
    assert any("in the test 'an address is redacted'" in line for line in lines)
    assert lines[-1].startswith("3 changes, in ")


def test_programs_read_the_same(old: Path, new: Path) -> None:
    found: dict[str, Any] = orjson.loads(diff(old, new, "--json").stdout)
    assert (found["old"]["revision"], found["new"]["revision"]) == (7, 8)
    assert [change["kind"] for change in found["changes"]] == ["allowed", "weaker", "scanners"]
    first = found["changes"][0]
    assert first["callers"] == ["role developer"]
    assert first["example"]["model"] == "m"
    assert found["complete"]
    assert found["asked"] > 0


def test_callers_that_were_not_asked_about_are_admitted(tmp_path: Path) -> None:
    roles = ", ".join(f"r{number}: {{}}" for number in range(1001))
    (tmp_path / "many.yaml").write_text(f"version: 1\nroles: {{{roles}}}\n")
    shown = diff(tmp_path / "many.yaml", tmp_path / "many.yaml").stdout
    assert "there are more callers than 1000: not all were asked about" in shown
    found = orjson.loads(diff(tmp_path / "many.yaml", tmp_path / "many.yaml", "--json").stdout)
    assert not found["complete"]


def test_nothing_changes_between_a_policy_and_itself(old: Path) -> None:
    result = diff(old, old)
    assert result.exit_code == 0
    assert "nothing changes, in " in result.stdout


def test_the_exit_code_is_1_on_changes_only_where_that_is_asked_for(old: Path, new: Path) -> None:
    assert diff(old, new, "--exit-code").exit_code == 1
    assert diff(old, old, "--exit-code").exit_code == 0
    assert diff(old, new, "--json", "--exit-code").exit_code == 1


def test_a_policy_that_does_not_load_names_its_problems(old: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("version: 1\nrols: {}\n")
    result = diff(old, tmp_path / "wrong.yaml")
    assert result.exit_code == 1
    assert "did you mean 'roles'?" in result.stderr


def test_texts_are_read_by_the_policys_own_scanners(old: Path) -> None:
    side = side_of(compile_policy([old]))
    (hit,) = side.scan("jane.doe@example.com", "user", ("pii",))
    assert (hit.scanner, hit.entity, hit.action) == ("pii", "EMAIL_ADDRESS", Action.REDACT)
