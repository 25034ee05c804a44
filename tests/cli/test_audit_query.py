"""``gateway audit query --value``: who held it, without a word of it anywhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from audit_folder import SETTINGS, call_of, make_audit_folder
from click.testing import CliRunner, Result

from gateway.audit.blind import BlindIndex, Value
from gateway.audit.ledger import Item, Ledger
from gateway.cli import main
from gateway.key_files import create_random_key, read_random_key

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = "alice@example.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plain = make_audit_folder(tmp_path)
    plain.close()
    key = read_random_key(create_random_key(tmp_path / "keys" / "index.key"))
    (tmp_path / "gateway.yaml").write_text(SETTINGS + "  index_key: keys/index.key\n")
    keys = replace(plain._keys, index=BlindIndex(key))
    ledger = Ledger(f"sqlite:///{tmp_path}/data/audit.db", keys, 1.0)
    for actor, values in (
        ("ann", (Value(EMAIL),)),
        ("bob", (Value("Berlin", guessable=True),)),
        ("cem", (Value(EMAIL), Value("4111 1111 1111 1111"))),
    ):
        ledger.commit([Item(call_of(actor), b"{}", values)])
    ledger.close()
    return tmp_path


def _run(folder: Path, *arguments: str, **options: Any) -> Result:
    environment = {"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    return CliRunner().invoke(main, ["audit", "query", *arguments], env=environment, **options)


def _found(result: Result) -> list[tuple[str, str]]:
    assert result.exit_code == 0, result.stderr
    lines = map(json.loads, result.stdout.splitlines())
    return [(line["actor"]["subject"], line["match"]) for line in lines]


def test_every_request_that_held_a_value_is_found(folder: Path) -> None:
    assert _found(_run(folder, "--value", EMAIL.upper(), "--json")) == [
        ("cem", "value"),
        ("ann", "value"),
    ]
    assert _found(_run(folder, "--value", "4111111111111111", "--json")) == [("cem", "value")]
    assert _found(_run(folder, "--value", EMAIL, "--actor", "ann", "--json")) == [("ann", "value")]
    assert _found(_run(folder, "--value", "eve@example.com", "--json")) == []


def test_a_guessable_value_is_found_with_a_word_of_doubt(folder: Path) -> None:
    assert _found(_run(folder, "--value", "BERLIN", "--json")) == [("bob", "short")]
    shown = _run(folder, "--value", "Berlin").stdout
    assert "1 of these were found by a short token: they may have held another value" in shown
    assert "short token" not in _run(folder, "--value", EMAIL).stdout


def test_a_value_can_be_kept_out_of_the_command_line(folder: Path) -> None:
    found = _found(_run(folder, "--value", "-", "--json", input=f"{EMAIL}\n"))
    assert [actor for actor, _ in found] == ["cem", "ann"]


def test_another_key_finds_nothing_and_a_store_alone_needs_one(folder: Path) -> None:
    store = f"sqlite:///{folder}/data/audit.db"
    right, wrong = folder / "keys/index.key", create_random_key(folder / "other.key")
    at = ("--store", store, "--value", EMAIL, "--json")
    assert len(_found(_run(folder, *at, "--index-key", str(right)))) == 2
    assert _found(_run(folder, *at, "--index-key", str(wrong))) == []
    result = _run(folder, *at)
    assert (result.exit_code, "--value needs --index-key" in result.stderr) == (2, True)


def test_a_value_is_put_into_no_url(folder: Path) -> None:
    result = _run(folder, "--url", "http://127.0.0.1:1", "--token", "t", "--value", EMAIL)
    assert result.exit_code == 2
    assert "a value belongs in no URL" in result.stderr
    assert EMAIL not in result.output


@pytest.mark.parametrize("value", ["", "  "])
def test_no_value_is_refused(folder: Path, value: str) -> None:
    result = _run(folder, "--value", value)
    assert (result.exit_code, "--value needs a value" in result.stderr) == (2, True)
