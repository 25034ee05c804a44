"""The HTTP of a witness, over a real socket, as c2sp.org/tlog-witness has it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from made_up_log import MadeUpLog, new_signer
from structlog.testing import capture_logs

from gateway.audit.note import Signer, read_note, sign
from gateway.audit.witnessing import MAX_REQUEST, SIZE_TYPE, AddCheckpoint
from gateway.demo.running import serve
from gateway.witness import application
from gateway.witness.application import witness_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.witness.store import WitnessStore
    from gateway.witness.witness import Witness


@pytest.fixture
def client(witness: Witness, store: WitnessStore) -> Iterator[httpx.Client]:
    with (
        serve(witness_app(witness, store)) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def _add(client: httpx.Client, body: bytes) -> httpx.Response:
    return client.post("/add-checkpoint", content=body)


def test_a_cosignature_is_the_answer(
    client: httpx.Client, log: MadeUpLog, cosigner: Signer
) -> None:
    answer = _add(client, log.request(0, 5))
    assert answer.status_code == 200
    assert answer.text.startswith("— witness.example ")
    note = log.note(5) + answer.text
    assert read_note(note, [cosigner.verifier, log.signer.verifier]).signatures


def test_the_known_size_is_told(client: httpx.Client, log: MadeUpLog) -> None:
    _add(client, log.request(0, 5))
    answer = _add(client, log.request(0, 9))
    assert (answer.status_code, answer.text) == (409, "5\n")
    assert answer.headers["content-type"] == SIZE_TYPE
    assert _add(client, log.request(5, 9)).status_code == 200


def test_every_refusal_has_its_status(client: httpx.Client, log: MadeUpLog) -> None:
    _add(client, log.request(0, 5))
    other = MadeUpLog(new_signer("other.example"))
    stranger = AddCheckpoint(5, (), sign(log.checkpoint(9).text, new_signer("stranger")))
    asked = [
        (other.request(0, 5), 404),
        (stranger.body, 403),
        (AddCheckpoint(5, (), log.note(3)).body, 400),
        (b"nonsense", 400),
        (b"old 5\n\n" + b"x" * MAX_REQUEST, 400),
        (log.request(4, 9), 409),
        (log.fork(2).request(5, 5), 409),
        (log.fork(2).request(5, 9), 422),
    ]
    with capture_logs() as logged:
        for body, status in asked:
            assert _add(client, body).status_code == status
    told = [one["status"] for one in logged if one["event"] == "refused"]
    assert told == [409, 409, 422]


def test_refusals_say_nothing_of_what_was_sent(client: httpx.Client) -> None:
    answer = _add(client, b"old 0\n\nsecret words\n5\nAAAA\n\n")
    assert answer.text == "the request is malformed\n"


def test_only_what_is_served_is_there(client: httpx.Client) -> None:
    assert client.get("/add-checkpoint").status_code == 405
    assert client.get("/").status_code == 404


def test_a_body_that_never_ends_is_given_up(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "_BODY_SECONDS", 0.2)

    url = httpx.URL(str(client.base_url))
    with socket.create_connection((url.host, url.port or 0), 10) as connection:
        head = b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 60000\r\n\r\n"
        connection.sendall(head + b"old 0\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_health_says_whether_it_can_remember(client: httpx.Client, tmp_path: Path) -> None:
    assert client.get("/health").text == "ok\n"
    (tmp_path / "witness.db").unlink()
    answer = client.get("/health")
    assert (answer.status_code, answer.text) == (503, "the witness cannot remember now\n")
