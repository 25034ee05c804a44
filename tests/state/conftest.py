"""The state in memory and in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.state.opening import open_state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server import RedisServer

    from gateway.state.state import State


@pytest.fixture(params=["memory", "redis"])
async def state(request: pytest.FixtureRequest) -> AsyncIterator[State]:
    """A state of either kind, empty."""
    url = "memory"
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url
    opened = open_state(url, 5.0)
    yield opened
    await opened.close()
