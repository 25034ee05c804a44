"""The command line as a whole."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway import __version__
from gateway.cli import main

COMMANDS = ("audit", "check", "init", "policy", "scan", "serve", "token", "witness")


def test_the_help_names_every_command() -> None:
    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert all(f"\n  {name}  " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = CliRunner().invoke(main, [name, "-h"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Usage: ")


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"gateway, version {__version__}\n"


@pytest.mark.parametrize("arguments", [["nothing"], ["serve", "--port", "x"], ["--nothing"]])
def test_a_wrong_call_ends_with_2(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
