"""Messages of syslog over real TCP and TLS, with receivers that die, hang and come back."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from made_up_headers import headers, new_header
from receivers import SyslogReceiver, black_hole, receive_syslog
from tls_files import Authority

from gateway.audit.exports.lines import line
from gateway.relay.outlet import Undelivered, trusting
from gateway.relay.sinks.parcel import Parcel
from gateway.relay.sinks.syslog import Syslog, message

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

_FORM = re.compile(
    rb"<(\d{1,3})>1 (\S+Z) (\S{1,255}) llm-security-gateway (\S{1,128}) (\S{1,32}) - (.*)",
    re.DOTALL,
)


def _parcel(*models: str) -> Parcel:
    made = tuple(new_header(model=model) for model in models)
    return Parcel("0123456789abcdef", tuple(range(1, len(made) + 1)), made)


def _models(receiver: SyslogReceiver) -> list[str]:
    return re.findall(r"cs1=(\S+) ", b" ".join(receiver.seen).decode())


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def new_sink() -> Iterator[Callable[..., Syslog]]:
    made: list[Syslog] = []

    def sink(port: int, tls: ssl.SSLContext | None = None, deadline: float = 5.0) -> Syslog:
        made.append(Syslog("127.0.0.1", port, "cef", deadline, tls))
        return made[-1]

    yield sink
    for one in made:
        one.close()


@given(headers)
def test_every_header_is_a_message_of_rfc_5424(header: dict[str, Any]) -> None:
    found = _FORM.fullmatch(message(header, "cef", "host.example"))
    assert found is not None
    assert int(found[1]) // 8 == 13
    assert found[2].decode() == header["time"]
    assert found[6] == line(header, "cef")


@pytest.mark.parametrize(
    ("changes", "priority"),
    [
        ({"decision": "allow"}, 110),
        ({"decision": "deny"}, 109),
        ({"decision": "block"}, 108),
        ({"stage": "policy.refused", "decision": None}, 107),
    ],
)
def test_the_priority_says_how_bad_it_is(changes: dict[str, Any], priority: int) -> None:
    assert message(new_header(**changes), "cef", "h").startswith(b"<%d>1 " % priority)


def test_messages_arrive_over_one_connection(new_sink: Callable[..., Syslog]) -> None:
    with receive_syslog() as receiver:
        sink = new_sink(receiver.port)
        sink.send(_parcel("a", "b"))
        sink.send(_parcel("c"))
        _wait(lambda: len(receiver.seen) == 3)
        assert _models(receiver) == ["a", "b", "c"]


def test_tls_is_only_with_who_is_trusted(tmp_path: Path, new_sink: Callable[..., Syslog]) -> None:
    ours, others = Authority(tmp_path / "a"), Authority(tmp_path / "b")
    with receive_syslog(ours.pair("receiver").server()) as receiver:
        new_sink(receiver.port, trusting(ours.file)).send(_parcel("a"))
        _wait(lambda: len(receiver.seen) == 1)
        with pytest.raises(Undelivered, match="SSLCertVerificationError"):
            new_sink(receiver.port, trusting(others.file)).send(_parcel("secret"))
    with (
        receive_syslog(ours.pair("elsewhere", None).server()) as receiver,
        pytest.raises(Undelivered, match="SSLCertVerificationError"),
    ):
        new_sink(receiver.port, trusting(ours.file)).send(_parcel("secret"))
    assert receiver.seen == []


def test_a_certificate_is_shown_where_it_is_asked_for(
    tmp_path: Path, new_sink: Callable[..., Syslog]
) -> None:
    ours = Authority(tmp_path)
    mine = ours.pair("gateway")
    with receive_syslog(ours.pair("receiver").server(ours.file)) as receiver:
        tls = trusting(ours.file, mine.certificate, mine.key)
        new_sink(receiver.port, tls).send(_parcel("a"))
        _wait(lambda: len(receiver.seen) == 1)
        # In TLS 1.3 the receiver says no after the handshake: that must not count as a yes.
        with pytest.raises(Undelivered):
            new_sink(receiver.port, trusting(ours.file)).send(_parcel("b"))


def test_nobody_there_and_nobody_awake_are_told_within_the_deadline(
    tmp_path: Path, new_sink: Callable[..., Syslog]
) -> None:
    with receive_syslog() as receiver:
        port = receiver.port
    with pytest.raises(Undelivered, match="ConnectionRefusedError"):
        new_sink(port).send(_parcel("a"))
    with black_hole() as port:
        sink = new_sink(port, trusting(Authority(tmp_path).file), 0.2)
        with pytest.raises(Undelivered, match="in time"):
            sink.send(_parcel("a"))


def test_one_that_does_not_read_is_no_yes(new_sink: Callable[..., Syslog]) -> None:
    with receive_syslog() as receiver:
        receiver.reading.clear()
        sink = new_sink(receiver.port, None, 0.5)
        large = _parcel(*["x" * 100] * 20_000)
        with pytest.raises(Undelivered, match="in time"):
            sink.send(large)


@pytest.mark.parametrize("secure", [False, True])
def test_what_a_dead_receiver_had_not_read_comes_again(
    tmp_path: Path, new_sink: Callable[..., Syslog], *, secure: bool
) -> None:
    ours = Authority(tmp_path)
    server = ours.pair("receiver").server() if secure else None
    client = trusting(ours.file) if secure else None
    with receive_syslog(server) as receiver:
        sink = new_sink(receiver.port, client)
        sink.send(_parcel("a"))
        _wait(lambda: _models(receiver) == ["a"])
        receiver.reading.clear()
        time.sleep(0.05)
        sink.send(_parcel("b"))
        # The machine has it, the process is killed before it reads it, and another one comes.
        sink.send(_parcel("c"))
        receiver.kill()
    with contextlib.suppress(Undelivered):
        sink.send(_parcel("d"))
    with receive_syslog(server, receiver.port) as again:
        sink.send(_parcel("d"))
        _wait(lambda: "d" in _models(again))
        found = _models(again)
    assert [name for number, name in enumerate(found) if name not in found[:number]] == [
        "a", "b", "c", "d",
    ]  # fmt: skip


def test_a_receiver_that_ends_a_connection_gets_nothing_twice(
    new_sink: Callable[..., Syslog],
) -> None:
    with receive_syslog() as receiver:
        sink = new_sink(receiver.port)
        sink.send(_parcel("a"))
        _wait(lambda: _models(receiver) == ["a"])
        receiver.drop()
        time.sleep(0.05)
        sink.send(_parcel("b"))
        _wait(lambda: len(receiver.seen) == 2)
        assert _models(receiver) == ["a", "b"]


def _send_often(sink: Syslog) -> None:
    for _ in range(100):
        sink.send(_parcel("a"))


def test_a_receiver_that_talks_without_end_is_none(new_sink: Callable[..., Syslog]) -> None:
    stop = threading.Event()

    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            while not stop.is_set():
                connection.sendall(b"x" * 65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, args=(listener,), daemon=True)
        thread.start()
        sink = new_sink(listener.getsockname()[1])
        with pytest.raises(Undelivered, match="ConnectionAbortedError"):
            _send_often(sink)
        stop.set()
        thread.join(10)


def test_a_process_with_thousands_of_connections_still_sends(
    new_sink: Callable[..., Syslog],
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    with receive_syslog() as receiver, contextlib.ExitStack() as stack:
        for _ in range(1100):
            stack.enter_context(Path(os.devnull).open("rb"))
        sink = new_sink(receiver.port)
        sink.send(_parcel("a"))
        assert sink._socket is not None
        assert sink._socket.fileno() > 1024
        _wait(lambda: _models(receiver) == ["a"])
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_is_kept_is_bounded(new_sink: Callable[..., Syslog]) -> None:
    with receive_syslog() as receiver:
        sink = new_sink(receiver.port)
        for _ in range(12):
            sink.send(_parcel(*["x" * 100] * 300))
        kept = sum(map(len, sink._recent))
    assert 0 < kept <= 2**20 + 500_000
    assert len(sink._recent) < 12
