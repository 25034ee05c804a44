"""A state that has gone: nothing can be kept in it, and nothing that was is there."""

from __future__ import annotations

from gateway.errors import StateLost
from gateway.state.memory import MemoryState

__all__ = ["LostState"]


class LostState(MemoryState):
    """Refuses to keep and to say what is kept."""

    async def keep(self, key: str, value: str, seconds: float) -> None:
        raise StateLost("gone")

    async def kept(self, key: str) -> str | None:
        raise StateLost("gone")
