"""Power cuts under load: what was answered was recorded, and the log still holds."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx
import orjson
import pytest
from house import LEAN, chat
from process import make_home, serve_process, verify_log

from gateway.audit.cursor import Cursor
from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.settings import Settings

ROUNDS: Final = 2
CLIENTS: Final = 4
SEED: Final = 20260731


@dataclass
class Load:
    """Clients that ask as fast as they can until the gateway is gone."""

    url: str
    token: str
    answered: list[str] = field(default_factory=list)
    other: list[int] = field(default_factory=list)

    def run(self, *, stream: bool) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        body = chat("hello from ada@example.com", stream=stream)
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False) as client:
            while True:
                try:
                    answer = client.post("/v1/chat/completions", json=body)
                except httpx.HTTPError:
                    return
                if answer.status_code != 200:
                    self.other.append(answer.status_code)
                elif not stream or answer.text.endswith("data: [DONE]\n\n"):
                    self.answered.append(answer.headers["x-gateway-event"])


def token(settings: Settings, *roles: str) -> str:
    return issue(settings.identity.issuers[0], roles=roles, subject="ada", ttl=600)


def stages(settings: Settings) -> dict[str, set[str]]:
    """The stages of every call in the store."""
    assert isinstance(settings.audit, AuditSettings)
    store = settings.audit.store
    cursor: Cursor | None = None
    found: dict[str, set[str]] = {}
    while True:
        page = events(store, Filters(limit=1000, cursor=cursor))
        for event in page.events:
            found.setdefault(event["request"], set()).add(event["stage"])
        if page.next is None:
            return found
        cursor = Cursor.parse(page.next)


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    answered: list[str] = []
    with serve(demo_app()) as upstream:
        home = tmp_path / "home"
        settings = make_home(home, upstream, LEAN)
        for _ in range(ROUNDS):
            with serve_process(home) as served:
                load = Load(served.url, token(settings, "analyst"))
                threads = [
                    threading.Thread(target=load.run, kwargs={"stream": number % 2 == 1})
                    for number in range(CLIENTS)
                ]
                for thread in threads:
                    thread.start()
                begun = time.monotonic()
                while not load.answered and time.monotonic() - begun < 30:
                    time.sleep(0.05)
                time.sleep(0.5 + chance.random())
                served.kill()
                for thread in threads:
                    thread.join(30)
            assert load.answered
            assert load.other == []
            answered += load.answered
            recorded = stages(settings)
            for request in answered:
                assert recorded[request] == {"intent", "outcome"}
        verify_log(home)
        with serve_process(home) as served:
            headers = {"authorization": f"Bearer {token(settings, 'analyst')}"}
            last = httpx.post(
                f"{served.url}/v1/chat/completions",
                json=chat("still here"), headers=headers, trust_env=False,
            )  # fmt: skip
            assert last.status_code == 200
            served.stop()
        assert stages(settings)[last.headers["x-gateway-event"]] == {"intent", "outcome"}


@pytest.mark.slow
def test_stop_finishes_the_answers_that_it_has_begun(tmp_path: Path) -> None:
    with serve(demo_app()) as upstream:
        home = tmp_path / "home"
        settings = make_home(home, upstream, LEAN)
        with serve_process(home) as served:
            load = Load(served.url, token(settings, "analyst"))
            threads = [
                threading.Thread(target=load.run, kwargs={"stream": number % 2 == 1})
                for number in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            time.sleep(0.7)
            served.stop()
            for thread in threads:
                thread.join(30)
            logged = [orjson.loads(line)["event"] for line in served.log.read_bytes().splitlines()]
    assert logged[-1] == "gateway_stopped"
    recorded = stages(settings)
    assert all(recorded[request] == {"intent", "outcome"} for request in load.answered)
    # Whatever was begun has its end in the log, answered or not.
    calls = [found for found in recorded.values() if "intent" in found]
    assert all("outcome" in found for found in calls)
    verify_log(home)
