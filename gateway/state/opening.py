"""Opens the state that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.state.memory import MemoryState

if TYPE_CHECKING:
    from gateway.state.state import State

__all__ = ["open_state"]


def open_state(url: str, timeout: float) -> State:
    """The state at a URL; connections are made when they are needed.

    Args:
        url: ``memory``, ``redis://…`` or ``rediss://…``.
        timeout: Seconds for one command to the server.

    Raises:
        ConfigurationError: The URL is not understood.
    """
    if url == "memory":
        return MemoryState()
    # Its client takes 5 MiB, which only those pay who use it.
    from gateway.state.link import Link  # noqa: PLC0415
    from gateway.state.redis import RedisState  # noqa: PLC0415

    return RedisState(Link(url, timeout))
