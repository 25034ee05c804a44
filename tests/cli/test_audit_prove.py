"""``gateway audit prove``: what it writes, what it takes for a proof, and what not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import c2sp
import orjson
import pytest
from audit_folder import fill, make_audit_folder, order
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house import LEAN, build, chat

from gateway.audit.filters import Filters
from gateway.audit.keys import load_verifiers
from gateway.audit.note import Signer, sign
from gateway.audit.query import events
from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    return tmp_path


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/data/audit.db"


def _prove(folder: Path, *arguments: str) -> Result:
    config = {"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    return CliRunner().invoke(main, ["audit", "prove", *arguments], env=config)


def _event(folder: Path) -> str:
    return str(events(_url(folder), Filters(limit=1, decision="block")).events[0]["id"])


def _file(folder: Path) -> Path:
    order(folder)
    path = folder / "one.tlog-proof"
    result = _prove(folder, _event(folder), "-o", str(path))
    assert result.exit_code == 0, result.stderr
    return path


def test_a_proof_is_one_that_others_can_check(folder: Path) -> None:
    order(folder)
    event = _event(folder)
    result = _prove(folder, event)
    assert result.exit_code == 0, result.stderr
    index, entry = c2sp.proved(result.stdout, (folder / "keys/log.vkey").read_text())
    assert (index, orjson.loads(entry)["id"]) == (2, event)


def test_a_proof_is_checked_without_the_log(folder: Path) -> None:
    path, event = _file(folder), _event(folder)
    for file in (folder / "data").iterdir():
        file.unlink()
    (folder / "gateway.yaml").unlink()
    vkey = str(folder / "keys/log.vkey")
    result = _prove(folder, "--check", str(path), "--vkey", vkey)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("record 2 of 4 of the log log.example/")
    assert event in result.stdout
    found = orjson.loads(_prove(folder, "--check", str(path), "--vkey", vkey, "--json").stdout)
    assert (found["ok"], found["index"], found["size"]) == (True, 2, 4)
    assert found["header"]["id"] == event


def test_the_settings_lead_to_the_key(folder: Path) -> None:
    assert _prove(folder, "--check", str(_file(folder))).exit_code == 0
    (folder / "keys/log.vkey").unlink()
    result = _prove(folder, "--check", str(folder / "one.tlog-proof"))
    assert (result.exit_code, "--vkey log.vkey" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("part", "other", "words"),
    [
        ("index 2", "index 1", "does not lead to the root"),
        ("index 2", "index 9", "no leaf of this index"),
        ("extra eyJ", "extra eyK", "does not lead to the root"),
        ("\n4\n", "\n5\n", "signature of log.example is wrong"),
        ("log.example/", "log.exampl3/", "signature of log.example is wrong"),
        ("tlog-proof@v1", "tlog-proof@v9", "this is no proof"),
    ],
)
def test_a_proof_that_was_changed_does_not_hold(
    folder: Path, part: str, other: str, words: str
) -> None:
    path = _file(folder)
    text = path.read_text()
    assert part in text
    path.write_text(text.replace(part, other, 1))
    result = _prove(folder, "--check", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert str(path) in result.stderr


def test_a_proof_without_its_record_or_of_something_else_is_refused(folder: Path) -> None:
    path = _file(folder)
    lines = path.read_text().split("\n")
    path.write_text("\n".join([lines[0], *lines[2:]]))
    assert "extra line is missing" in _prove(folder, "--check", str(path)).stderr
    path.write_bytes(b"\xff\xfe")
    assert "this is no proof" in _prove(folder, "--check", str(path)).stderr


def test_a_proof_by_another_key_is_refused(folder: Path) -> None:
    other = folder / "other.vkey"
    other.write_text(str(Signer.of("log.example", Ed25519PrivateKey.generate()).verifier))
    result = _prove(folder, "--check", str(_file(folder)), "--vkey", str(other))
    assert (result.exit_code, "no known key" in result.stderr) == (1, True)


def test_witnesses_are_counted(folder: Path) -> None:
    path = _file(folder)
    witnesses = [Signer.of(f"w{n}", Ed25519PrivateKey.generate()).cosigner for n in range(2)]
    files = []
    for witness in witnesses:
        files += ["--witness", str(folder / f"{witness.name}.vkey")]
        (folder / f"{witness.name}.vkey").write_text(str(witness.verifier))
    check = ("--check", str(path), *files)
    assert "0 witnesses have cosigned it, 2 are needed" in _prove(folder, *check).stderr
    text = path.read_text()
    note = text.split("\n\n", 1)[1].partition("\n\n")[0] + "\n"
    path.write_text(text + sign(note, witnesses[0], time=5).partition("\n\n")[2])
    assert _prove(folder, *check).exit_code == 1
    result = _prove(folder, *check, "--quorum", "1")
    assert result.exit_code == 0, result.stderr
    assert "cosigned by w0\n" in result.stdout


def test_the_log_is_not_its_own_witness(folder: Path) -> None:
    path, own = _file(folder), folder / "own.vkey"
    own.write_text(str(load_verifiers(folder / "keys/log.vkey")[0].cosigner))
    result = _prove(folder, "--check", str(path), "--witness", str(own))
    assert (result.exit_code, "no witness's key" in result.stderr) == (2, True)


def test_what_cannot_be_proved_is_said(folder: Path) -> None:
    unknown = _prove(folder, "00000000-0000-7000-8000-000000000000")
    assert (unknown.exit_code, "there is no such event" in unknown.stderr) == (2, True)
    early = _prove(folder, _event(folder))
    assert (early.exit_code, "no checkpoint covers this event yet" in early.stderr) == (2, True)


def test_nothing_is_written_over_and_missing_files_are_named(folder: Path) -> None:
    path = _file(folder)
    again = _prove(folder, _event(folder), "-o", str(path))
    assert (again.exit_code, "File exists" in again.stderr) == (2, True)
    missing = _prove(folder, "--check", str(folder / "none"))
    assert (missing.exit_code, "No such file" in missing.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [[], ["ID", "--check", "x"], ["--check", "x", "-o", "y"]])
def test_one_thing_at_a_time(folder: Path, arguments: list[str]) -> None:
    assert _prove(folder, *arguments).exit_code == 2


def test_a_running_gateway_is_asked(tmp_path: Path) -> None:
    with build(tmp_path, policy=LEAN) as house:
        answer = house.client("analyst").post("/v1/chat/completions", json=chat("Hi"))
        records = house.records_of(answer.headers["x-gateway-event"])
        where = ("--url", house.url, "--token", house.token("auditor"))
        event = str(records[0]["id"])
        while (result := _prove(house.home, event, *where)).exit_code:
            assert "ask again in a second" in result.stderr
        _, entry = c2sp.proved(result.stdout, (house.home / "keys/log.vkey").read_text())
        assert orjson.loads(entry)["id"] == event
        refused = _prove(house.home, event, "--url", house.url, "--token", house.token("analyst"))
        assert (refused.exit_code, "403" in refused.stderr) == (2, True)
