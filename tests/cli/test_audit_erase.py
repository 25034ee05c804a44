"""``gateway audit erase``: a person is forgotten, the log holds, and nobody by accident."""

from __future__ import annotations

import getpass
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from gateway.audit.keys import create_keys, load_keys
from gateway.audit.ledger import Item, Ledger
from gateway.audit.record import Actor, Record
from gateway.cli import main
from gateway.settings import AuditSettings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SETTINGS = """\
upstreams: {demo: {url: "http://127.0.0.1:1", models: ["*"]}}
identity:
  issuers:
    - {issuer: "https://two/", audience: x, jwks_url: "http://127.0.0.1:1/x", algorithms: [RS256]}
policy: {path: policies}
audit: {store: "sqlite:///audit.db", recipients: [keys/auditor.pub], signing_key: keys/log.key}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys")
    (tmp_path / "gateway.yaml").write_text(_SETTINGS)
    return tmp_path


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    settings = load_settings(home / "gateway.yaml").audit
    assert isinstance(settings, AuditSettings)
    ledger = Ledger(settings.store, load_keys(settings), 1.0)
    yield ledger
    ledger._drop()


def say(ledger: Ledger, name: str) -> str:
    record = Record("intent", actor=Actor(name))
    ledger.commit([Item(record, b'{"prompt": "said by %s"}' % name.encode())])
    return record.id


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments, "-c", str(home / "gateway.yaml")])


def show(home: Path, event: str, *more: str) -> str:
    done = run(home, "show", event, "--key", str(home / "keys/auditor.key"), *more)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_it_is_unreadable_and_the_log_holds(home: Path, ledger: Ledger) -> None:
    alice, bob = say(ledger, "alice"), say(ledger, "bob")
    done = run(home, "erase", "--subject", "alice", "--reason", "asked for it")
    assert done.exit_code == 0, done.stderr
    assert (
        done.stdout == "1 sealed part erased: nobody can open what was sealed any more (1 salt)\n"
    )
    assert "said by" not in show(home, alice)
    assert "erased: the salt of its subject is gone" in show(home, alice)
    assert json.loads(show(home, alice, "--json"))["erased"] is True
    assert "said by bob" in show(home, bob)
    after = say(ledger, "alice")
    assert "said by alice" in show(home, after)
    verified = run(home, "verify", "--key", str(home / "keys/auditor.key"))
    assert verified.exit_code == 0, verified.stderr
    assert "3 sealed parts, 2 opened, 1 erased" in verified.stdout
    (record,) = run(home, "query", "--stage", "audit.erased", "--json").stdout.splitlines()
    detail = json.loads(record)["detail"]
    assert (detail["subject"], detail["by"]) == ("alice", getpass.getuser())
    assert (detail["reason"], detail["records"]) == ("asked for it", 1)


def test_a_dry_run_needs_no_keys_and_changes_nothing(home: Path, ledger: Ledger) -> None:
    event = say(ledger, "alice")
    (home / "keys/log.key").rename(home / "log.key")
    done = run(home, "erase", "--subject", "alice", "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "1 sealed part would be erased (1 salt)\n")
    assert "said by alice" in show(home, event)


def test_json(home: Path, ledger: Ledger) -> None:
    say(ledger, "alice")
    done = run(home, "erase", "--subject", "alice", "--dry-run", "--json")
    assert json.loads(done.stdout) == {"erased": False, "salts": 1, "records": 1, "left": 0}
    done = run(home, "erase", "--subject", "alice", "--json")
    assert json.loads(done.stdout) == {"erased": True, "salts": 1, "records": 1, "left": 0}


def test_it_cannot_be_done_without_the_logs_key(home: Path, ledger: Ledger) -> None:
    event = say(ledger, "alice")
    (home / "keys/log.key").rename(home / "log.key")
    done = run(home, "erase", "--subject", "alice")
    assert done.exit_code == 2
    assert "log.key: the key cannot be read" in done.stderr
    assert "said by alice" in show(home, event)


def test_a_legal_hold_is_named(home: Path, ledger: Ledger) -> None:
    event = say(ledger, "alice")
    with closing(sqlite3.connect(home / "audit.db")) as connection:
        connection.execute("INSERT INTO holds VALUES (7, 'subject', 'alice', 'case 12', 'dave', 0)")
        connection.commit()
    done = run(home, "erase", "--subject", "alice")
    assert done.exit_code == 2
    assert done.stderr == (
        "alice: legal hold 7 of dave keeps these records: case 12;"
        " nothing is erased while it holds\n"
    )
    assert "said by alice" in show(home, event)


def test_somebody_must_be_named(home: Path, ledger: Ledger) -> None:
    event = say(ledger, "alice")
    assert run(home, "erase").exit_code == 2
    for nobody in ("", "*", "%"):
        assert run(home, "erase", "--subject", nobody).exit_code == 0
    assert "said by alice" in show(home, event)


def test_what_stays_readable_is_no_success(home: Path, ledger: Ledger) -> None:
    say(ledger, "alice")
    with closing(sqlite3.connect(home / "audit.db")) as connection:
        ((header,),) = connection.execute("SELECT header FROM records WHERE seq = 2")
        head, _, tail = header.partition(b',"salt":"')
        connection.execute("UPDATE records SET header = ? WHERE seq = 2", (head + tail[65:],))
        connection.commit()
    done = run(home, "erase", "--subject", "alice")
    assert done.exit_code == 1
    assert done.stderr.startswith("1 sealed parts of alice stay readable: an earlier version")


def test_another_store_can_be_named(home: Path, ledger: Ledger) -> None:
    say(ledger, "alice")
    other = f"sqlite:///{home}/other.db"
    done = run(home, "erase", "--subject", "alice", "--store", other, "--dry-run")
    assert (done.exit_code, "other.db" in done.stderr) == (2, True)
    ledger.close()
    (home / "audit.db").rename(home / "other.db")
    done = run(home, "erase", "--subject", "alice", "--store", other)
    assert "1 sealed part erased" in done.stdout


def test_where_audit_is_off_nobody_is_there(home: Path) -> None:
    file = home / "gateway.yaml"
    file.write_text(file.read_text().partition("audit:")[0] + "audit: off\n")
    done = run(home, "erase", "--subject", "alice")
    assert (done.exit_code, "audit is off" in done.stderr) == (2, True)
