from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
from issuer_server import IssuerServer, run_issuer, self_signed

from gateway.identity.fetch import MAX_BYTES, FetchFailed, _authorities, fetch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
async def server() -> AsyncIterator[IssuerServer]:
    async with run_issuer() as running:
        running.body = b"{}"
        yield running


async def failure(url: str, seconds: float = 5.0) -> str:
    with pytest.raises(FetchFailed) as error:
        await fetch(url, seconds=seconds)
    assert error.value.__cause__ is None
    return str(error.value)


async def test_an_answer(server: IssuerServer) -> None:
    server.body = b"{}" + b" " * (MAX_BYTES - 2)
    assert await fetch(server.url) == server.body


async def test_what_is_asked(server: IssuerServer) -> None:
    await fetch(server.url)
    head = server.asked[0].lower()
    assert head.startswith("get /jwks.json http/1.1\r\n")
    assert "accept-encoding: identity" in head
    for name in ("authorization", "cookie", "proxy"):
        assert name not in head


async def test_no_cookie_comes_back(server: IssuerServer) -> None:
    server.headers = "set-cookie: track=me; path=/\r\n"
    await fetch(server.url)
    await fetch(server.url)
    assert "cookie" not in server.asked[1].lower()


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "redirect": ({"status": "302 Found", "headers": "location: /moved\r\n"}, "status 302"),
    "redirect for good": ({"status": "308 x", "headers": "location: /moved\r\n"}, "status 308"),
    "not found": ({"status": "404 Not Found"}, "status 404"),
    "no content": ({"status": "203 Non-Authoritative"}, "status 203"),
    "a byte too many": ({"body": b" " * (MAX_BYTES + 1)}, "larger than 262144 bytes"),
    "gzip": ({"headers": "content-encoding: gzip\r\n", "squeeze": True}, "compressed"),
    "gzip twice": ({"headers": "content-encoding: identity, gzip\r\n"}, "compressed"),
    "unknown coding": ({"headers": "content-encoding: x\r\n"}, "compressed"),
    "no HTTP": ({"status": "\r\n\0"}, "RemoteProtocolError"),
    "endless header": ({"headers": f"x: {'y' * 300_000}\r\n"}, "RemoteProtocolError"),
    "bad length": ({"headers": "content-length: 5\r\n"}, "RemoteProtocolError"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_answers_that_are_none(server: IssuerServer, fault: str) -> None:
    changes, words = FAULTS[fault]
    for name, value in changes.items():
        setattr(server, name, value)
    assert words in await failure(server.url)
    assert len(server.asked) == 1, "nothing is followed and nothing is tried twice"


@pytest.mark.parametrize("fault", [{"delay": 30.0}, {"drip": 0.05, "body": b" " * 1000}])
async def test_slow_loris(server: IssuerServer, fault: dict[str, Any]) -> None:
    """The deadline is for the whole answer: a byte now and then does not move it."""
    for name, value in fault.items():
        setattr(server, name, value)
    began = time.monotonic()
    assert await failure(server.url, seconds=0.3) == "TimeoutError"
    assert time.monotonic() - began < 3


async def test_an_endless_answer_is_not_read_to_its_end(server: IssuerServer) -> None:
    server.flood = 1024
    assert "larger" in await failure(server.url)
    assert server.flood > 800


async def test_nobody_is_there() -> None:
    assert await failure("http://127.0.0.1:1/") == "ConnectError"
    assert await failure("https://127.0.0.1:1/") == "ConnectError"


async def test_the_environment_names_no_proxy(
    server: IssuerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert await fetch(server.url) == b"{}"


# Certificates.


@pytest.fixture
def fresh_authorities() -> Iterator[None]:
    _authorities.cache_clear()
    yield
    _authorities.cache_clear()


def context(folder: Path, **changes: Any) -> tuple[ssl.SSLContext, str]:
    public, private = self_signed(folder, **changes)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(public, private)
    return tls, str(public)


@pytest.mark.usefixtures("fresh_authorities")
async def test_self_signed_certificate(tmp_path: Path) -> None:
    tls, _ = context(tmp_path)
    async with run_issuer(tls) as server:
        assert await failure(server.url) == "ConnectError"
        assert server.asked == []


@pytest.mark.usefixtures("fresh_authorities")
async def test_an_authority_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, file = context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", file)
    async with run_issuer(tls) as server:
        server.body = b"{}"
        assert await fetch(server.url) == b"{}"


@pytest.mark.usefixtures("fresh_authorities")
@pytest.mark.parametrize(
    "changes", [{"host": "127.0.0.2"}, {"days": -1}], ids=["of another host", "expired"]
)
async def test_certificate_that_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    tls, file = context(tmp_path, **changes)
    monkeypatch.setenv("SSL_CERT_FILE", file)
    async with run_issuer(tls) as server:
        assert await failure(server.url) == "ConnectError"
        assert server.asked == []
