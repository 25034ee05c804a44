"""Commands find the log through settings, a store or a URL, and say what is wrong with a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from audit_folder import make_audit_folder
from click.testing import CliRunner

from gateway.audit.filters import FILTERS
from gateway.cli.audit_source import (
    Source,
    filter_options,
    given_filters,
    with_source,
    with_store,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@filter_options
@with_source
def both(source: Source, **filters: str | None) -> None:
    click.echo(f"{source.store} {source.remote is not None} {given_filters(filters)}")


@click.command()
@with_store
def only_store(source: Source) -> None:
    click.echo(f"{source.store} {source.vkey}")


def test_every_filter_is_an_option() -> None:
    names = {option.name for option in both.params}
    assert set(FILTERS) - {"limit", "cursor"} <= names


def test_settings_lead_to_the_store_and_the_logs_key(tmp_path: Path) -> None:
    make_audit_folder(tmp_path).close()
    result = CliRunner().invoke(only_store, ["-c", str(tmp_path / "gateway.yaml")])
    assert result.output == f"sqlite:///{tmp_path}/data/audit.db {tmp_path}/keys/log.vkey\n"


def test_a_store_needs_no_settings() -> None:
    result = CliRunner().invoke(only_store, ["--store", "sqlite:///x.db"])
    assert result.output == "sqlite:///x.db None\n"


def test_a_gateway_is_asked_with_a_token() -> None:
    result = CliRunner().invoke(both, ["--url", "http://x", "--token", "t", "--actor", "a"])
    assert result.output == " True {'actor': 'a'}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "http://x"], "--url needs --token"),
        (["--url", "http://x", "--store", "sqlite:///x"], "exclude each other"),
    ],
)
def test_a_contradiction_is_said(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(both, arguments, env={"GATEWAY_TOKEN": ""})
    assert (result.exit_code, words in result.output) == (2, True)
