"""Replicas with one log in PostgreSQL: what becomes of them when it stops, freezes and is back."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import httpx
import orjson
import pytest
from black_hole import black_hole
from house import LEAN, NO_TLS, chat
from process import make_home, serve_process, verify_log

from gateway.audit.store.opening import open_reader
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from postgres_server import PostgresServer
    from process import Served

    from gateway.settings import Settings

_DEADLINE: Final = 2.0
_SHORT: Final = 1.0
"""Where everything has to run into it."""
_TAKEN_OVER: Final = 5.0
_PATIENCE: Final = 3.0
"""Seconds more that a machine with much else to do may take."""


@dataclass
class Callers:
    """Clients that ask without a pause until they are told to stop.

    Attributes:
        answered: The events of calls that were answered.
        refused: Status and seconds of every other answer.
        lost: Calls without an answer.
    """

    token: str
    over: threading.Event = field(default_factory=threading.Event)
    answered: list[str] = field(default_factory=list)
    refused: list[tuple[int, float]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def ask(self, url: str) -> None:
        """Begins to ask a gateway."""
        thread = threading.Thread(target=self._run, args=(url,), daemon=True)
        self.threads.append(thread)
        thread.start()

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits for something that must come."""
        deadline = time.monotonic() + 40
        while not condition():
            assert time.monotonic() < deadline, (len(self.answered), self.refused[-3:], self.lost)
            time.sleep(0.05)

    def more(self) -> None:
        """Waits until further calls are answered."""
        wanted = len(self.answered) + 20
        self.until(lambda: len(self.answered) >= wanted)

    def end(self) -> None:
        """Lets them finish."""
        self.over.set()
        for thread in self.threads:
            thread.join(30)

    def _run(self, url: str) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        with httpx.Client(
            base_url=url, headers=headers, timeout=30, trust_env=False, verify=NO_TLS
        ) as client:
            while not self.over.is_set():
                began = time.monotonic()
                try:
                    answer = client.post("/v1/chat/completions", json=chat("good morning"))
                except httpx.HTTPError as error:
                    self.lost.append(repr(error))
                    continue
                if answer.status_code == 200:
                    self.answered.append(answer.headers["x-gateway-event"])
                else:
                    self.refused.append((answer.status_code, time.monotonic() - began))


def _callers(settings: Settings) -> Callers:
    return Callers(issue(settings.identity.issuers[0], roles=["analyst"], subject="ada", ttl=600))


def _home(folder: Path, upstream: str, store: str, deadline: float = _DEADLINE) -> Settings:
    return make_home(folder, upstream, LEAN, f"{store}\n  deadline: {deadline:.0f}s")


def _ready(served: Served) -> bool:
    answer = httpx.get(f"{served.url}/gateway/health/ready", trust_env=False, verify=NO_TLS)
    return answer.status_code == 200


def _check(home: Path, store: str, callers: Callers, writers: int) -> None:
    """All that was answered is there exactly once, and the log holds."""
    with open_reader(store) as reader:
        headers = [orjson.loads(raw) for (raw,) in reader.rows("SELECT header FROM records")]
        assert len(reader.rows("SELECT id FROM writers")) >= writers
    assert len({header["id"] for header in headers}) == len(headers)
    stages: dict[str, list[str]] = {}
    for header in headers:
        stages.setdefault(header["request"], []).append(header["stage"])
    for request in callers.answered:
        assert sorted(stages[request]) == ["intent", "outcome"]
    verify_log(home)


@pytest.mark.slow
def test_replicas_and_their_workers_write_one_log(
    tmp_path: Path, shared_postgres: PostgresServer
) -> None:
    store = shared_postgres.url(shared_postgres.make())
    home = tmp_path / "home"
    with serve(demo_app()) as upstream:
        callers = _callers(_home(home, upstream, store))
        with (
            serve_process(home) as one,
            serve_process(home, 0, "--workers", "2") as two,
        ):
            for url in (one.url, two.url, one.url, two.url):
                callers.ask(url)
            for _ in range(5):
                callers.more()
            callers.end()
    assert (callers.refused, callers.lost) == ([], [])
    _check(home, store, callers, writers=3)


def _leads(served: Served, settings: Settings) -> bool:
    token = issue(settings.identity.issuers[0], roles=["auditor"], subject="ada", ttl=600)
    answer = httpx.get(
        f"{served.url}/gateway/metrics",
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
        verify=NO_TLS,
    )
    return "gateway_audit_sequencer_leads 1.0" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_another_replica_takes_the_lead_of_one_that_is_gone(
    tmp_path: Path, shared_postgres: PostgresServer, fate: signal.Signals
) -> None:
    store = shared_postgres.url(shared_postgres.make())
    home = tmp_path / "home"
    with ExitStack() as stack:
        settings = _home(home, stack.enter_context(serve(demo_app())), store)
        callers = _callers(settings)
        served = [stack.enter_context(serve_process(home)) for _ in range(2)]
        callers.until(lambda: any(_leads(one, settings) for one in served))
        first = next(one for one in served if _leads(one, settings))
        other = served[1 - served.index(first)]
        callers.ask(other.url)
        callers.more()
        first.process.send_signal(fate)
        began = time.monotonic()
        callers.until(lambda: _leads(other, settings))
        assert time.monotonic() - began < _TAKEN_OVER + _PATIENCE
        callers.more()
        if fate == signal.SIGSTOP:
            # It comes back, finds that another leads, and signs nothing.
            first.process.send_signal(signal.SIGCONT)
            callers.until(lambda: not _leads(first, settings))
            callers.more()
            assert _leads(other, settings)
        callers.end()
        assert (callers.refused, callers.lost) == ([], [])
        other.stop()
        if fate == signal.SIGSTOP:
            first.stop()
    _check(home, store, callers, writers=2)


