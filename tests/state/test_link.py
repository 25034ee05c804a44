"""Attacks on the way to Redis: dead, silent, foreign and broken servers."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest
from redis_server import run_redis
from structlog.testing import capture_logs

from gateway.errors import StateLost
from gateway.state.circuit import FAILURES
from gateway.state.link import Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from redis_server import RedisServer

DEADLINE = 0.2
AGES = 30.0  # a machine may be slow, but only a hang takes so long


async def ping(link: Link) -> object:
    return await link.ask(link.client.ping)


async def is_lost(link: Link) -> str:
    began = time.monotonic()
    with pytest.raises(StateLost) as caught:
        await asyncio.wait_for(ping(link), AGES)
    assert time.monotonic() - began < AGES
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


async def is_back(link: Link) -> None:
    deadline = time.monotonic() + AGES
    while time.monotonic() < deadline:
        try:
            assert await ping(link)
        except StateLost:
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("it did not come back")


@contextmanager
def silence() -> Iterator[str]:
    """A server whose kernel accepts every connection, and that never reads any."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1000)
        yield f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"


@asynccontextmanager
async def babble(answer: bytes) -> AsyncIterator[str]:
    """A server that answers everything with the same bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(answer)
        writer.close()
        ended.set()

    ended = asyncio.Event()
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0"
    listening.close()
    await asyncio.wait_for(ended.wait(), AGES)


async def test_a_server_that_accepts_and_never_answers() -> None:
    with silence() as url:
        link = Link(url, DEADLINE)
        for _ in range(FAILURES):
            assert await is_lost(link) in {
                "redis: no answer within the deadline",
                "redis: TimeoutError",
            }
        async with asyncio.timeout(AGES):
            # The caller's deadline may end a moment before that of what it asked for.
            while not link._circuit.open:  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(0.01)
        assert await is_lost(link) == "redis: not asked, as it did not answer before"
        await link.close()


async def test_a_silent_server_costs_many_callers_one_deadline() -> None:
    with silence() as url:
        link = Link(url, DEADLINE)
        began = time.monotonic()
        results = await asyncio.gather(*(ping(link) for _ in range(500)), return_exceptions=True)
        assert all(isinstance(result, StateLost) for result in results)
        assert time.monotonic() - began < AGES < 500 * DEADLINE
        await link.close()


async def test_a_server_that_does_not_even_accept() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):  # the queue is full now
            link = Link(f"redis://127.0.0.1:{port}/0", DEADLINE)
            for _ in range(FAILURES + 2):
                await is_lost(link)
            await link.close()


async def test_nobody_listens() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        link = Link(f"redis://127.0.0.1:{sock.getsockname()[1]}/0", DEADLINE)
        assert await is_lost(link) == "redis: ConnectionError"
        await link.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"*999999999\r\n",
        b":not a number\r\n",
        b"-ERR go away\r\n",
        b"\x00" * 64 + b"\r\n",
    ],
)
async def test_a_server_that_speaks_another_tongue(answer: bytes) -> None:
    async with babble(answer) as url:
        link = Link(url, DEADLINE)
        await is_lost(link)
        await link.close()


async def test_a_server_without_tls_where_tls_is_asked_for(redis_server: RedisServer) -> None:
    link = Link(f"rediss://127.0.0.1:{redis_server.port}/0", DEADLINE)
    await is_lost(link)
    await link.close()


async def test_a_killed_server_is_found_again_when_it_is_back(own_redis: RedisServer) -> None:
    link = Link(own_redis.url, 5.0)
    assert await ping(link)
    own_redis.kill()
    for _ in range(FAILURES + 2):
        await is_lost(link)
    own_redis.start()
    await is_back(link)
    await link.close()


async def test_a_frozen_server_is_found_again_when_it_thaws(own_redis: RedisServer) -> None:
    link = Link(own_redis.url, DEADLINE)
    await asyncio.gather(*(is_back(link) for _ in range(20)))
    own_redis.freeze()
    for _ in range(FAILURES + 2):
        await is_lost(link)
    own_redis.thaw()
    await is_back(link)
    await link.close()


async def test_the_answer_to_a_caller_who_left_reaches_nobody_else(own_redis: RedisServer) -> None:
    link = Link(own_redis.url, 20.0)

    async def echo(text: str) -> object:
        return await link.ask(lambda: link.client.echo(text))

    for number in range(30):
        leaving = [asyncio.create_task(echo(f"gone {number}.{n}")) for n in range(5)]
        await asyncio.sleep(0)
        for task in leaving[number % 5 :]:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        texts = [f"stay {number}.{n}" for n in range(5)]
        assert await asyncio.gather(*map(echo, texts)) == texts
    await link.close()


async def test_callers_who_leave_use_no_connections_up(own_redis: RedisServer) -> None:
    link = Link(own_redis.url, 20.0)
    own_redis.freeze()
    leaving = [asyncio.create_task(ping(link)) for _ in range(200)]
    await asyncio.sleep(0.05)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    own_redis.thaw()
    assert all(await asyncio.gather(*(ping(link) for _ in range(200))))
    await link.close()


async def test_a_replica_that_became_primary_is_written_to(own_redis: RedisServer) -> None:
    link = Link(own_redis.url, 5.0)
    own_redis.do("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StateLost, match="ReadOnlyError"):
        await link.ask(lambda: link.client.set("gateway:x", "1"))
    own_redis.do("REPLICAOF", "NO", "ONE")
    assert await link.ask(lambda: link.client.set("gateway:x", "1"))
    await link.close()


async def test_an_error_reply_is_an_answer_and_opens_no_circuit(redis_server: RedisServer) -> None:
    link = Link(redis_server.url, 5.0)
    for _ in range(FAILURES + 1):
        with pytest.raises(StateLost, match="ResponseError"):
            await link.ask(lambda: link.client.eval("return redis.error_reply('ERR no')", 0))
    assert await ping(link)
    await link.close()


async def test_a_password_is_used_and_shown_nowhere(tmp_path: Path) -> None:
    with run_redis(tmp_path, password="s3cret/%41") as server:
        right = Link(f"redis://:s3cret%2F%2541@127.0.0.1:{server.port}/0", 5.0)
        assert await ping(right)
        assert "s3cret" not in repr(right)
        await right.close()
        wrong = Link(f"redis://:s3cret@127.0.0.1:{server.port}/0", 5.0)
        with capture_logs() as logs:
            lost = [await is_lost(wrong) for _ in range(FAILURES + 1)]
        assert lost[0] == "redis: AuthenticationError"
        assert "s3cret" not in str((logs, lost))
        await wrong.close()


async def test_losing_redis_and_finding_it_again_is_logged_once(own_redis: RedisServer) -> None:
    link = Link(own_redis.url, 5.0)
    with capture_logs() as logs:
        await is_back(link)
        own_redis.kill()
        for _ in range(FAILURES + 3):
            await is_lost(link)
        own_redis.start()
        await is_back(link)
    assert [entry["event"] for entry in logs] == ["state_lost", "state_back"]
    await link.close()
