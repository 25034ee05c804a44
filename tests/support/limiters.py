"""Limiters of both kinds by a clock of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.limits.memory import MemoryLimiter
from gateway.limits.redis import RedisLimiter
from gateway.limits.scripts import RENEW, SETTLE, TAKE
from gateway.state.link import Link

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from gateway.limits.limiter import Limiter

__all__ = ["InMemory", "InRedis", "Ticking"]

_CLOCK: Final = "test:clock"


class Ticking:
    """A limiter and the microseconds that it believes it to be."""

    limiter: Limiter

    async def tick(self, now: int) -> None:
        """Sets its clock."""
        raise NotImplementedError


class InMemory(Ticking):
    """One in memory."""

    def __init__(self) -> None:
        self.now = 0
        self.limiter = MemoryLimiter(lambda: self.now)

    async def tick(self, now: int) -> None:
        """Sets its clock."""
        self.now = now


class InRedis(Ticking):
    """One in Redis, whose scripts read the time from a key; the server must be empty."""

    def __init__(self, url: str, **more: Any) -> None:
        self.link = Link(url, 20.0)
        self.limiter: RedisLimiter = RedisLimiter(self.link, **more)
        register = self.link.client.register_script
        self.limiter._take = register(_ticking(TAKE))
        self.limiter._settle = register(_ticking(SETTLE))
        self.limiter._renew = register(_ticking(RENEW))

    async def tick(self, now: int) -> None:
        """Sets its clock."""
        setting: Awaitable[object] = self.link.client.set(_CLOCK, now)
        await setting


def _ticking(script: str) -> str:
    found = script.replace("redis.call('TIME')", f"{{0, redis.call('GET', '{_CLOCK}')}}")
    assert found != script
    return found
