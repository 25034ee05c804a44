"""The page of the policy tools is true: its commands run, and say what it says they do."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import get_args

import click
import orjson
import pytest
from click.testing import CliRunner, Result
from house import build, chat

from gateway.cli import main
from gateway.cli.changes import HEADINGS
from gateway.cli.policy import policy as group
from gateway.cli.policy_explain import explain
from gateway.document import read_text
from gateway.policy.callers import MAX_CALLERS
from gateway.policy.considered import State
from gateway.policy.lint import CODES
from gateway.settings import PolicySettings

PAGE = (Path(__file__).parents[2] / "docs" / "policy-tools.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


LINES = [line for block in blocks("sh") for line in block.splitlines()]
SHOWN = [block.removeprefix("$ ").partition("\n")[::2] for block in blocks("console")]
CI = next(block for block in blocks("yaml") if "runs-on" in block)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gateway's folder as the page has it: a used log, a request, and a proposed policy."""
    with build(tmp_path_factory.mktemp("tools")) as house:
        answer = house.client("analyst").post("/v1/chat/completions", json=chat("hello"))
        assert answer.status_code == 200
        (house.home / "request.json").write_bytes(orjson.dumps(chat("jane.doe@example.com")))
    propose(house.home)
    return house.home


def propose(folder: Path) -> None:
    """The copy of the policy that the page speaks of."""
    proposed = shutil.copytree(folder / "policies", folder / "proposed")
    for name, old, new in (
        ("policy.yaml", "any_of: [contractor, agency]", "any_of: [contractor]"),
        ("scanners.yaml", "EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: flag"),
    ):
        text = (proposed / name).read_text()
        assert old in text
        (proposed / name).write_text(text.replace(old, new))


def run(line: str) -> Result:
    """Runs one line of a shell, with its redirections."""
    command, source, target = line, None, None
    if " > " in line:
        command, target = line.split(" > ")
    if " < " in command:
        command, source = command.split(" < ")
    words = shlex.split(command)
    assert words[0] == "gateway"
    given = Path(source).read_bytes() if source else None
    result = CliRunner().invoke(main, words[1:], input=given)
    if target:
        Path(target).write_text(result.stdout)
    return result


def test_the_commands_run_one_after_the_other(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    assert len(LINES) > 8
    for line in LINES:
        result = run(line)
        assert result.exit_code == 0, f"{line}: {result.output}"


@pytest.mark.parametrize(("line", "expected"), SHOWN, ids=[line for line, _ in SHOWN])
def test_the_commands_print_what_is_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, line: str, expected: str
) -> None:
    monkeypatch.chdir(home)
    wanted = expected.splitlines()
    printed = [one.rstrip() for one in run(line).stdout.splitlines()]
    if wanted[-1] == "…":
        wanted.pop()
        printed = printed[: len(wanted)]
    while printed and len(printed) > len(wanted) and not printed[-1]:
        printed.pop()
    assert printed == wanted


def test_every_command_and_no_other_is_on_the_page() -> None:
    names = group.list_commands(click.Context(group))
    table = PAGE.partition("\n## ")[0]
    assert {
        name for name in names if f"`gateway policy {name}" in table or f"`{name}`" in table
    } == {*names}
    for name in re.findall(r"gateway policy ([a-z]+)", PAGE):
        assert name in names


def test_every_code_of_a_warning_is_explained() -> None:
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    named = [code for row in rows for code in re.findall(r"`([a-z-]+)`", row)]
    assert sorted(named) == sorted(CODES)


def test_every_heading_of_a_change_is_explained() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| .+ \|$", PAGE.partition("## Diff")[2], re.MULTILINE)
    known = [heading for heading, _ in HEADINGS.values()]
    assert [row for row in rows if row in known] == known


def test_every_option_of_explain_is_on_the_page() -> None:
    section = PAGE.partition("## Explain")[2].partition("## Diff")[0]
    options = [one for one in explain.params if isinstance(one, click.Option)]
    for option in options:
        assert any(f"`{name}" in section or name in section for name in option.opts), option.name


@pytest.mark.parametrize("state", get_args(State))
def test_every_state_of_a_rule_is_explained(state: str) -> None:
    assert f"`{state}`" in PAGE.partition("## Explain")[2].partition("## Diff")[0]


def test_figures_on_the_page_are_those_of_the_code() -> None:
    assert f"more than\n{MAX_CALLERS} kinds of callers" in PAGE


def test_settings_on_the_page_are_settings() -> None:
    (example,) = (block for block in blocks("yaml") if "signed_by" in block)
    found = read_text(example, "gateway.yaml").value["policy"]
    assert set(found) == set(PolicySettings.model_fields)


def test_the_steps_of_the_pipeline_run(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = read_text(CI, "ci.yaml").value["jobs"]["policy"]["steps"]
    commands = [step["run"] for step in steps if step.get("run", "").startswith("gateway ")]
    assert len(commands) == 3
    shutil.copytree(home / "policies", tmp_path / "base" / "policies")
    shutil.copytree(home / "policies", tmp_path / "work" / "policies")
    monkeypatch.chdir(tmp_path / "work")
    for command in commands:
        assert run(command.partition(" |")[0]).exit_code == 0
