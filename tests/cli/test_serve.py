"""``gateway serve`` as a process: what keeps it from starting, and how it stops."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog
from click.testing import CliRunner

import gateway
from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.cli import main
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest
from gateway.demo.running import serve as serve_app
from gateway.identity.issuer import issue
from gateway.settings import load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(gateway.__file__).parent.parent
CHAT = {"model": "demo-small", "messages": [{"role": "user", "content": "Hi"}]}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gateway", *arguments]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers, root.level, logging.raiseExceptions = handlers, level, raising
    structlog.reset_defaults()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_home(tmp_path / "home")
    return tmp_path / "home"


def edit(home: Path, old: str, new: str, name: str = "gateway.yaml") -> None:
    file = home / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def refused(home: Path, *arguments: str) -> list[str]:
    done = CliRunner().invoke(main, ["serve", "-c", str(home / "gateway.yaml"), *arguments])
    assert done.exit_code == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "listening" not in done.stderr, "the port was not opened"
    return done.stderr.splitlines()


def test_as_a_process_it_ends_before_its_port_opens(home: Path) -> None:
    (home / "keys" / "log.key").unlink()
    done = subprocess.run(
        command("serve", "-c", str(home / "gateway.yaml")),
        capture_output=True, text=True, timeout=60, env=environment(), check=False, cwd=home,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{home}/keys/log.key: ")


def test_wrong_settings_are_a_sentence_each_with_its_place(home: Path) -> None:
    edit(home, "upstreams:", "upstream:")
    edit(home, "durability: strict", "durability: lax")
    file = home / "gateway.yaml"
    lines = refused(home)
    assert any("the key 'upstreams' is missing; add it" in line for line in lines)
    assert any("unknown key 'upstream'; did you mean 'upstreams'?" in line for line in lines)
    assert all(re.match(rf"{re.escape(str(file))}:\d+:\d+: ", line) for line in lines)


def test_a_credential_that_the_environment_lacks(home: Path) -> None:
    edit(home, '["demo-*"]\n', '["demo-*"]\n    credential: {header: x, value: "${MY_KEY}"}\n')
    (line,) = refused(home)
    assert line.endswith("the environment has no MY_KEY; export MY_KEY, or take the value out")


def test_a_policy_that_is_wrong(home: Path) -> None:
    edit(home, "rules:", "ruls:", "policies/policy.yaml")
    (line, *_) = refused(home)
    assert "policy.yaml:" in line
    assert "unknown key 'ruls'; did you mean 'rules'?" in line


def test_a_policy_whose_tests_fail(home: Path) -> None:
    edit(home, "roles: [analyst]", "roles: [admin]", "policies/policy.yaml")
    lines = refused(home)
    assert any("tests.yaml:" in line and "fails: expected" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "content"), [("issuer.jwks.json", None), ("issuer.jwks.json", "x"), ("log.key", "x")]
)
def test_a_key_file_that_is_missing_or_wrong(home: Path, name: str, content: str | None) -> None:
    file = home / "keys" / name
    file.unlink()
    if content is not None:
        file.write_text(content)
    (line,) = refused(home)
    assert line.startswith(f"{file}:")


def test_a_store_that_is_none(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "audit.db").write_text("this is no database" * 100)
    (line,) = refused(home)
    assert line.startswith(f"{home}/data/audit.db: audit store: ")


def test_a_taken_port(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (line,) = refused(home, "--port", str(port))
    assert line == (
        f"listen: cannot listen on '127.0.0.1', port {port}: Address already in use; "
        "choose another with --host and --port"
    )


@pytest.mark.parametrize("host", ["203.0.113.7", "a" * 70 + ".example"])
def test_an_address_that_is_not_ours(home: Path, host: str) -> None:
    (line,) = refused(home, "--host", host)
    assert line.startswith(f"listen: cannot listen on '{host}', port 8080: ")


def test_workers_are_not_started_on_wrong_settings(home: Path) -> None:
    (home / "keys" / "log.key").unlink()
    (line,) = refused(home, "--workers", "2")
    assert "log.key" in line


class Running:
    """A gateway process."""

    def __init__(self, home: Path, process: subprocess.Popen[str], log: list[str]) -> None:
        self.home, self.process, self.log = home, process, log
        self.settings = load_settings(home / "gateway.yaml")
        self.url = self._url()

    def _url(self) -> str:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "\n".join(self.log)
            for line in self.log:
                entry = json.loads(line)
                if entry["event"] == "listening" and ready(f"http://{entry['address']}"):
                    return f"http://{entry['address']}"
            time.sleep(0.02)
        raise AssertionError("\n".join(self.log))

    def headers(self, role: str) -> dict[str, str]:
        issuer = self.settings.identity.issuers[0]
        return {"authorization": f"Bearer {issue(issuer, roles=[role], subject='ada', ttl=600)}"}

    def chat(self) -> httpx.Response:
        return httpx.post(
            f"{self.url}/v1/chat/completions", json=CHAT, headers=self.headers("analyst"),
            timeout=30, trust_env=False,
        )  # fmt: skip

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)
        return time.monotonic() - began


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/gateway/health/ready", trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def running(home: Path, upstream: str, *arguments: str) -> Iterator[Running]:
    text = (home / "gateway.yaml").read_text()
    (home / "gateway.yaml").write_text(
        re.sub(r"url: http://127\.0\.0\.1:\d+", f"url: {upstream}", text)
    )
    log: list[str] = []
    with subprocess.Popen(
        command("serve", "-c", str(home / "gateway.yaml"), "--port", "0", *arguments),
        stderr=subprocess.PIPE, text=True, env=environment(), cwd=home,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        reader = threading.Thread(target=log.extend, args=(process.stderr,), daemon=True)
        reader.start()
        try:
            yield Running(home, process, log)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(40)
            reader.join(5)


def slow(_request: DemoRequest) -> DemoReply:
    return DemoReply("Here you are.", delay=2.0)


def verify(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("audit", "verify", "-c", str(home / "gateway.yaml")),
        capture_output=True, text=True, timeout=60, env=environment(), check=False,
    )  # fmt: skip


def test_a_stop_lets_requests_end_and_live_streams_do_not_hold_it_up(home: Path) -> None:
    with serve_app(demo_app(slow)) as upstream, running(home, upstream) as gate:
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(gate.chat()))
        asking.start()
        with (
            httpx.Client(base_url=gate.url, trust_env=False, timeout=30) as client,
            client.stream("GET", "/gateway/audit/stream", headers=gate.headers("auditor")) as live,
        ):
            assert next(live.iter_lines()).startswith(":")
            _await_intent(gate)
            took = gate.stop()
        asking.join(10)
        assert [answer.status_code for answer in answers] == [200]
        assert answers[0].json()["choices"][0]["message"]["content"] == "Here you are."
        assert took < 15, "the drain time is 30 seconds"
        assert not ready(gate.url)
    assert any("gateway_stopped" in line for line in gate.log)
    done = verify(home)
    assert done.returncode == 0, done.stderr


def test_a_request_beyond_the_drain_time_is_cut_and_recorded(home: Path) -> None:
    def endless(_request: DemoRequest) -> DemoReply:
        return DemoReply("Here you are.", delay=20.0)

    edit(home, "drain: 30s", "drain: 1s")
    with serve_app(demo_app(endless)) as upstream, running(home, upstream) as gate:
        asking = threading.Thread(target=lambda: suppress_http(gate.chat), daemon=True)
        asking.start()
        _await_intent(gate)
        assert gate.stop() < 8
    errors = [event["error"] for event in _query(home) if event["stage"] == "outcome"]
    assert errors == ["shutting_down"]
    assert verify(home).returncode == 0


def test_two_workers_answer_and_write_to_one_store(home: Path) -> None:
    with serve_app(demo_app()) as upstream, running(home, upstream, "--workers", "2") as gate:
        deadline = time.monotonic() + 30
        writers: set[str] = set()
        while len(writers) < 2 and time.monotonic() < deadline:
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _number: gate.chat(), range(16)))
            assert {answer.status_code for answer in answers} == {200}
            outcomes = [one for one in _query(home) if one["stage"] == "outcome"]
            writers = {one["writer"] for one in outcomes}
        assert len(writers) == 2
        assert gate.stop() < 10
    done = verify(home)
    assert done.returncode == 0, done.stderr
    stages = [event["stage"] for event in _query(home)]
    assert stages.count("gateway.start") == stages.count("gateway.stop") == 2
    assert stages.count("intent") == stages.count("outcome")


def suppress_http(ask: Callable[[], object]) -> None:
    with suppress(httpx.HTTPError):
        ask()


def _await_intent(gate: Running) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if any(event["stage"] == "intent" for event in _query(gate.home)):
            return
        time.sleep(0.1)
    raise AssertionError("no request is in flight")


def _query(home: Path) -> list[dict[str, Any]]:
    return list(events(f"sqlite:///{home}/data/audit.db", Filters(limit=1000)).events)
