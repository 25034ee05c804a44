"""State in Redis, shared by many processes and replicas."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.state.link import Link

__all__ = ["RedisState"]

_MARKS: Final = "gateway:marks:"
_NAMES: Final = "gateway:names:"
_KEPT: Final = "gateway:kept:"


class RedisState:
    """Marks, names and values as keys of Redis that begin with ``gateway:``.

    Args:
        link: The way to the server; closed together with the state.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    async def add(self, key: str, seconds: float) -> bool:
        """Sets a mark that lapses after so many seconds; whether it was not there.

        Raises:
            StateLost: Redis did not answer in time.
        """
        client, lapse = self._link.client, max(1, ceil(seconds * 1000))
        return bool(await self._link.ask(lambda: client.set(_MARKS + key, "1", px=lapse, nx=True)))

    async def entries(self, key: str) -> Mapping[str, str]:
        """All names under a key with their values.

        Raises:
            StateLost: Redis did not answer in time.
        """
        client = self._link.client
        found = await self._link.ask(lambda: client.hgetall(_NAMES + key))
        return cast("dict[str, str]", found)  # the connections decode

    async def put(self, key: str, name: str, value: str) -> None:
        """Sets a name under a key.

        Raises:
            StateLost: Redis did not answer in time.
        """
        client = self._link.client
        await self._link.ask(lambda: client.hset(_NAMES + key, name, value))

    async def keep(self, key: str, value: str, seconds: float) -> None:
        """Keeps a value for so many seconds, in place of the one before.

        Raises:
            StateLost: Redis did not answer in time.
        """
        client, lapse = self._link.client, max(1, ceil(seconds * 1000))
        await self._link.ask(lambda: client.set(_KEPT + key, value, px=lapse))

    async def kept(self, key: str) -> str | None:
        """The value kept under a key; None where there is none, or it has lapsed.

        Raises:
            StateLost: Redis did not answer in time.
        """
        client = self._link.client
        found = await self._link.ask(lambda: client.get(_KEPT + key))
        return cast("str | None", found)  # the connections decode

    async def close(self) -> None:
        """Closes every connection."""
        await self._link.close()
