"""The log's tree over HTTP, read by a client that shares no code with the gateway."""

from __future__ import annotations

import re
import socket
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import c2sp
import pytest
from audit_folder import fill, make_audit_folder, order
from house import LEAN, build, chat
from starlette.requests import Request

from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.audit.reading import Reading
from gateway.control.tree import TreeViews
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from house import House

    from gateway.control.access import Caller

CHECKPOINT = "/gateway/audit/checkpoint"
TILE = "/gateway/audit/tile"
SPOILS = (
    "CREATE TRIGGER after_{0} AFTER {0} {1} ON checkpoints BEGIN UPDATE checkpoints"
    " SET note = replace(note, '\u2014 ', '\u2014 x') WHERE number = NEW.number; END"
)
"""Each checkpoint becomes one that somebody else has signed."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("tree"), policy=LEAN) as house:
        for number in range(140):
            house.client("analyst").post("/v1/chat/completions", json=chat(f"Hi {number}"))
        covered(house, 280)
        yield house


def covered(house: House, size: int) -> c2sp.Tree:
    """The tree, as soon as it holds so many records."""
    vkey = (house.home / "keys/log.vkey").read_text()
    while True:
        answer = house.client().get(CHECKPOINT)
        if answer.status_code == 200:
            tree = c2sp.tree_of(answer.text, vkey)
            if tree.size >= size:
                return tree
        time.sleep(0.05)


def getter(house: House, *roles: str) -> Callable[[str], bytes]:
    client = house.client(*roles)

    def get(path: str) -> bytes:
        answer = client.get(f"/gateway/audit/{path}")
        answer.raise_for_status()
        return answer.content

    return get


def test_a_stranger_reads_the_tree_without_a_token(own: House) -> None:
    tree = covered(own, 280)
    assert c2sp.whole_tree(getter(own), tree.size) == tree.root
    answer = own.client().get(CHECKPOINT)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=1"
    tile = own.client().get(f"{TILE}/0/000")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    assert len(tile.content) == 8192


def test_an_auditor_reads_entries_and_proofs_and_is_recorded(own: House) -> None:
    vkey = (own.home / "keys/log.vkey").read_text()
    tree = covered(own, 280)
    entries = c2sp.entries(getter(own, "auditor"), tree.size)
    assert len(entries) == tree.size
    id_ = str(own.events(stage="outcome", limit="1")[0]["id"])
    text = proof_of(own, id_)
    index, entry = c2sp.proved(text, vkey)
    assert id_.encode() in entry
    assert index < covered(own, 1).size
    reads = own.events(stage="audit.read", limit="50")
    paths = [read["detail"]["path"] for read in reads]
    assert f"/gateway/audit/events/{id_}/proof" in paths
    assert f"{TILE}/entries/000" in paths


def proof_of(house: House, event: str) -> str:
    client = house.client("auditor")
    while True:
        answer = client.get(f"/gateway/audit/events/{event}/proof")
        if answer.status_code == 200:
            return answer.text
        assert "ask again in a second" in answer.json()["error"]["message"]
        time.sleep(0.1)


def test_an_unknown_event_has_no_proof(own: House) -> None:
    path = "/gateway/audit/events/00000000-0000-7000-8000-000000000000/proof"
    answer = own.client("auditor").get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_tree_that_does_not_hold_gives_no_proof(tmp_path: Path) -> None:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    order(tmp_path)
    store, recorded = f"sqlite:///{tmp_path}/data/audit.db", list[Any]()

    async def record(request: Request, _caller: Caller) -> None:
        recorded.append(request)

    views = TreeViews(Reading(store), record)
    event = events(store, Filters(limit=1)).events[0]["id"]
    request, caller = Request({"type": "http", "path_params": {"id": event}}), cast("Caller", None)
    assert (await views.proof(request, caller)).status_code == 200
    with closing(sqlite3.connect(tmp_path / "data/audit.db")) as db:
        db.execute("DELETE FROM tiles")
        db.commit()
    with pytest.raises(AuditUnavailable, match="no proof: tile 0/000 is missing"):
        await views.proof(request, caller)
    assert recorded == [request, request]


def test_bug_a_checkpoint_that_the_log_has_not_signed_was_shown_to_everybody(
    tmp_path: Path,
) -> None:
    with build(tmp_path, policy=LEAN) as house:
        id_ = house.client("analyst").post("/v1/chat/completions", json=chat("Hi"))
        event = house.records_of(id_.headers["x-gateway-event"])[0]["id"]
        assert proof_of(house, event)
        with closing(sqlite3.connect(house.home / "data/audit.db", timeout=20)) as db:
            db.execute(SPOILS.format("UPDATE", "OF size"))
            db.execute(SPOILS.format("INSERT", ""))
            db.execute("UPDATE checkpoints SET size = size")
            db.commit()
        for client, path in (
            (house.client(), CHECKPOINT),
            (house.client("auditor"), f"/gateway/audit/events/{event}/proof"),
        ):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["error"]) == (
                503,
                {
                    "code": "audit_unavailable",
                    "type": "audit_unavailable",
                    "message": "The checkpoint of the audit log does not hold;"
                    " nothing can be proven now.",
                },
            )
        metrics = house.client("auditor").get("/gateway/metrics").text
        assert "gateway_audit_incidents_total 1.0" in metrics
        refused = house.events(route="control", decision="deny", limit="1")[0]
        assert "checkpoint" in refused["error"]


@pytest.mark.parametrize("role", [(), ("analyst",), ("admin",)])
@pytest.mark.parametrize(
    "path",
    [f"{TILE}/entries/000", f"{TILE}/%65ntries/000", f"{TILE}/entries/000.p/1",
     "/gateway/audit/events/00000000-0000-7000-8000-000000000000/proof"],
)  # fmt: skip
def test_entries_and_proofs_are_for_auditors_only(
    own: House, role: tuple[str, ...], path: str
) -> None:
    answer = own.client(*role).get(path)
    assert answer.status_code in {400, 401, 403}
    assert b"actor" not in answer.content


@pytest.mark.parametrize(
    "path",
    ["0/999", "0/000.p/256", "0/000.p/0", "9/000", "0", "", "0/000/", "entries", "x/000",
     "0/x999/999/999", "0/000.p", "-1/000"],
)  # fmt: skip
def test_what_is_no_tile_of_the_tree_is_not_found(own: House, path: str) -> None:
    answer = own.client().get(f"{TILE}/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "x-gateway-event" not in answer.headers


@pytest.mark.parametrize(
    "path", ["0/../entries/000", "./entries/000", "/entries/000", "0/%2e%2e/entries/000"]
)
def test_no_spelling_of_a_path_gives_entries_without_a_token(own: House, path: str) -> None:
    answer = raw_get(own, f"{TILE}/{path}")
    assert answer.split(b" ")[1] in {b"400", b"401", b"404"}
    assert b"actor" not in answer


def raw_get(house: House, path: str) -> bytes:
    parts = urlsplit(house.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as sock:
        host = f"{parts.hostname}:{parts.port}"
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", [CHECKPOINT, f"{TILE}/0/000"])
def test_the_tree_is_only_read(own: House, method: str, path: str) -> None:
    assert own.client().request(method, path).status_code == 405


def test_a_tree_of_a_log_that_is_off_is_not_found(tmp_path: Path) -> None:
    with build(tmp_path, policy=LEAN, prepare=switch_off) as house:
        for path in (CHECKPOINT, f"{TILE}/0/000"):
            assert house.client().get(path).status_code == 404


def switch_off(home: Path) -> None:
    settings = home / "gateway.yaml"
    settings.write_text(re.sub(r"audit:\n(  .*\n)+", "audit: off\n", settings.read_text()))


async def test_a_store_that_cannot_be_read_gives_nothing(tmp_path: Path) -> None:
    async def record(_request: Request, _caller: Caller) -> None:
        raise AssertionError

    views = TreeViews(Reading(f"sqlite:///{tmp_path}/none.db"), record)
    request = Request({"type": "http", "path_params": {"path": "0/000"}})
    for view in (views.checkpoint, views.tile):
        with pytest.raises(AuditUnavailable):
            await view(request)
