"""Limiters in memory and in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.limits.opening import open_limiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server import RedisServer

    from gateway.limits.limiter import Limiter


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[Limiter]:
    """A limiter of either kind, with nothing counted."""
    url = "memory"
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url
    opened = open_limiter(url, 20.0)
    yield opened
    await opened.close()
