"""Opens the state that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.state.link import Link
from gateway.state.memory import MemoryState
from gateway.state.redis import RedisState

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
    return MemoryState() if url == "memory" else RedisState(Link(url, timeout))
