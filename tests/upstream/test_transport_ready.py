"""A request that is made before it may leave, over real sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.errors import AuditUnavailable
from gateway.upstream.transport import Transport
from tests.upstream.test_transport import HEADERS, JSON, says, served, silence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    one = Transport(connect_timeout=0.3, read_timeout=0.3)
    yield one
    await one.close()


async def test_attack_nothing_reaches_the_upstream_before_a_request_may_leave(
    transport: Transport,
) -> None:
    recorded = asyncio.Event()

    async def ready() -> None:
        await recorded.wait()

    talk = says(JSON + b"content-length: 2\r\n\r\n{}")
    async with served(talk) as (one, upstream):

        async def ask_then() -> bytes:
            sending = transport.send(upstream, "POST", "/", HEADERS, b"{}", ready=ready)
            async with sending as answer:
                return await answer.read(10)

        for connections in (0, 1):  # A kept connection does not hear of it, either.
            asking, heard = asyncio.create_task(ask_then()), len(one.requests)
            await asyncio.sleep(0.05)
            assert (one.connections, len(one.requests)) == (connections, heard)
            recorded.set()
            assert await asking == b"{}"
            recorded.clear()


async def test_attack_a_request_that_may_not_leave_never_does(transport: Transport) -> None:
    async def refuse() -> None:
        raise AuditUnavailable("the disk is full")

    async with served(silence) as (one, upstream):
        with pytest.raises(AuditUnavailable):
            async with transport.send(upstream, "POST", "/", HEADERS, b"{}", ready=refuse):
                pass
        await asyncio.sleep(0.05)
        assert one.connections == 0
