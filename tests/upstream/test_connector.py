"""The pool against upstreams that answer what nobody has asked, over real sockets."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.upstream.table import Upstream
from gateway.upstream.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def answer(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


class Talkative:
    """An upstream that numbers its connections, and after an answer says some more."""

    def __init__(self, more: bytes) -> None:
        self.more = more
        self.connections = 0
        self.said = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        own = b"%d" % self.connections
        try:
            while await reader.readuntil(b"\r\n\r\n{}"):
                writer.write(answer(own))
                await writer.drain()
                await asyncio.sleep(0.05)
                writer.write(self.more)
                await writer.drain()
                self.said.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def talking(more: bytes) -> AsyncIterator[tuple[Talkative, Transport, Upstream]]:
    one = Talkative(more)
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    transport = Transport(connect_timeout=2, read_timeout=2)
    port = server.sockets[0].getsockname()[1]
    try:
        yield one, transport, Upstream("up", f"http://127.0.0.1:{port}", ())
    finally:
        await transport.close()
        server.close()


async def ask(one: Talkative, transport: Transport, upstream: Upstream) -> bytes:
    one.said.clear()
    async with transport.send(upstream, "POST", "/", (), b"{}") as heard:
        body = await heard.read(1000)
    await asyncio.wait_for(one.said.wait(), 2)
    await asyncio.sleep(0.02)
    return body


@pytest.mark.parametrize(
    "more",
    [answer(b"poison"), answer(b"poison") * 2, answer(b"poison")[:-3], b"HTTP/1.1 200 OK\r\n\r\n",
     b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", b"no HTTP at all\r\n"],
    ids=["an answer", "two", "half of one", "one without end", "another protocol", "nonsense"],
)  # fmt: skip
async def test_bug_an_answer_nobody_asked_for_is_not_the_next_callers(more: bytes) -> None:
    async with talking(more) as (one, transport, upstream):
        assert await ask(one, transport, upstream) == b"1"
        assert await ask(one, transport, upstream) == b"2", "it has another connection"
        assert one.connections == 2


async def test_a_connection_that_is_quiet_is_used_again() -> None:
    async with talking(b"") as (one, transport, upstream):
        assert [await ask(one, transport, upstream) for _ in range(3)] == [b"1"] * 3
        assert one.connections == 1
