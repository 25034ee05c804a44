"""Opens the limiter that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.limits.memory import MemoryLimiter
from gateway.limits.redis import RedisLimiter
from gateway.state.link import Link

if TYPE_CHECKING:
    from gateway.limits.limiter import Limiter

__all__ = ["open_limiter"]


def open_limiter(url: str, timeout: float) -> Limiter:
    """The limiter whose counts are at a URL; connections are made when they are needed.

    Args:
        url: ``memory``, ``redis://…`` or ``rediss://…``.
        timeout: Seconds for one command to the server.

    Raises:
        ConfigurationError: The URL is not understood.
    """
    return MemoryLimiter() if url == "memory" else RedisLimiter(Link(url, timeout))
