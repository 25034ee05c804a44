"""What every command shares: where settings are, JSON, and how errors end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from gateway.cli.common import Commands, config_option, json_option, print_json
from gateway.errors import (
    BadRequest,
    ConfigurationError,
    GatewayError,
    Place,
    Problem,
    VerificationError,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.group(cls=Commands, modules={"later": "gateway.cli.init:init"})
def group() -> None:
    """A group."""


@group.command()
@config_option
@json_option
def where(config: Path, *, as_json: bool) -> None:
    """Print the settings' path."""
    print_json({"config": str(config), "json": as_json})


ERRORS: dict[str, GatewayError] = {
    "configuration": ConfigurationError(
        [Problem(Place("a", 1, 2), "one"), Problem(Place("b"), "two")]
    ),
    "verification": VerificationError("record 3 was changed"),
    "other": BadRequest("limit is a number"),
}


@group.command()
@click.argument("kind")
def fail(kind: str) -> None:
    """Fail."""
    raise ERRORS[kind]


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("configuration", 2, "a:1:2: one\nb: two\n"),
        ("verification", 1, "record 3 was changed\n"),
        ("other", 2, "limit is a number\n"),
    ],
)
def test_an_error_of_ours_is_sentences_on_stderr_and_an_exit_code(
    kind: str, code: int, words: str
) -> None:
    done = CliRunner().invoke(group, ["fail", kind])
    assert (done.exit_code, done.stderr, done.stdout) == (code, words, "")


def test_commands_are_listed_whether_imported_or_not() -> None:
    assert group.list_commands(click.Context(group)) == ["fail", "later", "where"]
    assert group.get_command(click.Context(group), "none") is None


def found(arguments: list[str], **environment: str) -> str:
    done = CliRunner().invoke(group, ["where", *arguments], env=environment)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_where_the_settings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEWAY_CONFIG", raising=False)
    assert '"config":"gateway.yaml"' in found([])
    (tmp_path / ".gateway").mkdir()
    (tmp_path / ".gateway" / "gateway.yaml").touch()
    assert '"config":".gateway/gateway.yaml"' in found([])
    (tmp_path / "gateway.yaml").touch()
    assert '"config":"gateway.yaml"' in found([])
    assert '"config":"env.yaml"' in found([], GATEWAY_CONFIG="env.yaml")
    assert '"config":"own.yaml"' in found(["-c", "own.yaml"], GATEWAY_CONFIG="env.yaml")


def test_json_is_one_line() -> None:
    assert found(["-c", "x", "--json"]) == '{"config":"x","json":true}\n'
