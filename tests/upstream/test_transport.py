"""The transport against servers that do what they should not, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import UpstreamError, UpstreamTimeout
from gateway.steps.packed_body import PackedBody
from gateway.upstream.table import Upstream
from gateway.upstream.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n"
HEADERS = ((b"content-type", b"application/json"),)


class Served:
    """A small server, and what it saw."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked, self.lost = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = b"{}" if b"content-length: 2" in head.lower() else b""
                self.requests.append(head + (await reader.readexactly(len(body))))
                self.asked.set()
                await self.talk(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.lost.set()
        finally:
            writer.close()


@asynccontextmanager
async def served(
    talk: Talk, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Served, Upstream]]:
    one = Served(talk)
    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    base = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield one, Upstream("up", base, (), ((b"authorization", b"Bearer sk-secret"),))
    finally:
        server.close()


def says(*parts: bytes, close: bool = False) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.005)
        if close:
            writer.close()

    return talk


async def silence(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    one = Transport(connect_timeout=0.3, read_timeout=0.3)
    yield one
    await one.close()


async def ask(transport: Transport, upstream: Upstream, limit: int = 1000) -> bytes:
    async with transport.send(upstream, "POST", "/v1/x?a=1", HEADERS, b"{}") as answer:
        return await answer.read(limit)


@pytest.mark.parametrize("packed", [False, True])
async def test_large_body_is_sent_in_pieces_and_arrives_whole(
    transport: Transport, *, packed: bool
) -> None:
    heard: list[tuple[bytes, bytes]] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((one.requests[-1].lower(), await reader.readexactly(len(body))))
        writer.write(JSON + b"content-length: 2\r\n\r\n{}")

    body = bytes(range(256)) * 2**14
    async with served(listen) as (one, upstream):
        for _ in range(2):
            sent = PackedBody([body]) if packed else body
            async with transport.send(upstream, "POST", "/v1/x", HEADERS, sent) as answer:
                assert await answer.read(2) == b"{}"
    assert one.connections == 1
    for head, arrived in heard:
        assert arrived == body
        assert head.count(b"content-length: %d\r\n" % len(body)) == 1
        assert b"transfer-encoding" not in head


async def test_a_request_carries_our_headers_and_no_others(transport: Transport) -> None:
    async with served(says(JSON + b"content-length: 2\r\n\r\n{}")) as (one, upstream):
        async with transport.send(upstream, "POST", "/v1/x?a=1", HEADERS, b"{}") as answer:
            assert answer.status == 200
            assert answer.content_type == "application/json"
            assert await answer.read(2) == b"{}"
        head, _, body = one.requests[0].partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        assert line == b"POST /v1/x?a=1 HTTP/1.1"
        names = sorted(field.partition(b":")[0].lower() for field in fields)
        assert names == [b"authorization", b"content-length", b"content-type", b"host"]
        assert b"Bearer sk-secret" in head
        assert body == b"{}"


async def test_attack_a_field_that_ends_its_line_is_never_sent(transport: Transport) -> None:
    async with served(says(JSON + b"content-length: 2\r\n\r\n{}")) as (one, upstream):
        for value in (b"a\r\nx-evil: 1", b"a\nx-evil: 1", b"a\rb"):
            headers = (*HEADERS, (b"user-agent", value))
            with pytest.raises(UpstreamError):
                async with transport.send(upstream, "POST", "/v1/x", headers, b"{}"):
                    pass
        assert one.requests == []


async def test_a_field_that_is_no_utf_8_is_sent_as_latin_1_reads(transport: Transport) -> None:
    async with served(says(JSON + b"content-length: 2\r\n\r\n{}")) as (one, upstream):
        headers = (*HEADERS, (b"user-agent", b"caf\xe9"))
        async with transport.send(upstream, "POST", "/v1/x", headers, b"{}") as answer:
            assert await answer.read(2) == b"{}"
        assert "user-agent: café".encode() in one.requests[0].lower()


async def test_the_words_after_the_status_say_nothing(transport: Transport) -> None:
    talk = says(b"HTTP/1.1 200 \xff\xfe\r\ncontent-length: 2\r\n\r\n{}")
    async with served(talk) as (_, upstream):
        assert await ask(transport, upstream) == b"{}"


async def test_connections_are_kept(transport: Transport) -> None:
    async with served(says(JSON + b"content-length: 2\r\n\r\n{}")) as (one, upstream):
        for _ in range(3):
            assert await ask(transport, upstream) == b"{}"
        assert one.connections == 1


async def test_chunks_come_as_they_are_sent(transport: Transport) -> None:
    talk = says(
        JSON + b"transfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n", b"1\r\nb\r\n", b"0\r\n\r\n"
    )
    async with (
        served(talk) as (_, upstream),
        transport.send(upstream, "POST", "/", HEADERS, b"{}") as answer,
    ):
        assert b"".join([chunk async for chunk in answer.chunks()]) == b"ab"


async def test_a_redirect_is_neither_followed_nor_passed_on(transport: Transport) -> None:
    talk = says(b"HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
    async with served(talk) as (one, upstream):
        with pytest.raises(UpstreamError, match="status 307, which no answer of an API has"):
            await ask(transport, upstream)
        assert len(one.requests) == 1


@pytest.mark.parametrize("status", [99, 101, 204, 205, 300, 302, 304, 399, 600, 999])
async def test_bug_a_status_that_no_api_has_is_refused(transport: Transport, status: int) -> None:
    talk = says(b"HTTP/1.1 %03d X\r\ncontent-length: 2\r\n\r\n{}" % status, close=True)
    async with served(talk) as (_, upstream):
        with pytest.raises(UpstreamError):
            await ask(transport, upstream)


@pytest.mark.parametrize("status", [200, 201, 206, 400, 401, 404, 429, 500, 529, 599])
async def test_a_status_of_an_api_is_passed_on(transport: Transport, status: int) -> None:
    talk = says(b"HTTP/1.1 %d X\r\ncontent-length: 2\r\n\r\n{}" % status)
    async with served(talk) as (_, upstream):
        assert await ask(transport, upstream) == b"{}"


async def test_a_closed_port(transport: Transport, unused_tcp_port: int) -> None:
    upstream = Upstream("up", f"http://127.0.0.1:{unused_tcp_port}", ())
    with pytest.raises(UpstreamError, match="could not be reached") as caught:
        await ask(transport, upstream)
    assert not caught.value.heard


async def test_a_name_that_nobody_has(transport: Transport) -> None:
    with pytest.raises((UpstreamError, UpstreamTimeout), match="could not be reached"):
        await ask(transport, Upstream("up", "http://nobody.invalid", ()))


@pytest.mark.parametrize(
    "talk",
    [
        reset,
        says(b"", close=True),
        says(b"not http at all\r\n\r\n", close=True),
        says(b"HTTP/1.1 2OO OK\r\n\r\n", close=True),
        says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", close=True),
        says(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", close=True),
        says(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nab", close=True),
        says(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 70_000 + b"\r\n\r\n", close=True),
        says(b"HTTP/1.1 200 " + b"a" * 70_000 + b"\r\n\r\n", close=True),
        says(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", close=True),
        says(JSON + b"content-length: 10\r\n\r\nabc", close=True),
        says(JSON + b"transfer-encoding: chunked\r\n\r\nzz\r\n", close=True),
        says(JSON + b"transfer-encoding: chunked\r\n\r\n5\r\nab", close=True),
    ],
    ids=["reset", "closed", "no-http", "status", "header-line", "length", "two-lengths",
         "giant-header", "giant-reason", "many-headers", "cut", "chunk-size",
         "cut-chunk"],
)  # fmt: skip
async def test_an_upstream_that_talks_nonsense_is_an_upstream_error(
    transport: Transport, talk: Talk
) -> None:
    async with served(talk) as (_, upstream):
        with pytest.raises(UpstreamError) as caught:
            await ask(transport, upstream)
        assert caught.value.heard
        assert "127.0.0.1" not in caught.value.reason
        assert "secret" not in caught.value.reason


@pytest.mark.parametrize(
    "talk",
    [
        silence,
        says(b"HTTP/1.1 200 OK\r\n"),
        says(JSON + b"content-length: 10\r\n\r\nabc"),
        says(JSON + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n"),
    ],
    ids=["no-answer", "half-a-head", "half-a-body", "no-last-chunk"],
)
async def test_an_upstream_that_goes_silent_is_a_timeout(transport: Transport, talk: Talk) -> None:
    async with served(talk) as (_, upstream):
        began = asyncio.get_running_loop().time()
        with pytest.raises(UpstreamTimeout) as caught:
            await ask(transport, upstream)
        assert caught.value.heard
        assert asyncio.get_running_loop().time() - began < 3


async def test_an_upstream_that_never_takes_the_connection(transport: Transport) -> None:
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):
            # A full queue: the kernel answers to no further connection.
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        upstream = Upstream("up", f"http://127.0.0.1:{deaf.getsockname()[1]}", ())
        with pytest.raises(UpstreamTimeout, match="could not be reached") as caught:
            await ask(transport, upstream)
        assert not caught.value.heard


async def test_a_compressed_answer_is_refused(transport: Transport) -> None:
    data = gzip.compress(b"{}")
    head = JSON + b"Content-Encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(data)
    async with served(says(head + data)) as (_, upstream):
        with pytest.raises(UpstreamError, match="compressed although identity was asked for"):
            await ask(transport, upstream)


async def test_the_coding_identity_is_none(transport: Transport) -> None:
    talk = says(JSON + b"content-encoding: identity\r\ncontent-length: 2\r\n\r\n{}")
    async with served(talk) as (_, upstream):
        assert await ask(transport, upstream) == b"{}"


async def test_attack_an_endless_body_is_cut_at_the_limit(transport: Transport) -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(JSON + b"transfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            await writer.drain()

    async with served(endless) as (one, upstream):
        with pytest.raises(UpstreamError, match="larger than 50000 bytes"):
            await ask(transport, upstream, limit=50_000)
        await asyncio.wait_for(one.lost.wait(), 2)


async def test_a_body_of_exactly_the_limit_is_read(transport: Transport) -> None:
    async with served(says(JSON + b"content-length: 5\r\n\r\n12345")) as (_, upstream):
        assert await ask(transport, upstream, limit=5) == b"12345"
        with pytest.raises(UpstreamError, match="larger than 4 bytes"):
            await ask(transport, upstream, limit=4)


async def test_leaving_early_cuts_the_connection(transport: Transport) -> None:
    talk = says(JSON + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n")
    async with served(talk) as (one, upstream):
        async with transport.send(upstream, "POST", "/", HEADERS, b"{}") as answer:
            assert await anext(answer.chunks()) == b"a"
        await asyncio.wait_for(one.lost.wait(), 2)


async def test_a_cancelled_request_cuts_the_connection(transport: Transport) -> None:
    async with served(silence) as (one, upstream):
        task = asyncio.create_task(ask(transport, upstream))
        await asyncio.wait_for(one.asked.wait(), 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert one.connections == 1


async def test_cookies_are_not_kept(transport: Transport) -> None:
    talk = says(JSON + b"set-cookie: who=first; path=/\r\ncontent-length: 2\r\n\r\n{}")
    async with served(talk) as (one, upstream):
        await ask(transport, upstream)
        await ask(transport, upstream)
        assert b"cookie" not in one.requests[1].lower()


async def test_the_environments_proxy_is_not_used(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    transport = Transport(connect_timeout=1, read_timeout=1)
    async with served(says(JSON + b"content-length: 2\r\n\r\n{}")) as (_, upstream):
        assert await ask(transport, upstream) == b"{}"
    await transport.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    transport: Transport, tmp_path: Path
) -> None:
    talk = says(JSON + b"content-length: 2\r\n\r\n{}")
    async with served(talk, self_signed(tmp_path)) as (one, upstream):
        with pytest.raises(UpstreamError, match="CertificateError"):
            await ask(transport, upstream)
        assert one.requests == [], "the credential was not sent"
