"""``gateway keys``: pairs are made beside others, and a log goes on under new ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from gateway.audit.keys import load_auditor, load_recipient, load_signer, load_verifiers
from gateway.audit.ledger import Item, Keys, Ledger
from gateway.audit.recipients import suite_of
from gateway.audit.record import Record
from gateway.cli import main
from gateway.key_files import read_random_keys
from gateway.settings import AuditSettings, load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_home(tmp_path / "home")
    return tmp_path / "home"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def rotate(home: Path, kind: str, *arguments: str) -> list[Path]:
    done = run("keys", "rotate", kind, "-c", home / "gateway.yaml", "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return [home / "keys" / path.rpartition("/")[2] for path in json.loads(done.stdout)["written"]]


def write_one(home: Path) -> str:
    """What a start and a stop of a gateway with these settings leave in its log."""
    settings = load_settings(home / "gateway.yaml").audit
    assert isinstance(settings, AuditSettings)
    recipients = tuple(load_recipient(path) for path in settings.recipients)
    keys = Keys(load_signer(settings.signing_key), recipients)
    ledger, record = Ledger(settings.store, keys, 1.0), Record("intent")
    ledger.commit([Item(record, b'{"prompt": "one"}')])
    ledger.close()
    return record.id


def put(home: Path, old: str, new: str) -> None:
    file = home / "gateway.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def verify(home: Path, *arguments: object) -> Result:
    return run("audit", "verify", "-c", home / "gateway.yaml", *arguments)


@pytest.mark.parametrize("suite", ["x25519", "x-wing"])
def test_a_new_auditor_can_be_named_in_the_settings(home: Path, suite: str) -> None:
    done = run("keys", "new", "auditor", home / "more", "--suite", suite, "--name", "second")
    assert done.stdout == f"{home}/more/second.key\n{home}/more/second.pub\n"
    assert f"1. add {home}/more/second.pub to audit.recipients.\n" in done.stderr
    assert suite_of(load_auditor(home / "more/second.key")) == suite
    put(home, "[keys/auditor.pub]", "[keys/auditor.pub, more/second.pub]")
    checked = run("check", "-c", home / "gateway.yaml")
    assert checked.exit_code == 0, checked.stderr
    assert f", {suite} " in checked.stdout
    event = write_one(home)
    for key in ("keys/auditor.key", "more/second.key"):
        shown = run("audit", "show", event, "-c", home / "gateway.yaml", "--key", home / key)
        assert '"prompt": "one"' in shown.stdout


def test_a_new_signing_pair_belongs_together(tmp_path: Path) -> None:
    assert run("keys", "new", "signing", tmp_path).exit_code == 0
    assert load_verifiers(tmp_path / "log.vkey") == (load_signer(tmp_path / "log.key").verifier,)


def test_nothing_is_overwritten(home: Path) -> None:
    before = {file: file.read_bytes() for file in (home / "keys").iterdir()}
    for kind, name in (("auditor", "auditor.key"), ("signing", "log.key")):
        done = run("keys", "new", kind, home / "keys")
        assert done.exit_code == 2
        assert done.stderr.startswith(f"{home}/keys/{name}: the file exists; keys are never")
        assert run("keys", "rotate", kind, "-c", home / "gateway.yaml").exit_code == 0
    assert {file: file.read_bytes() for file in before} == before


def test_it_says_what_to_do_with_both_keys(home: Path) -> None:
    done = run("keys", "rotate", "signing", "-c", home / "gateway.yaml")
    assert done.stdout == f"{home}/keys/log-2.key\n{home}/keys/log-2.vkey\n"
    first, second, third = done.stderr.split("\n1. ")[1].splitlines()
    assert first.startswith(f"{home}/gateway.yaml:")
    assert f"write signing_key: {home}/keys/log-2.key, and restart" in first
    assert second.startswith(f"2. give {home}/keys/log-2.vkey to whoever verifies")
    assert third.startswith(f"3. then destroy {home}/keys/log.key")
    done = run("keys", "rotate", "auditor", "-c", home / "gateway.yaml")
    assert f"put {home}/keys/auditor-2.pub in the place of the key it replaces" in done.stderr
    assert f"2. move {home}/keys/auditor-2.key to the auditors" in done.stderr


def test_a_log_goes_on_under_new_signing_keys_and_holds(home: Path) -> None:
    write_one(home)
    first, second = rotate(home, "signing"), None
    put(home, "keys/log.key", "keys/log-2.key")
    write_one(home)
    second = rotate(home, "signing")
    put(home, "keys/log-2.key", "keys/log-3.key")
    write_one(home)
    assert [file.name for file in (*first, *second)] == [
        "log-2.key", "log-2.vkey", "log-3.key", "log-3.vkey",
    ]  # fmt: skip
    assert {key.name for key in load_verifiers(second[1])} == {load_signer(first[0]).name}
    assert len(load_verifiers(second[1])) == 3
    done = verify(home)
    assert done.exit_code == 0, done.stderr
    assert "were not checked" not in done.stdout
    # An older file knows no later key; two files together do.
    assert verify(home, "--vkey", home / "keys/log.vkey").exit_code == 1
    newest = home / "newest.vkey"
    newest.write_text(f"{load_verifiers(second[1])[0]}\n")
    assert verify(home, "--vkey", newest).exit_code == 1
    assert verify(home, "--vkey", newest, "--vkey", first[1]).exit_code == 0


def test_after_an_auditors_rotation_each_key_opens_its_own_time(home: Path) -> None:
    before = write_one(home)
    private, _ = rotate(home, "auditor", "--suite", "x-wing")
    put(home, "keys/auditor.pub", "keys/auditor-2.pub")
    after = write_one(home)
    assert suite_of(load_auditor(private)) == "x-wing"
    for event, key, opens in (
        (before, "auditor", True),
        (before, "auditor-2", False),
        (after, "auditor", False),
        (after, "auditor-2", True),
    ):
        file = home / f"keys/{key}.key"
        shown = run("audit", "show", event, "-c", home / "gateway.yaml", "--key", file)
        assert (shown.exit_code == 0) is opens, shown.stderr
    keys = ["--key", home / "keys/auditor.key", "--key", private]
    done = verify(home, *keys)
    assert done.exit_code == 0, done.stderr
    assert "2 opened" in done.stdout


def test_the_next_auditor_is_of_the_kind_of_the_one_before(home: Path) -> None:
    rotate(home, "auditor", "--suite", "x-wing")
    put(home, "keys/auditor.pub", "keys/auditor-2.pub")
    private, _ = rotate(home, "auditor")
    assert private.name == "auditor-3.key"
    assert suite_of(load_auditor(private)) == "x-wing"


def test_where_audit_is_off_there_is_nothing_to_rotate(home: Path) -> None:
    file = home / "gateway.yaml"
    head, _, tail = file.read_text().partition("audit:\n")
    file.write_text(head + "audit: off\n" + tail[tail.index("limits:") :])
    done = run("keys", "rotate", "signing", "-c", file)
    assert (done.exit_code, "audit is off" in done.stderr) == (2, True)


def test_the_key_of_the_index_is_replaced_and_finds_what_both_have_indexed(home: Path) -> None:
    old = home / "keys/index.key"
    for name in ("index-2", "index-3"):
        (written,) = rotate(home, "index")
        assert written == home / f"keys/{name}.key"
        assert written.stat().st_mode & 0o777 == 0o600
        assert read_random_keys(written)[1:] == read_random_keys(old)
        put(home, f"keys/{old.name}", f"keys/{written.name}")
        old.unlink()
        old = written
    assert len(read_random_keys(old)) == 3
    checked = run("check", "-c", home / "gateway.yaml")
    assert checked.exit_code == 0, checked.stderr


def test_rotating_the_key_of_the_index_says_what_to_do(home: Path) -> None:
    done = run("keys", "rotate", "index", "-c", home / "gateway.yaml")
    assert done.stdout == f"{home}/keys/index-2.key\n"
    assert f"write index_key: {home}/keys/index-2.key, and restart" in done.stderr
    assert f"then destroy {home}/keys/index.key" in done.stderr
    assert "index_key: keys/index.key" in (home / "gateway.yaml").read_text()


def test_where_values_are_not_indexed_there_is_no_key_to_replace(home: Path) -> None:
    put(home, "  index_key: keys/index.key", "")
    done = run("keys", "rotate", "index", "-c", home / "gateway.yaml")
    assert (done.exit_code, "values are not indexed" in done.stderr) == (2, True)
