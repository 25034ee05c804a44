"""A running gateway refuses what is revoked, and everything once it cannot know what is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from house import LEAN, House, build, chat

from gateway.identity.revoke import append_revocation
from gateway.identity.revoked import Revocation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

POLICY = "\npolicy: {path: policies}"
REVOCATION = "\n  revocation: {file: revoked.jsonl, refresh: 100ms, max_age: 2s}"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[House]:
    """A house whose settings name a list of revocations."""

    def prepare(home: Path) -> None:
        (home / "revoked.jsonl").touch()

    edit = {POLICY: REVOCATION + POLICY}
    with build(tmp_path, edit=edit, policy=LEAN, prepare=prepare) as house:
        yield house


def call(client: httpx.Client) -> httpx.Response:
    return client.post("/v1/chat/completions", json=chat("hi"))


def until(status: int, client: httpx.Client, path: str | None = None) -> httpx.Response:
    """The first answer with this status, within 10 seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = call(client) if path is None else client.get(path)
        if answer.status_code == status:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"no answer with status {status} came")


def test_a_subject_is_revoked_while_it_calls(guarded: House) -> None:
    eve, bob = (guarded.client("analyst", subject=name) for name in ("eve", "bob"))
    assert call(eve).status_code == call(bob).status_code == 200
    append_revocation(guarded.home / "revoked.jsonl", Revocation(subject="eve", before=time.time()))
    refused = until(401, eve)
    garbage = guarded.client()
    garbage.headers["authorization"] = "Bearer sk-no-token"
    assert refused.content == call(garbage).content, "nobody learns why"
    (record, *_) = guarded.records_of(refused.headers["x-gateway-event"])
    assert record["error"] == "unauthenticated: revoked: the subject"
    assert call(bob).status_code == 200


def test_a_list_that_breaks_takes_the_gateway_out_of_service_and_back(guarded: House) -> None:
    client, list_of = guarded.client("analyst"), guarded.home / "revoked.jsonl"
    assert call(client).status_code == 200
    list_of.write_text('{"jti": "half a li')
    assert call(client).status_code == 200, "what was known before counts for a while"
    refused = until(401, client)
    assert refused.json()["error"]["message"] == "A valid token is required."
    ready = until(503, client, "/gateway/health/ready")
    assert ready.json()["failing"] == ["identity"]
    list_of.write_text("")
    until(200, client)
    until(200, client, "/gateway/health/ready")
    (record, *_) = guarded.records_of(refused.headers["x-gateway-event"])
    assert record["error"].startswith("unauthenticated: revocation unknown: ")
