"""Gateways that share a log are killed in turns while their receiver fails: nothing is left out."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
from house import LEAN, chat
from process import Served, make_home, serve_process
from receivers import Posted, receive_http

from gateway.audit.store.opening import open_reader
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.settings import AuditSettings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BATCH = 20
_KILLS = 2


def _ask(served: Served, token: str, until: threading.Event) -> None:
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=served.url, headers=headers, trust_env=False) as client:
        while not until.is_set():
            try:
                client.post("/v1/chat/completions", json=chat("hello"))
            except httpx.HTTPError:
                return


class _Siem:
    """Says yes, or no where it is told to; keeps the ids that it said yes to."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refused = 0
        self.failing = False

    def __call__(self, posted: Posted) -> tuple[int, dict[str, str], bytes]:
        if self.failing:
            self.refused += 1
            return 503, {}, b""
        self.taken += [str(orjson.loads(line)["id"]) for line in posted.body.splitlines()]
        return 200, {}, b""


def _stored(url: str) -> list[str]:
    with open_reader(url) as reader:
        return [row[0] for row in reader.rows("SELECT id FROM records ORDER BY seq")]


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_record_arrives_in_order_whoever_is_killed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        upstream = stack.enter_context(serve(demo_app()))
        receiver = stack.enter_context(receive_http())
        home = tmp_path / "home"
        make_home(home, upstream, LEAN)
        file = home / "gateway.yaml"
        sink = f'sinks: {{siem: {{kind: webhook, url: "{receiver.url}", batch: {_BATCH}}}}}'
        line = next(one for one in file.read_text().splitlines() if "signing_key:" in one)
        file.write_text(file.read_text().replace(line, f"{line}\n  {sink}"))
        settings = load_settings(file)
        assert isinstance(settings.audit, AuditSettings)
        token = issue(settings.identity.issuers[0], roles=["analyst"], subject="ada", ttl=600)
        siem, done = _Siem(), threading.Event()
        receiver.answer = siem
        threads: list[threading.Thread] = []
        first = stack.enter_context(serve_process(home))
        for turn in range(_KILLS):
            second = stack.enter_context(serve_process(home))
            for served in (first, second):
                threads.append(threading.Thread(target=_ask, args=(served, token, done)))
                threads[-1].start()
            time.sleep(0.5)
            if turn == 1:
                siem.failing = True
                _wait(lambda: siem.refused > 1)
            # The one that leads dies, in the middle of its work.
            first.kill()
            siem.failing, count = False, len(siem.taken)
            _wait(lambda count=count: len(siem.taken) > count)  # type: ignore[misc]
            first = second
        done.set()
        for thread in threads:
            thread.join(30)
        first.stop()
        stored = _stored(settings.audit.store)
    firsts = list(dict.fromkeys(siem.taken))
    assert firsts == stored
    # What came twice was on its way when somebody was killed.
    assert len(siem.taken) - len(firsts) <= _KILLS * _BATCH
