"""Opens the limiter that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.limits.memory import MemoryLimiter

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
    if url == "memory":
        return MemoryLimiter()
    # Its client takes 5 MiB, which only those pay who use it.
    from gateway.limits.redis import RedisLimiter  # noqa: PLC0415
    from gateway.state.link import Link  # noqa: PLC0415

    return RedisLimiter(Link(url, timeout))
