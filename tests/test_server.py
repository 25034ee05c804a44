"""The HTTP server over real sockets: what the application could not see any more."""

from __future__ import annotations

import gc
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from house import House, chat

from gateway.errors import ConfigurationError
from gateway.server import HttpProtocol, bind, server_config, settle_memory

if TYPE_CHECKING:
    from collections.abc import Iterable


def exchange(house: House, *pieces: bytes) -> bytes:
    """What the server answers to bytes, until it closes or is silent."""
    address = urlsplit(house.url)
    parts: list[bytes] = []
    with socket.create_connection((address.hostname, address.port), 5) as sock:
        try:
            for piece in pieces:
                sock.sendall(piece)
            sock.settimeout(3)
            while part := sock.recv(65536):
                parts.append(part)
        except (ConnectionError, TimeoutError):
            pass
    return b"".join(parts)


def live(*fields: str) -> bytes:
    return "\r\n".join(("GET /gateway/health/live HTTP/1.1", "host: x", *fields, "", "")).encode()


def test_a_plain_request_is_served(house: House) -> None:
    answer = exchange(house, live("connection: close"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"server:" not in answer.lower(), "it does not say what it is"


@pytest.mark.parametrize(
    "line",
    ["GET http://other/gateway/health/live HTTP/1.1", "CONNECT other:443 HTTP/1.1",
     "OPTIONS * HTTP/1.1", "GET gateway/health/live HTTP/1.1", "nonsense"],
)  # fmt: skip
def test_attack_a_target_that_carries_another_host_is_refused(house: House, line: str) -> None:
    answer = exchange(house, f"{line}\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_attack_a_head_that_never_ends_is_cut(house: House) -> None:
    def endless() -> Iterable[bytes]:
        yield b"GET / HTTP/1.1\r\nhost: x\r\n"
        for number in range(2000):
            yield b"x-%d: " % number + b"y" * 1000 + b"\r\n"

    began = time.monotonic()
    answer = exchange(house, *endless())
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert time.monotonic() - began < 5


def test_attack_a_trailer_is_no_header(house: House) -> None:
    token = house.token("analyst")
    body = chat("Hi")
    import_body = str(body).replace("'", '"').encode()
    request = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        b"%x\r\n%s\r\n0\r\nauthorization: Bearer %s\r\n\r\n"
    ) % (len(import_body), import_body, token.encode())
    answer = exchange(house, request)
    assert answer.startswith(b"HTTP/1.1 401 "), "the token came after the checks"


def test_an_address_is_taken_before_it_listens() -> None:
    with bind("127.0.0.1", 0) as sock:
        address = sock.getsockname()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, 1)


def test_a_taken_port_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="Address already in use; choose another"):
            bind("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(
    "host", ["203.0.113.7", "a" * 70 + ".example", "a\x00b", "not-here.invalid"]
)
def test_a_host_that_cannot_be_bound_is_a_sentence(host: str) -> None:
    with pytest.raises(ConfigurationError, match="listen: cannot listen on "):
        bind(host, 0)


def test_the_server_trusts_no_proxy_headers_and_waits_as_the_settings_say(house: House) -> None:
    config = server_config(object(), house.settings)
    assert config.proxy_headers is False
    assert config.http is HttpProtocol
    assert config.timeout_graceful_shutdown == 30
    assert config.access_log is False


def test_what_start_up_made_is_out_of_the_collectors_sight() -> None:
    threshold = gc.get_threshold()
    try:
        settle_memory()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold()[0] > threshold[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
