"""The audit log live: filters, resuming without gap or duplicate, and who may follow it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson
import pytest
from house import LEAN, NO_TLS, chat, run_gateway
from process import make_home

from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.settings import Settings

STREAM: Final = "/gateway/audit/stream"
CARD: Final = "4111 1111 1111 1111"


@dataclass
class Followed:
    """What a subscriber has seen."""

    started: threading.Event = field(default_factory=threading.Event)
    cursors: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.records]


@dataclass
class Place:
    """A home with its upstream; gateways come and go."""

    home: Path
    settings: Settings

    def client(self, url: str, *roles: str, subject: str = "ada") -> httpx.Client:
        issuer = self.settings.identity.issuers[0]
        token = issue(issuer, roles=roles, subject=subject, ttl=600)
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(
            base_url=url, headers=headers, timeout=20, trust_env=False, verify=NO_TLS
        )

    def call(self, url: str, text: str, subject: str = "ada") -> str:
        with self.client(url, "analyst", subject=subject) as client:
            answer = client.post("/v1/chat/completions", json=chat(text))
            return str(answer.headers["x-gateway-event"])

    def stored(self) -> list[str]:
        """The ids of all records in the order of their commits."""
        with sqlite3.connect(self.home / "data" / "audit.db") as connection:
            rows = connection.execute("SELECT id FROM records ORDER BY seq").fetchall()
        connection.close()
        return [row[0] for row in rows]

    @contextmanager
    def following(
        self, url: str, count: int, cursor: str | None = None, **filters: str
    ) -> Iterator[Followed]:
        """Follows until ``count`` events came; they must have when the block ends."""
        seen = Followed()
        thread = threading.Thread(target=self._follow, args=(url, seen, count, cursor, filters))
        thread.start()
        try:
            assert seen.started.wait(20)
            yield seen
        finally:
            thread.join(20)
        assert not thread.is_alive(), f"{len(seen.kinds)} of {count} events came"

    def _follow(
        self, url: str, seen: Followed, count: int, cursor: str | None, filters: dict[str, str]
    ) -> None:
        headers = {"last-event-id": cursor} if cursor else {}
        with (
            self.client(url, "auditor", subject="watcher") as client,
            client.stream("GET", STREAM, params=filters, headers=headers) as answer,
        ):
            answer.raise_for_status()
            event: dict[str, str] = {}
            for line in answer.iter_lines():
                seen.started.set()
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                    continue
                # Checkpoints come when they are signed: between any two records.
                if event.get("event") not in {None, "checkpoint"}:
                    seen.cursors.append(event["id"])
                    seen.kinds.append(event["event"])
                    seen.records.append(orjson.loads(event["data"]))
                    if len(seen.records) == count:
                        return
                event = {}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with serve(demo_app()) as upstream:
        yield Place(tmp_path / "home", make_home(tmp_path / "home", upstream, LEAN))


@pytest.fixture
def url(place: Place) -> Iterator[str]:
    with run_gateway(place.settings) as url:
        yield url


def test_calls_are_seen_as_they_happen(place: Place, url: str) -> None:
    with place.following(url, 4, actor="ada") as seen:
        first, second = place.call(url, "hello"), place.call(url, "to ada@example.com")
    assert [(one["request"], one["stage"]) for one in seen.records] == [
        (first, "intent"), (first, "outcome"), (second, "intent"), (second, "outcome"),
    ]  # fmt: skip
    assert seen.kinds == ["record"] * 4
    assert len(set(seen.cursors)) == 4


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"decision": "block"}, ["blocked"]),
        ({"entity": "EMAIL_ADDRESS"}, ["redacted"]),
        ({"actor": "bob", "route": "chat.completions", "status": "200"}, ["of bob"]),
        ({"scanner": "pii", "role": "analyst", "status": "400"}, ["blocked"]),
    ],
)
def test_filters_of_the_stream(
    place: Place, url: str, filters: dict[str, str], expected: list[str]
) -> None:
    with place.following(url, len(expected), **filters) as seen:
        calls = {
            "allowed": place.call(url, "hello"),
            "redacted": place.call(url, "to ada@example.com"),
            "of bob": place.call(url, "hello", subject="bob"),
            "blocked": place.call(url, CARD),
        }
    assert [one["request"] for one in seen.records] == [calls[name] for name in expected]


def test_resumes_without_gap_or_duplicate_across_a_restart(place: Place) -> None:
    with run_gateway(place.settings) as url:
        with place.following(url, 5) as before:
            for _ in range(3):
                place.call(url, "hello")
        place.call(url, "while nobody looks")
    with run_gateway(place.settings) as url:
        place.call(url, "after the restart")
        missed = len(place.stored()) - place.stored().index(before.ids[-1]) - 1
        # Its own read is recorded too, and then comes what happens live.
        with place.following(url, missed + 1 + 4, before.cursors[-1]) as after:
            place.call(url, "live")
            place.call(url, "and live again")
    told, stored = before.ids + after.ids, place.stored()
    start = stored.index(told[0])
    assert told == stored[start : start + len(told)]
    assert set(before.kinds + after.kinds) == {"record"}
    stages = [one["stage"] for one in after.records]
    assert {"gateway.stop", "writer.close", "writer.open", "gateway.start"} <= set(stages)


def test_resuming_where_the_last_subscriber_has_just_left_loses_nothing(
    place: Place, url: str
) -> None:
    with place.following(url, 2, decision="block") as before:
        calls = [place.call(url, CARD), place.call(url, "hello"), place.call(url, CARD)]
    calls += [place.call(url, "hello"), place.call(url, CARD)]
    with place.following(url, 2, before.cursors[0], decision="block") as after:
        pass
    assert [one["request"] for one in before.records] == [calls[0], calls[2]]
    assert [one["request"] for one in after.records] == [calls[2], calls[4]]


def test_every_read_is_recorded(place: Place, url: str) -> None:
    with place.following(url, 2, actor="ada"):
        place.call(url, "hello")
    with place.client(url, "reader", subject="rhea") as client:
        page = client.get("/gateway/audit/events", params={"limit": "1"})
        event = page.json()["events"][0]["id"]
        client.get(f"/gateway/audit/events/{event}").raise_for_status()
        found = client.get("/gateway/audit/events", params={"limit": "50"}).json()["events"]
    reads = [one for one in reversed(found) if one["stage"] == "audit.read"]
    assert [(one["actor"]["subject"], one["detail"]["path"]) for one in reads] == [
        ("watcher", STREAM),
        ("rhea", "/gateway/audit/events"),
        ("rhea", f"/gateway/audit/events/{event}"),
        ("rhea", "/gateway/audit/events"),
    ]
    assert reads[0]["detail"]["filters"] == {"actor": "ada"}


def test_only_roles_with_the_right_may_follow(place: Place, url: str) -> None:
    for roles in (("reader",), ("analyst",), ()):
        with place.client(url, *roles, subject="nosy") as client:
            answer = client.get(STREAM)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "policy_denied")
    assert httpx.get(url + STREAM, trust_env=False, verify=NO_TLS).status_code == 401
    with place.client(url, "auditor") as client:
        found = client.get("/gateway/audit/events", params={"actor": "nosy"}).json()["events"]
    assert [(one["status"], one["decision"]) for one in found] == [(403, "deny")] * 3


@pytest.mark.parametrize(
    ("params", "headers"),
    [
        ({"nonsense": "1"}, {}),
        ({"status": "abc"}, {}),
        ({}, {"last-event-id": "no-cursor-of-ours"}),
        ({}, {"last-event-id": "0123456789abcdef-99999999999999999999"}),
    ],
)
def test_questions_that_make_no_sense_are_400(
    place: Place, url: str, params: dict[str, str], headers: dict[str, str]
) -> None:
    with place.client(url, "auditor") as client:
        answer = client.get(STREAM, params=params, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_cursor_of_another_store_is_told_as_a_gap(place: Place, url: str) -> None:
    place.call(url, "hello")
    with place.following(url, 3, "0123456789abcdef-7") as seen:
        pass
    assert seen.kinds[0] == "gap"
    assert "replaced" in seen.records[0]["reason"]
    assert [one["id"] for one in seen.records[1:]] == place.stored()[:2]
