"""What processes and replicas share, as far as the gateway needs it: marks, names and values.

Every method answers within the deadline of the settings or raises ``StateLost``; none hangs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["State"]


class State(Protocol):
    """The shared state; in memory it is shared by the requests of one process."""

    async def add(self, key: str, seconds: float) -> bool:
        """Sets a mark that lapses after so many seconds; whether it was not there.

        Of many callers at the same time exactly one hears True.

        Raises:
            StateLost: The state did not answer in time.
        """

    async def entries(self, key: str) -> Mapping[str, str]:
        """All names under a key with their values; none where there is nothing.

        Raises:
            StateLost: The state did not answer in time.
        """

    async def put(self, key: str, name: str, value: str) -> None:
        """Sets a name under a key.

        Raises:
            StateLost: The state did not answer in time.
        """

    async def keep(self, key: str, value: str, seconds: float) -> None:
        """Keeps a value for so many seconds, in place of the one before.

        Raises:
            StateLost: The state did not answer in time.
        """

    async def kept(self, key: str) -> str | None:
        """The value kept under a key; None where there is none, or it has lapsed.

        Raises:
            StateLost: The state did not answer in time.
        """

    async def close(self) -> None:
        """Closes every connection."""
