"""Keys from an issuer's JWKS URL, fetched beside the requests and kept through outages."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import structlog

from gateway.identity.fetch import TIMEOUT, FetchFailed, fetch
from gateway.identity.jwk import BadKeySet
from gateway.identity.jwks import KeySet, read_key_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from gateway.identity.discovery import Discovery
    from gateway.identity.jwk import Key

__all__ = ["Timing", "UrlKeys"]

_MAX_MISSING: Final = 1024
_log = structlog.get_logger("gateway.identity")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that govern how keys are fetched.

    Attributes:
        ttl: After this the set is fetched again, a little earlier at random.
        timeout: For one document, from connecting to the last byte.
        cooldown: Between two fetches that unknown keys cause, a little longer at random.
        missing: How long a name that the issuer did not know is not asked for again.
        grace: How long a key counts that its issuer no longer publishes.
        max_stale: How long the last good set counts while the issuer cannot be reached.
        retry: The longest pause after a failed fetch; the first is a second, then doubling.
    """

    ttl: float = 900.0
    timeout: float = TIMEOUT
    cooldown: float = 30.0
    missing: float = 120.0
    grace: float = 300.0
    max_stale: float = 86400.0
    retry: float = 60.0


class UrlKeys:
    """The keys that an issuer publishes.

    No request waits for keys that are there: the set is renewed in the background. Only a token
    that names an unknown key makes its request wait for one fetch, which all such requests share
    and which happens at most once in ``cooldown`` seconds; a name that was not found is not asked
    for again within ``missing``. A failed fetch changes nothing.

    Args:
        place: The URL of the keys, or the discovery that finds it.
        algorithms: The issuer's algorithms.
        timing: How often, and how long.
        transport: How documents are fetched; httpx's own if not given.
    """

    def __init__(
        self,
        place: str | Discovery,
        algorithms: Sequence[str],
        *,
        timing: Timing | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._place = place
        self._algorithms = tuple(algorithms)
        self._timing = timing or Timing()
        self._transport = transport
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._next_ask = 0.0
        self._missing: OrderedDict[str, float] = OrderedDict()
        self._flight: asyncio.Task[bool] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def keys(self) -> KeySet | None:
        """The last good set; None before there is one and once it is too old."""
        if self._keys is None or time.monotonic() - self._fetched > self._timing.max_stale:
            return None
        return self._keys

    async def start(self) -> None:
        """Fetches the keys, and goes on doing so; an issuer that is down is tried again."""
        fetched = await self._refresh()
        self._task = asyncio.create_task(self._refresh_forever(fetched=fetched))

    async def close(self) -> None:
        """Stops fetching."""
        for task in (self._task, self._flight):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def find(self, kid: str | None) -> Key | None:
        """The key of this name, asking the issuer, within bounds, if it is not known."""
        key = self._known(kid)
        if key is None and kid is not None and self.keys is not None and self._may_ask(kid):
            fetched = await self._refresh()
            key = self._known(kid)
            if key is None and fetched:
                self._miss(kid)
        return key

    def _miss(self, kid: str) -> None:
        self._missing[kid] = time.monotonic() + self._timing.missing
        if len(self._missing) > _MAX_MISSING:
            self._missing.popitem(last=False)

    def _known(self, kid: str | None) -> Key | None:
        keys = self.keys
        key = keys.find(kid) if keys else None
        return key if key is not None and time.time() < key.until else None

    def _may_ask(self, kid: str) -> bool:
        now = time.monotonic()
        if self._missing.get(kid, 0.0) > now:
            return False
        if self._flight is not None and not self._flight.done():
            return True
        if now < self._next_ask:
            return False
        self._next_ask = now + self._timing.cooldown * random.uniform(1.0, 1.2)  # noqa: S311  # jitter
        return True

    async def _refresh(self) -> bool:
        """Fetches the keys, or waits for the fetch that is under way; whether it went well."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
        return await asyncio.shield(self._flight)

    async def _refresh_forever(self, *, fetched: bool) -> None:
        failures = 0
        while True:
            failures = 0 if fetched else min(failures + 1, 16)
            pause = min(2.0 ** (failures - 1), self._timing.retry) if failures else self._timing.ttl
            await asyncio.sleep(pause * random.uniform(0.8, 1.0))  # noqa: S311  # jitter
            fetched = await self._refresh()

    async def _fetch(self) -> bool:
        try:
            data = await self._get(await self._url())
            self._swap(read_key_set(data, self._algorithms))
        except Exception as error:  # noqa: BLE001  # nothing that an issuer sends may end the task
            ours = isinstance(error, (FetchFailed, BadKeySet))
            kind = str(error) if ours else type(error).__name__
            url = self._place if isinstance(self._place, str) else self._place.url
            _log.warning("jwks_fetch_failed", url=url, error=kind)
            return False
        return True

    async def _url(self) -> str:
        return self._place if isinstance(self._place, str) else await self._place.find(self._get)

    async def _get(self, url: str) -> bytes:
        return await fetch(url, seconds=self._timing.timeout, transport=self._transport)

    def _swap(self, fresh: KeySet) -> None:
        """Makes a set the one that counts, with what it no longer holds in its grace."""
        self._fetched = time.monotonic()
        if self._keys is not None and self._keys.digest == fresh.digest:
            return
        self._keys = self._with_retired(fresh)

    def _with_retired(self, fresh: KeySet) -> KeySet:
        old = self._keys.keys.values() if self._keys else ()
        now = time.time()
        retired = [
            replace(key, until=min(key.until, now + self._timing.grace))
            for key in old
            if key.kid not in fresh.keys and key.until > now
        ]
        keys = {key.kid: key for key in retired if key.kid is not None} | dict(fresh.keys)
        return KeySet(MappingProxyType(keys), fresh.only, fresh.digest)
