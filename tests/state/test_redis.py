"""The state in Redis: what it writes there, and what many processes see."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.errors import StateLost
from gateway.state.opening import open_state

if TYPE_CHECKING:
    from redis_server import RedisServer


async def test_replicas_see_each_other(redis_server: RedisServer) -> None:
    one, other = (open_state(redis_server.url, 5.0) for _ in range(2))
    assert await one.add("proof", 600)
    assert not await other.add("proof", 600)
    await one.put("revoked", "jti:1", "1")
    assert await other.entries("revoked") == {"jti:1": "1"}
    await asyncio.gather(one.close(), other.close())


async def test_of_many_replicas_one_sets_the_mark(redis_server: RedisServer) -> None:
    states = [open_state(redis_server.url, 20.0) for _ in range(4)]
    answers = await asyncio.gather(*(state.add("proof", 600) for state in states * 50))
    assert sum(answers) == 1
    await asyncio.gather(*(state.close() for state in states))


async def test_every_key_is_the_gateways_and_marks_lapse_by_themselves(
    redis_server: RedisServer,
) -> None:
    state = open_state(redis_server.url, 5.0)
    await state.add("proof", 600)
    await state.put("revoked", "jti:1", "1")
    assert sorted(redis_server.do("KEYS", "*")) == ["gateway:marks:proof", "gateway:names:revoked"]
    assert 0 < redis_server.do("TTL", "gateway:marks:proof") <= 600
    assert redis_server.do("TTL", "gateway:names:revoked") == -1
    await state.close()


async def test_a_key_of_another_type_is_no_empty_answer(redis_server: RedisServer) -> None:
    redis_server.do("SET", "gateway:names:revoked", "not a hash")
    state = open_state(redis_server.url, 5.0)
    with pytest.raises(StateLost, match="ResponseError"):
        await state.entries("revoked")
    await state.close()


async def test_names_that_are_no_text_are_no_empty_answer(redis_server: RedisServer) -> None:
    redis_server.do("EVAL", r"redis.call('HSET', KEYS[1], '\255', '1')", 1, "gateway:names:revoked")
    state = open_state(redis_server.url, 5.0)
    with pytest.raises(StateLost):
        await state.entries("revoked")
    await state.close()
