"""``gateway witness``, as a process of its own."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
from click.testing import CliRunner, Result
from made_up_log import MadeUpLog, new_signer
from process import environment, gateway_command

from gateway.audit.keys import load_verifiers
from gateway.audit.note import read_note
from gateway.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def log() -> MadeUpLog:
    return MadeUpLog(new_signer("log.example"))


@pytest.fixture
def home(tmp_path: Path, log: MadeUpLog) -> Path:
    (tmp_path / "log.vkey").write_text(f"{log.signer.verifier}\n")
    result = _run("init", str(tmp_path / "w"), "--log", str(tmp_path / "log.vkey"), "--name", "w1")
    assert result.exit_code == 0, result.stderr
    return tmp_path / "w"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["witness", *arguments])


@contextlib.contextmanager
def _served(home: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    command = gateway_command("witness", "serve", "-c", home / "witness.yaml", "--port", "0")
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment()) as process:
        try:
            assert process.stderr is not None
            line = orjson.loads(process.stderr.readline())
            assert line["event"] == "listening", line
            url = f"http://{line['address']}"
            _await_answer(url)
            yield url, process
        finally:
            process.terminate()


def _await_answer(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health", trust_env=False).is_success:
                return
        time.sleep(0.02)
    raise AssertionError("the witness did not start")


def _add(url: str, body: bytes) -> httpx.Response:
    return httpx.post(f"{url}/add-checkpoint", content=body, trust_env=False)


def test_a_new_witness_is_ready_to_serve(home: Path, log: MadeUpLog) -> None:
    assert {path.name for path in home.iterdir()} == {
        "witness.yaml", "witness.key", "witness.vkey", "witness.db", "log.example.vkey",
    }  # fmt: skip
    assert (home / "witness.key").stat().st_mode & 0o777 == 0o600
    verifiers = load_verifiers(home / "witness.vkey")
    with _served(home) as (url, _):
        answer = _add(url, log.request(0, 5))
        assert answer.status_code == 200, answer.text
        assert read_note(log.note(5) + answer.text, verifiers).signatures


def test_it_remembers_across_a_power_cut(home: Path, log: MadeUpLog) -> None:
    with _served(home) as (url, process):
        assert _add(url, log.request(0, 5)).status_code == 200
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with _served(home) as (url, _):
        answer = _add(url, log.fork(2).request(0, 9))
        assert (answer.status_code, answer.text) == (409, "5\n")
        assert _add(url, log.request(5, 9)).status_code == 200


def test_it_shows_what_it_knows(home: Path, log: MadeUpLog) -> None:
    config = str(home / "witness.yaml")
    assert _run("show", "-c", config).stdout == ""
    with _served(home) as (url, _):
        _add(url, log.request(0, 5))
        found = _run("show", "-c", config)
    origin = log.checkpoint(5).origin
    assert found.stdout == f"{origin}  5\n"
    (one,) = map(json.loads, _run("show", "-c", config, "--json").stdout.splitlines())
    assert (one["origin"], one["size"], one["note"]) == (origin, 5, log.note(5))


def test_nothing_is_written_over(home: Path, tmp_path: Path) -> None:
    before = (home / "witness.key").read_bytes()
    result = _run("init", str(home), "--log", str(tmp_path / "log.vkey"))
    assert (result.exit_code, "exists" in result.stderr) == (2, True)
    assert (home / "witness.key").read_bytes() == before


def test_a_lost_store_is_not_begun_anew(home: Path) -> None:
    (home / "witness.db").unlink()
    result = _run("serve", "-c", str(home / "witness.yaml"), "--port", "0")
    assert (result.exit_code, "forgot" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["../up", "witness", "two words"])
def test_a_name_that_would_write_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    vkey = tmp_path / "x.vkey"
    if " " not in name:
        vkey.write_text(f"{new_signer(name).verifier}\n")
        result = _run("init", str(tmp_path / "w"), "--log", str(vkey))
    else:
        vkey.write_text(f"{new_signer('log').verifier}\n")
        result = _run("init", str(tmp_path / "w"), "--log", str(vkey), "--name", name)
    assert (result.exit_code, "name" in result.stderr) == (2, True), result.stderr
    assert not (tmp_path / "up.vkey").exists()


def test_a_missing_log_key_is_a_sentence(tmp_path: Path) -> None:
    result = _run("init", str(tmp_path / "w"), "--log", str(tmp_path / "none.vkey"))
    assert (result.exit_code, "none.vkey" in result.stderr) == (2, True)