@pytest.mark.slow
def test_a_database_that_stops_and_freezes_is_refused_in_time_and_gone_on_with(
    tmp_path: Path, own_postgres: PostgresServer
) -> None:
    store = own_postgres.url(own_postgres.make())
    home = tmp_path / "home"
    with ExitStack() as stack:
        upstream = stack.enter_context(serve(demo_app()))
        callers = _callers(_home(home, upstream, store, _SHORT))
        served = [stack.enter_context(serve_process(home)) for _ in range(2)]
        for one in (*served, *served):
            callers.ask(one.url)
        callers.more()
        for stop, start in (
            (own_postgres.stop, own_postgres.start),
            (own_postgres.freeze, own_postgres.thaw),
        ):
            before = len(callers.refused)
            stop()
            callers.until(lambda before=before: len(callers.refused) > before)  # type: ignore[misc]
            callers.until(lambda: not any(_ready(one) for one in served))
            start()
            callers.until(lambda: all(_ready(one) for one in served))
            callers.more()
        callers.end()
        assert [one.process.poll() for one in served] == [None, None]
        for one in served:
            one.stop()
        assert {status for status, _ in callers.refused} == {503}
        assert max(spent for _, spent in callers.refused) < _DEADLINE + _PATIENCE
        assert callers.lost == []
        password = urlsplit(store).password
        assert password
        for one in served:
            logged = one.log.read_text()
            assert "audit_unavailable" in logged
            assert "audit_available" in logged
            assert password not in logged
            assert unquote(password) not in logged
        _check(home, store, callers, writers=2)


@pytest.mark.slow
def test_bug_a_gateway_beside_a_silent_database_took_minutes_to_stop(
    tmp_path: Path, shared_postgres: PostgresServer
) -> None:
    near = shared_postgres.url(shared_postgres.make())
    home = tmp_path / "home"
    with ExitStack() as stack:
        upstream = stack.enter_context(serve(demo_app()))
        hole = stack.enter_context(black_hole(shared_postgres.port))
        far = near.replace(f":{shared_postgres.port}/", f":{hole.port}/")
        # Nothing that waits for the database may have a part in it.
        callers = _callers(_home(home, upstream, far, 30.0))
        served = stack.enter_context(serve_process(home))
        callers.ask(served.url)
        callers.more()
        callers.end()
        hole.fate = "lost"
        served.stop()
        assert "gateway_stopped" in served.log.read_text()
        hole.fate = "forwarded"
        with serve_process(home) as another:
            callers.until(lambda: _ready(another))
            another.stop()
        _check(home, far, callers, writers=2)


@pytest.mark.slow
def test_a_database_in_a_black_hole_is_refused_in_time_and_gone_on_with(
    tmp_path: Path, shared_postgres: PostgresServer
) -> None:
    near = shared_postgres.url(shared_postgres.make())
    home = tmp_path / "home"
    with ExitStack() as stack:
        upstream = stack.enter_context(serve(demo_app()))
        hole = stack.enter_context(black_hole(shared_postgres.port))
        far = near.replace(f":{shared_postgres.port}/", f":{hole.port}/")
        settings = _home(home, upstream, far, _SHORT)
        callers = _callers(settings)
        served = stack.enter_context(serve_process(home))
        for _ in range(3):
            callers.ask(served.url)
        callers.more()
        # What it is asked for is done, and nobody hears of that.
        hole.fate = "answers lost"
        callers.until(lambda: bool(callers.refused))
        callers.until(lambda: not _ready(served))
        token = issue(settings.identity.issuers[0], roles=["auditor"], subject="eve", ttl=600)
        with httpx.Client(
            base_url=served.url, headers={"authorization": f"Bearer {token}"}, timeout=30,
            trust_env=False, verify=NO_TLS,
        ) as client:  # fmt: skip
            for path in ("events", "checkpoint", "stream"):
                began = time.monotonic()
                assert client.get(f"/gateway/audit/{path}").status_code == 503
                assert time.monotonic() - began < _DEADLINE + _PATIENCE
            hole.fate = "forwarded"
            callers.until(lambda: _ready(served))
            callers.more()
            callers.end()
            assert client.get("/gateway/audit/events").status_code == 200
            assert client.get("/gateway/audit/checkpoint").status_code == 200
        assert served.process.poll() is None
        served.stop()
        assert {status for status, _ in callers.refused} == {503}
        assert max(spent for _, spent in callers.refused) < _DEADLINE + _PATIENCE
        assert callers.lost == []
        _check(home, far, callers, writers=1)
