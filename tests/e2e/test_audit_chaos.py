"""Gateways that share a log and are killed in turns: what the log promises, it keeps.

Clients ask two gateways without a pause, a reader follows the live stream from whichever is up,
and everybody may fetch checkpoints. Meanwhile one gateway after the other is killed, also the one
that orders the log and signs for it. In the end every answered call is there exactly once, the
reader has seen each record once and in order, and all checkpoints that were ever handed out are
those of one history.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson
import pytest
from house import LEAN, NO_TLS, chat
from naive_tree import tree_hash
from process import Served, make_home, serve_process, verify_log

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.keys import load_verifiers
from gateway.audit.store.opening import open_reader
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres_server import PostgresServer

    from gateway.settings import Settings

SEED: Final = 20261129
KILLS: Final = 3
STREAM: Final = "/gateway/audit/stream"


@dataclass
class Town:
    """Two gateways with one log, and those who use them."""

    home: Path
    settings: Settings
    served: list[Served | None] = field(default_factory=lambda: [None, None])
    over: threading.Event = field(default_factory=threading.Event)
    answered: list[str] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    followed: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def store(self) -> str:
        assert isinstance(self.settings.audit, AuditSettings)
        return self.settings.audit.store

    def client(self, which: int, *roles: str) -> httpx.Client | None:
        """A client of a gateway, where it is up."""
        served = self.served[which]
        if served is None:
            return None
        token = issue(self.settings.identity.issuers[0], roles=roles, subject="ada", ttl=600)
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(
            base_url=served.url, headers=headers, timeout=10, trust_env=False, verify=NO_TLS
        )

    def repeat(self, act: Callable[[httpx.Client], None], which: Iterator[int], role: str) -> None:
        """Does something again and again, with the next gateway where one fails."""
        while not self.over.is_set():
            client = self.client(next(which), role)
            if client is None:
                time.sleep(0.02)
                continue
            with client, suppress(httpx.HTTPError):
                while not self.over.is_set():
                    act(client)

    def ask(self, client: httpx.Client) -> None:
        answer = client.post("/v1/chat/completions", json=chat("hello from ada@example.com"))
        if answer.status_code == 200:
            self.answered.append(answer.headers["x-gateway-event"])
        else:
            time.sleep(0.02)

    def fetch(self, client: httpx.Client) -> None:
        answer = client.get("/gateway/audit/checkpoint")
        if answer.status_code == 200:
            self.notes.add(answer.text)
        time.sleep(0.1)

    def follow(self, client: httpx.Client) -> None:
        """Goes on with the stream where it broke off; ends with what broke it."""
        headers = {"last-event-id": self.followed[-1]} if self.followed else {}
        with client.stream("GET", STREAM, headers=headers) as stream:
            cursor = kind = ""
            for line in stream.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    cursor = value
                elif name == "event":
                    kind = value
                elif name == "data" and kind == "gap":
                    self.gaps.append(value)
                elif name == "data" and kind == "record":
                    self.followed.append(cursor)
                if self.over.is_set():
                    return


def _turns(first: int) -> Iterator[int]:
    while True:
        yield first
        first = 1 - first


def _kill_in_turns(town: Town, stack: ExitStack) -> None:
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    for number in range(KILLS):
        _until_lively(town)
        time.sleep(chance.random())
        victim = number % 2
        served = town.served[victim]
        assert served is not None
        town.served[victim] = None
        served.kill()
        if number < KILLS - 1:
            time.sleep(0.3)
            town.served[victim] = stack.enter_context(serve_process(town.home))
    # The last one is alone.
    _until_lively(town)


def _until_lively(town: Town) -> None:
    """Somebody answers, follows and signs: whoever did it before may be gone."""
    known = (town.answered, town.followed, town.notes)
    before, deadline = [len(one) for one in known], time.monotonic() + 60
    while any(len(one) <= then for one, then in zip(known, before, strict=True)):
        assert time.monotonic() < deadline, before
        time.sleep(0.05)


def _run(town: Town) -> None:
    followers = threading.Thread(
        target=town.repeat, args=(town.follow, _turns(1), "auditor"), daemon=True
    )
    users = [
        threading.Thread(target=town.repeat, args=(act, _turns(number % 2), role))
        for number, (act, role) in enumerate(
            [(town.ask, "analyst")] * 3 + [(town.fetch, "auditor")] * 2
        )
    ]
    with ExitStack() as stack:
        for number in range(2):
            town.served[number] = stack.enter_context(serve_process(town.home))
        followers.start()
        for thread in users:
            thread.start()
        _kill_in_turns(town, stack)
        town.over.set()
        for thread in users:
            thread.join(30)
    followers.join(30)


def _records(town: Town) -> list[tuple[int, dict[str, Any], bytes]]:
    with open_reader(town.store) as reader:
        rows = reader.rows("SELECT seq, header FROM records ORDER BY seq")
    return [(seq, orjson.loads(header), bytes(header)) for seq, header in rows]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of a store; none where it is the file that a new home has."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("shared_postgres")
    database = server.make()
    yield server.url(database)
    server.drop(database)


@pytest.mark.slow
def test_whatever_dies_the_log_is_one_history_with_everything_in_it(
    tmp_path: Path, store: str | None
) -> None:
    with serve(demo_app()) as upstream:
        town = Town(tmp_path / "home", make_home(tmp_path / "home", upstream, LEAN, store))
        _run(town)
    records = _records(town)
    assert len({header["id"] for _, header, _ in records}) == len(records)
    stages: dict[str, list[str]] = {}
    for _, header, _ in records:
        stages.setdefault(header["request"], []).append(header["stage"])
    assert len(town.answered) > 50
    for request in town.answered:
        assert stages[request] == ["intent", "outcome"]
    _one_history(town, [sha256(b"\x00" + raw).digest() for _, _, raw in records])
    _each_once(town)
    verify_log(town.home)


def _one_history(town: Town, leaves: list[bytes]) -> None:
    """Every checkpoint is that of the first so many records: so all are consistent."""
    assert isinstance(town.settings.audit, AuditSettings)
    vkeys = load_verifiers(town.settings.audit.signing_key.with_suffix(".vkey"))
    found = [read_checkpoint(note, vkeys).checkpoint for note in town.notes]
    assert len({one.origin for one in found}) == 1
    assert len({one.size for one in found}) > 3
    for one in found:
        assert one.root == tree_hash(leaves[: one.size])


def _each_once(town: Town) -> None:
    numbers = [int(cursor.rpartition("-")[2]) for cursor in town.followed]
    assert len(numbers) > 50
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert town.gaps == []
