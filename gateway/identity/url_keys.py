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

import httpx
import structlog

from gateway.identity.jwk import BadKeySet
from gateway.identity.jwks import MAX_BYTES, KeySet, read_key_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.identity.jwk import Key

__all__ = ["Timing", "UrlKeys"]

_MAX_MISSING: Final = 1024
_HEADERS: Final = {"accept": "application/json", "accept-encoding": "identity"}
_log = structlog.get_logger("gateway.identity")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that govern how keys are fetched.

    Attributes:
        ttl: After this the set is fetched again, a little earlier at random.
        timeout: For one fetch, from connecting to the last byte.
        cooldown: Between two fetches that unknown keys cause, a little longer at random.
        grace: How long a key counts that its issuer no longer publishes.
        max_stale: How long the last good set counts while the issuer cannot be reached.
        retry: The longest pause after a failed fetch; the first is a second, then doubling.
    """

    ttl: float = 900.0
    timeout: float = 3.0
    cooldown: float = 30.0
    grace: float = 300.0
    max_stale: float = 86400.0
    retry: float = 60.0


class UrlKeys:
    """The keys that an issuer publishes.

    No request waits for keys that are there: the set is renewed in the background. Only a token
    that names an unknown key makes its request wait for one fetch, which all such requests share
    and which happens at most once in ``cooldown`` seconds; a name that was not found is not asked
    for again within ``ttl``. A failed fetch changes nothing.
    """

    def __init__(
        self,
        url: str,
        algorithms: Sequence[str],
        *,
        timing: Timing | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._algorithms = tuple(algorithms)
        self._timing = timing or Timing()
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
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
        self._client = httpx.AsyncClient(
            transport=self._transport,
            timeout=self._timing.timeout,
            follow_redirects=False,
            trust_env=False,
        )
        fetched = await self._refresh()
        self._task = asyncio.create_task(self._refresh_forever(fetched=fetched))

    async def close(self) -> None:
        """Stops fetching and closes every connection."""
        for task in (self._task, self._flight):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._client is not None:
            await self._client.aclose()

    async def find(self, kid: str | None) -> Key | None:
        """The key of this name, asking the issuer, within bounds, if it is not known."""
        key = self._known(kid)
        if key is None and kid is not None and self.keys is not None and self._may_ask(kid):
            await self._refresh()
            key = self._known(kid)
            if key is None:
                self._missing[kid] = time.monotonic() + self._timing.ttl
                if len(self._missing) > _MAX_MISSING:
                    self._missing.popitem(last=False)
        return key

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
            async with asyncio.timeout(self._timing.timeout):
                data = await self._get()
            self._swap(read_key_set(data, self._algorithms))
        except Exception as error:  # noqa: BLE001  # nothing that an issuer sends may end the task
            kind = str(error) if isinstance(error, BadKeySet) else type(error).__name__
            _log.warning("jwks_fetch_failed", url=self._url, error=kind)
            return False
        return True

    async def _get(self) -> bytes:
        if self._client is None:
            raise BadKeySet("it is not being fetched")
        data = bytearray()
        async with self._client.stream("GET", self._url, headers=_HEADERS) as response:
            if response.status_code != 200:
                raise BadKeySet(f"its URL answered with status {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise BadKeySet("it came compressed")
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > MAX_BYTES:
                    raise BadKeySet(f"it is larger than {MAX_BYTES} bytes")
        return bytes(data)

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
