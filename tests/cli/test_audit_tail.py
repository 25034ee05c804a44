"""``gateway audit tail``: of a store, and of a gateway that is killed and started again."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest
from audit_folder import call_of, fill, make_audit_folder
from click.testing import CliRunner, Result
from house import LEAN, chat
from process import environment, gateway_command, make_home, serve_process
from rich.console import Console

from gateway.audit.store.opening import open_reader
from gateway.cli import main
from gateway.cli.audit_tail import _line
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from gateway.settings import Settings

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    return tmp_path


def _store(folder: Path) -> str:
    return f"sqlite:///{folder}/data/audit.db"


def _run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["audit", *arguments], env={"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    )


def _lines(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_tail_follows_the_store(folder: Path) -> None:
    with open_reader(_store(folder)) as reader:
        after = f"{reader.store}-1"
    (one, two) = _lines(_run(folder, "tail", "--after", after, "--count", "2", "--json"))
    assert [one["data"]["actor"]["subject"], two["data"]["actor"]["subject"]] == ["alice", "bob"]
    (again,) = _lines(_run(folder, "tail", "--after", one["cursor"], "--count", "1", "--json"))
    assert again == two
    text = _run(folder, "tail", "--after", after, "--count", "1", "--actor", "bob").stdout
    assert "CREDIT_CARD" in text


def test_tail_says_when_something_was_skipped(folder: Path) -> None:
    result = _run(folder, "tail", "--after", f"{'0' * 16}-5", "--count", "1")
    assert result.stdout == "-- some records skipped: the store was replaced\n"


def test_an_interrupted_tail_ends_quietly(folder: Path) -> None:
    # Whoever runs the tests in the background of a shell has them ignore the signal.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{heed}; import sys; from gateway.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "audit", "tail", "--store", _store(folder), "--after",
         f"{'0' * 16}-0", "--json"],
        cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        assert b"gap" in child.stdout.readline()
        child.send_signal(2)
        assert child.wait(10) in {0, -2, 130}
        assert b"Traceback" not in child.stderr.read()


@pytest.mark.parametrize(
    ("decision", "style"), [("allow", "green"), ("block", "red"), ("deny", "bold red")]
)
def test_lines_have_the_colour_of_their_decision(decision: str, style: str) -> None:
    header = orjson.loads(call_of("alice", decision=decision).to_header("w", 1))
    line = _line("record", header)
    assert line.style == style
    screen = Console(force_terminal=True, width=40, color_system="standard", record=True)
    with screen.capture() as shown:
        screen.print(line, soft_wrap=True)
    assert "\x1b[" in shown.get()
    assert shown.get().count("\n") == 1


def test_a_checkpoint_and_a_gap_are_lines_of_their_own_without_escape_sequences() -> None:
    evil = "\x1b]0;owned\x07"
    gap = _line("gap", {"skipped": 3, "reason": evil})
    assert gap.plain == "-- 3 records skipped: \ufffd]0;owned\ufffd"
    signed = _line("checkpoint", {"size": 7, "time": "2027-01-15T08:00:00.000Z", "note": "x"})
    assert signed.plain == "-- signed: 7 records, 2027-01-15T08:00:00.000Z"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Tail:
    """A tail in a process of its own; ``seen`` are the ids of the records that it has shown."""

    def __init__(self, home: Path, url: str, token: str) -> None:
        self.process = subprocess.Popen(
            gateway_command("audit", "tail", "--url", url, "--token", token, "--json",
                            "--route", "chat.completions"),
            cwd=home, env=environment(), stdout=subprocess.PIPE,
        )  # fmt: skip
        self.seen: list[str] = []
        self.other: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            one = orjson.loads(line)
            if one["kind"] == "record":
                self.seen.append(one["data"]["id"])
            else:
                self.other.append(one["kind"])

    def wait(self, count: int) -> None:
        end = time.monotonic() + 30
        while len(self.seen) < count:
            assert time.monotonic() < end, (len(self.seen), count)
            time.sleep(0.02)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _records(settings: Settings, condition: str) -> list[str]:
    assert isinstance(settings.audit, AuditSettings)
    with open_reader(settings.audit.store) as reader:
        found = reader.rows(f"SELECT id FROM records WHERE {condition} ORDER BY seq")  # noqa: S608
    return [name for (name,) in found]


def _ask(url: str, settings: Settings, times: int) -> None:
    token = issue(settings.identity.issuers[0], roles=["analyst"], subject="ada", ttl=600)
    headers = {"authorization": f"Bearer {token}"}
    for _ in range(times):
        answer = httpx.post(
            f"{url}/v1/chat/completions", json=chat("hello"), headers=headers, trust_env=False
        )
        assert answer.status_code == 200


@pytest.mark.slow
def test_a_gateway_that_is_killed_and_started_again_leaves_no_gap_and_no_duplicate(
    tmp_path: Path,
) -> None:
    port = _free_port()
    with serve(demo_app()) as upstream:
        home = tmp_path / "home"
        settings = make_home(home, upstream, LEAN)
        token = issue(settings.identity.issuers[0], roles=["auditor"], subject="eve", ttl=600)
        with serve_process(home, port) as served:
            tail = _Tail(home, served.url, token)
            while not _records(settings, "stage = 'audit.read'"):
                time.sleep(0.05)
            time.sleep(0.5)
            # It has seen no event yet, and knows where it began all the same.
            served.kill()
        for turn in (1, 2):
            with serve_process(home, port) as served:
                _ask(served.url, settings, 3)
                tail.wait(6 * turn)
                served.kill()
        tail.close()
    assert tail.seen == _records(settings, "route = 'chat.completions'")
    assert "gap" not in tail.other
