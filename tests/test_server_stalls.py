"""Clients that only take up room, over real sockets: silent, slow, deaf, or very many."""

from __future__ import annotations

import resource
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
import pytest
from house import LEAN, House, build, chat
from raw_http import head
from scripted import ScriptedModel, stream_of, whole_of

from gateway import server
from gateway.demo.running import serve
from gateway.server import most_connections, open_more_files

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAT = "/v1/chat/completions"
LIVE = b"GET /gateway/health/live HTTP/1.1\r\nhost: x\r\n\r\n"
LONG = 16 * 2**20


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, model: ScriptedModel) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("stalls")
    with serve(model) as upstream, build(folder, upstream=upstream, policy=LEAN) as house:
        yield house


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.4)
    monkeypatch.setattr(server, "_STALL_SECONDS", 0.4)
    monkeypatch.setattr(server, "_LOOK_SECONDS", 0.05)


def connected(gate: House, takes: int | None = None) -> socket.socket:
    """A connection; of an answer the client's system takes so many bytes by itself."""
    address = urlsplit(gate.url)
    sock = socket.socket()
    sock.settimeout(20)
    if takes is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    sock.connect((address.hostname, address.port))
    return sock


def rest(sock: socket.socket) -> bytes:
    """What comes until the other side ends the connection, which it must."""
    parts = []
    try:
        while part := sock.recv(2**16):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def drip(sock: socket.socket, piece: bytes) -> None:
    """Sends a little again and again, for as long as the other side takes it."""
    for _ in range(1000):
        sock.sendall(piece)
        time.sleep(0.02)


def asked(gate: House, subject: str, *, stream: bool = False) -> bytes:
    body = orjson.dumps(chat("hello", stream=stream))
    token = gate.token("analyst", subject=subject)
    return head(CHAT, token, f"content-length: {len(body)}") + body


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "said",
    [b"", b"GET /gateway/he", LIVE[:-2], b"\r\n", LIVE + b"GET /v1", LIVE * 2 + b"\r\n"],
    ids=["nothing", "half a line", "half a head", "a blank line", "a second half", "a third none"],
)
def test_bug_a_head_that_is_never_complete_is_not_waited_for(gate: House, said: bytes) -> None:
    """Such connections stayed for ever, until no file could be opened any more."""
    with connected(gate) as sock:
        sock.sendall(said)
        assert rest(sock).count(b"HTTP/1.1 200 ") == said.count(LIVE)


@pytest.mark.usefixtures("hasty")
def test_bug_a_head_that_comes_a_byte_at_a_time_is_cut(gate: House) -> None:
    with connected(gate) as sock:
        sock.sendall(LIVE[:-2])
        with pytest.raises(ConnectionError):
            drip(sock, b"x: y\r\n")


@pytest.mark.usefixtures("hasty")
def test_bug_a_body_that_goes_on_after_its_refusal_is_cut(gate: House) -> None:
    with connected(gate) as sock:
        sock.sendall(head(CHAT, "", "transfer-encoding: chunked"))
        with pytest.raises(ConnectionError):
            drip(sock, b"1\r\nx\r\n")


@pytest.mark.usefixtures("hasty")
def test_a_call_that_takes_longer_is_not_cut(gate: House, model: ScriptedModel) -> None:
    first, *more = stream_of("openai", "one ", "two")
    model.play(0.8, first, 0.8, *more)
    with connected(gate) as sock:
        sock.sendall(asked(gate, "patient", stream=True))
        assert rest(sock).endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_bug_an_answer_that_nobody_takes_is_not_kept(
    gate: House, model: ScriptedModel, *, stream: bool
) -> None:
    """It stayed in memory for as long as the client liked."""
    if stream:
        model.play(*stream_of("openai", *["word " * 2**15] * (LONG // 2**17)))
    else:
        model.play(whole_of("openai", "x" * LONG), content_type="application/json")
    with connected(gate, takes=4096) as sock:
        sock.sendall(asked(gate, f"deaf-{stream}", stream=stream))
        until = time.monotonic() + 20
        while "outcome" not in {one["stage"] for one in gate.events(actor=f"deaf-{stream}")}:
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(1)
        assert len(rest(sock)) < LONG


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_is_taken_slowly_and_steadily_arrives(
    gate: House, model: ScriptedModel
) -> None:
    model.play(whole_of("openai", "x" * LONG), content_type="application/json")
    with connected(gate, takes=2**16) as sock:
        sock.sendall(asked(gate, "slow"))
        size = 0
        while size < LONG:
            time.sleep(0.01)
            part = sock.recv(2**18)
            assert part
            size += len(part)


def test_bug_many_connections_that_say_nothing_keep_nobody_out(
    gate: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "most_connections", lambda: 20)
    with ExitStack() as stack:
        silent = [stack.enter_context(connected(gate)) for _ in range(60)]
        for _ in range(3):
            with connected(gate) as sock:
                sock.sendall(LIVE)
                assert sock.recv(64).startswith(b"HTTP/1.1 200 ")
        cut = 0
        for sock in silent:
            sock.settimeout(0.01)
            try:
                cut += sock.recv(1) == b""
            except ConnectionError:
                cut += 1
            except TimeoutError:
                pass
        assert cut >= 40


def test_as_many_files_may_be_opened_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
        assert most_connections() == (512 - 128) // 2
        open_more_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(before[1], 2**16)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
