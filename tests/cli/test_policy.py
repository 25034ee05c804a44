"""``gateway policy check``, ``gateway policy test`` and ``gateway policy schema``."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

SHIPPED = Path(__file__).parents[2] / "policies"

POLICY = """\
version: 1
metadata: {name: prod, revision: 7}
roles: {analyst: {}}
rules: [{id: chat, allow: {roles: [analyst], models: [m]}, scan: []}]
tests:
  - name: analysts may chat
    given: {role: analyst, route: messages, model: m}
    expect: {decision: %s}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "p.yaml"
    path.write_text(POLICY % "allow")
    return path


def gateway(*args: object) -> Result:
    return CliRunner().invoke(main, ["policy", *(str(arg) for arg in args)])


def test_check_says_that_a_policy_is_fine(file: Path) -> None:
    result = gateway("check", file)
    assert result.exit_code == 0
    assert result.stdout == "ok policy 'prod', revision 7: 1 role, 1 rule, 0 scanners, 1 test\n"
    assert result.stderr == ""


def test_check_names_every_problem_with_its_place(file: Path) -> None:
    file.write_text("version: 1\nrols: {}\nmodels: 1\n")
    result = gateway("check", file)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"error {file}:2:1: unknown key 'rols'; did you mean 'roles'?",
        f"error {file}:3:1: models: must be a mapping of keys to values",
    ]


def test_check_warns_and_still_says_that_it_is_fine(file: Path) -> None:
    file.write_text(POLICY % "allow" + "models: {unused: [m]}\n")
    result = gateway("check", file)
    assert result.exit_code == 0
    assert result.stderr == (
        f"warning {file}:9:10: the set of models 'unused' is not used; use it, or take it out"
        " [unused-models]\n"
    )
    assert result.stdout.startswith("ok policy 'prod'")


def test_a_strict_check_fails_on_warnings(file: Path) -> None:
    assert gateway("check", "--strict", file).exit_code == 0
    file.write_text(POLICY % "allow" + "models: {unused: [m]}\n")
    result = gateway("check", "--strict", file)
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL policy 'prod'")
    report = gateway("check", "--strict", "--json", file)
    assert report.exit_code == 1
    (warning,) = orjson.loads(report.stdout)["warnings"]
    assert (warning["code"], warning["line"]) == ("unused-models", 9)


def test_a_warning_is_one_whole_line_however_long(file: Path) -> None:
    file.write_text(POLICY % "allow" + f"models: {{{'a' * 64}: [m]}}\n")
    assert len(gateway("check", file).stderr.splitlines()) == 1


def test_check_speaks_json(file: Path) -> None:
    found = orjson.loads(gateway("check", file, "--json").stdout)
    assert (found["valid"], found["problems"], found["warnings"]) == (True, [], [])
    assert (found["name"], found["revision"], found["files"]) == ("prod", 7, [str(file)])
    assert len(found["digest"]) == 64

    file.write_text("version: 1\nrols: {}\n")
    result = gateway("check", file, "--json")
    assert result.exit_code == 1
    assert orjson.loads(result.stdout) == {
        "valid": False,
        "problems": [
            {
                "file": str(file),
                "line": 2,
                "column": 1,
                "message": "unknown key 'rols'",
                "advice": "did you mean 'roles'?",
                "code": "",
            }
        ],
        "warnings": [],
    }


def test_test_runs_the_tests(file: Path) -> None:
    result = gateway("test", file)
    assert result.exit_code == 0
    assert result.stdout == "ok   analysts may chat\n1 of 1 tests passed\n"


def test_test_says_which_test_fails_where_and_why(file: Path) -> None:
    file.write_text(POLICY % "block")
    result = gateway("test", file)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "FAIL analysts may chat",
        f"     {file}:6:5: expected block, got allow (the scanners found nothing)",
        "0 of 1 tests passed",
    ]


def test_test_speaks_json(file: Path) -> None:
    file.write_text(POLICY % "block")
    result = gateway("test", file, "--json")
    assert result.exit_code == 1
    found = orjson.loads(result.stdout)
    assert (found["passed"], found["failed"]) == (0, 1)
    assert found["tests"] == [
        {
            "name": "analysts may chat",
            "passed": False,
            "why": "expected block, got allow (the scanners found nothing)",
            "file": str(file),
            "line": 6,
            "column": 5,
        }
    ]


def test_test_of_a_policy_that_does_not_load_names_its_problems(file: Path) -> None:
    file.write_text("version: 1\nrols: {}\n")
    result = gateway("test", file)
    assert result.exit_code == 1
    assert "did you mean 'roles'?" in result.stderr


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_call_without_a_path_or_with_one_that_is_not_there_is_wrong(
    command: str, tmp_path: Path
) -> None:
    assert gateway(command).exit_code == 2
    assert gateway(command, tmp_path / "gone").exit_code == 2


@pytest.mark.parametrize("command", ["check", "test"])
def test_the_shipped_policy_holds(command: str) -> None:
    result = gateway(command, SHIPPED)
    assert result.exit_code == 0
    assert result.stderr == ""


def test_the_schema_is_one_for_editors() -> None:
    result = gateway("schema")
    assert result.exit_code == 0
    found = orjson.loads(result.stdout)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"roles", "rules", "limits", "exceptions", "tests"} <= found["properties"].keys()
