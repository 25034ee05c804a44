"""What the gateway does when something around it fails, and that it recovers by itself."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from scripted import ScriptedModel, stream_of, text_of, whole_of

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest
from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

PATHS: Final = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
DEADLINE: Final = 0.5
_EDIT: Final = {"durability: strict": f"deadline: {DEADLINE * 1000:.0f}ms"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build(tmp_path, edit=_EDIT, policy=LEAN) as house:
        yield house


def post(house: House, wire: str = "openai", **more: Any) -> httpx.Response:
    body = chat("hello", max_tokens=16, **more)
    return house.client("analyst").post(PATHS[wire], json=body)


def wait_for(what: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_refused(house: House) -> None:
    """Nobody is served while there is no audit log, and nobody waits for long."""
    seen = len(house.demo.seen)
    for wire, stream in (("openai", False), ("anthropic", False), ("openai", True)):
        began = time.monotonic()
        answer = post(house, wire, stream=stream)
        assert time.monotonic() - began < DEADLINE + 1
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, "audit_unavailable")
        assert answer.headers["x-gateway-decision"] == "allow"
    # Not even a refusal goes out that nobody will ever read of.
    answer = house.client().post(PATHS["openai"], json=chat("hello"))
    assert answer.status_code == 503
    assert house.client("auditor").get("/gateway/audit/events").status_code == 503
    assert len(house.demo.seen) == seen
    ready = house.client().get("/gateway/health/ready")
    assert ready.status_code == 503
    assert ready.json()["failing"] == ["audit"]
    assert house.client().get("/gateway/health/live").status_code == 200


def assert_served(house: House) -> None:
    wait_for(lambda: post(house).status_code == 200)
    wait_for(lambda: house.client().get("/gateway/health/ready").status_code == 200)
    assert house.records_of(post(house).headers["x-gateway-event"])


@contextmanager
def locked(store: Path) -> Iterator[None]:
    connection = sqlite3.connect(store, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def store_of(house: House) -> Path:
    return house.home / "data" / "audit.db"


def test_locked_store_refuses_everything_until_it_is_free(house: House) -> None:
    with locked(store_of(house)):
        assert_refused(house)
    assert_served(house)


def test_lock_shorter_than_the_deadline_is_waited_for(house: House) -> None:
    release = threading.Timer(DEADLINE / 4, lambda: None)
    with locked(store_of(house)):
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(post(house).status_code))
        thread.start()
        release.start()
        release.join()
    thread.join(10)
    assert answers == [200]


@pytest.mark.parametrize("wire", PATHS)
@pytest.mark.parametrize("kind", ["plain", "streamed"])
def test_answer_is_not_completed_while_its_outcome_cannot_be_recorded(
    tmp_path: Path, wire: str, kind: str
) -> None:
    stream = kind == "streamed"
    model, answer_now = ScriptedModel(), threading.Event()
    *events, last = stream_of(wire, "Hello. ") if stream else [whole_of(wire, "Hello.")]

    def script() -> Iterator[bytes | float]:
        yield from events
        while not answer_now.is_set():
            yield 0.02
        yield last

    model.play(content_type="text/event-stream" if stream else "application/json")
    model.steps = script()
    with serve(model) as url, build(tmp_path, upstream=url, edit=_EDIT, policy=LEAN) as house:
        answers: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: answers.append(post(house, wire, stream=stream)))
        thread.start()
        wait_for(lambda: model.asked == 1)
        with locked(store_of(house)):
            answer_now.set()
            thread.join(10)
        (answer,) = answers
        if stream:
            told = text_of(wire, answer.content)
            assert told.error is not None
            assert told.error["code"] == "audit_unavailable"
            assert last not in answer.content
        else:
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "audit_unavailable"
            assert "Hello." not in answer.text
        model.steps = [*events, last]
        wait_for(lambda: post(house, wire, stream=stream).status_code == 200)


def test_store_that_is_full_refuses_everything_until_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with tiny_disk(disk):
        edit = {**_EDIT, "sqlite:///data/audit.db": f"sqlite:///{disk}/audit.db"}
        with build(tmp_path, edit=edit, policy=LEAN) as house:
            assert_served(house)
            ballast = disk / "ballast"
            fill(ballast)
            wait_for(lambda: post(house).status_code == 503)
            assert_refused(house)
            ballast.unlink()
            assert_served(house)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as sink:
        for size in (65536, 1):
            try:
                while True:
                    sink.write(b"\0" * size)
            except OSError:
                continue


@contextmanager
def tiny_disk(folder: Path) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no disk can be made here: {error}")
    if done.returncode != 0:
        pytest.skip(f"no disk can be made here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_deleted_store_is_noticed_and_begun_anew_with_an_incident(house: House) -> None:
    before = post(house).headers["x-gateway-event"]
    for file in store_of(house).parent.iterdir():
        file.unlink()
    # The store that is gone can confirm nothing; the one made in its place can.
    assert_served(house)
    events = house.events(limit="200")
    assert before not in {one["request"] for one in events}
    opened = [one for one in events if one["stage"] == "writer.open"]
    assert opened
    metrics = house.client("auditor").get("/gateway/metrics").text
    assert re.search(r"^gateway_audit_incidents_total [1-9]", metrics, re.MULTILINE)


def test_store_whose_folder_is_gone_refuses_everything_until_it_is_back(house: House) -> None:
    folder = store_of(house).parent
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    wait_for(lambda: post(house).status_code == 503)
    assert_refused(house)
    # As after an unmounted volume: records of the meantime belong nowhere else.
    assert not folder.exists()
    folder.mkdir()
    assert_served(house)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_upstream_that_goes_and_comes_back(tmp_path: Path) -> None:
    port = free_port()
    with build(tmp_path, upstream=f"http://127.0.0.1:{port}", policy=LEAN) as house:
        for _ in range(2):
            answer = post(house)
            assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
            with serve(demo_app(), port):
                assert post(house).status_code == 200
                assert post(house, stream=True).status_code == 200
        assert post(house, "anthropic").status_code == 502
        assert house.client().get("/gateway/health/ready").status_code == 200


def test_upstream_that_closes_idle_connections_is_asked_anew(tmp_path: Path) -> None:
    port = free_port()
    with build(tmp_path, upstream=f"http://127.0.0.1:{port}", policy=LEAN) as house:
        for _ in range(3):
            with serve(demo_app(), port):
                assert post(house).status_code == 200


def test_upstream_slower_than_its_timeout_is_504_and_is_let_go(tmp_path: Path) -> None:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply("late", delay=3)

    edit = {"upstream_timeout: 600s": "upstream_timeout: 300ms"}
    with build(tmp_path, reply, edit=edit, policy=LEAN) as house:
        for wire in PATHS:
            began = time.monotonic()
            answer = post(house, wire)
            assert time.monotonic() - began < 2
            error = answer.json()["error"]
            assert (answer.status_code, error["code"]) == (504, "upstream_timeout")
            waited = float(answer.headers["server-timing"].rpartition("=")[2])
            assert waited >= 290
            (event,) = house.events(request=answer.headers["x-gateway-event"], stage="outcome")
            assert event["timing"]["upstream_ms"] == pytest.approx(waited, abs=1)
            wait_for(lambda: house.demo.seen[-1].hung_up)


def test_upstream_that_drips_a_whole_answer_is_504(tmp_path: Path) -> None:
    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply(raw=(b"{",) + (b" ",) * 100, delay=0.1)

    edit = {"upstream_timeout: 600s": "upstream_timeout: 500ms"}
    with build(tmp_path, reply, edit=edit, policy=LEAN) as house:
        assert post(house).status_code == 504


def test_keys_that_cannot_be_had_at_the_start_are_taken_when_they_can(tmp_path: Path) -> None:
    port = free_port()
    edit = {"jwks_file: keys/issuer.jwks.json": f"jwks_url: http://127.0.0.1:{port}/jwks.json"}
    with build(tmp_path, edit=edit, policy=LEAN) as house:
        answer = post(house)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
        assert len(house.demo.seen) == 0
        with serve(key_server((house.home / "keys" / "issuer.jwks.json").read_bytes()), port):
            wait_for(lambda: post(house).status_code == 200, 30)
        # Known keys go on holding while their source is away.
        assert post(house).status_code == 200


def key_server(keys: bytes) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            while (kind := (await receive())["type"]) != "lifespan.shutdown":
                await send({"type": f"{kind}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": keys})

    return app
