"""The way to Redis: every command answers within the deadline, or the state is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import structlog
from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ReadOnlyError, ResponseError

from gateway.errors import ConfigurationError, Place, Problem, StateLost
from gateway.state.circuit import Circuit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Link"]

_CONNECTIONS: Final = 50

_T = TypeVar("_T")
_log = structlog.get_logger("gateway.state")


class Link:
    """Connections to one Redis, their deadline and their circuit.

    No error and no log line names more of the server than the kind of its failure: the URL may hold
    a password.

    Args:
        url: ``redis://[USER:PASSWORD@]HOST[:PORT][/DB]``, or ``rediss://`` for TLS with a verified
            certificate.
        timeout: Seconds for one command, everything included: waiting for a connection, making
            one, and cleaning up after one that broke.

    Raises:
        ConfigurationError: The URL is not of this form.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._timeout = timeout
        self._circuit = Circuit()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._pool = _Pool(**_arguments(url, timeout))
        self.client: Redis = Redis(connection_pool=self._pool)

    async def ask(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """What some work with ``client`` returns.

        The work runs in a task of its own: a caller who leaves does not cut a command off, and a
        connection that takes long to clean up holds nobody.

        Raises:
            StateLost: It failed, or took too long, or was not even tried because the last ones did.
        """
        if not self._circuit.admits():
            raise StateLost("redis: not asked, as it did not answer before")
        task = asyncio.ensure_future(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        done, _ = await asyncio.wait({task}, timeout=self._timeout)
        if not done:
            raise StateLost("redis: no answer within the deadline")
        return task.result()

    async def close(self) -> None:
        """Lets what is under way end, and closes every connection."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=self._timeout)
        await self._pool.drop(idle_only=False)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as seen where the caller has left

    async def _run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        try:
            async with asyncio.timeout(self._timeout):
                result = await work()
        except ReadOnlyError:
            # After a failover the old primary's connections lead to a replica.
            await self._pool.drop(idle_only=True)
            raise StateLost("redis: ReadOnlyError") from None
        except ResponseError as error:
            self._answered()
            raise StateLost(f"redis: {type(error).__name__}") from None
        except Exception as error:  # noqa: BLE001  # whatever a broken server makes the client raise
            self._failed(error)
            # What one connection ran into, the idle ones may run into next.
            await self._pool.drop(idle_only=True)
            raise StateLost(f"redis: {type(error).__name__}") from None
        self._answered()
        return result

    def _answered(self) -> None:
        if self._circuit.open:
            _log.info("state_back")
        self._circuit.succeeded()

    def _failed(self, error: Exception) -> None:
        lost = self._circuit.open
        self._circuit.failed()
        if self._circuit.open and not lost:
            _log.error("state_lost", error=type(error).__name__)


class _Pool(BlockingConnectionPool):
    """A pool whose connections can be dropped without waiting for anything."""

    async def drop(self, *, idle_only: bool) -> None:
        """Closes connections; those that are used again connect anew."""
        busy = () if idle_only else tuple(self._in_use_connections)
        for connection in (*self._available_connections, *busy):
            await connection.disconnect(nowait=True)


def _arguments(url: str, timeout: float) -> dict[str, Any]:
    parts = urlsplit(url)
    database = parts.path.removeprefix("/")
    if parts.query or parts.fragment or not (database or "0").isdecimal() or not parts.hostname:
        advice = "write redis://HOST:PORT/DB with a number as DB, without a query"
        raise ConfigurationError(Problem(Place("state"), "the URL is not understood", advice))
    return {
        "connection_class": SSLConnection if parts.scheme == "rediss" else Connection,
        "host": parts.hostname,
        "port": parts.port or 6379,
        "db": int(database or "0"),
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "max_connections": _CONNECTIONS,
        "timeout": timeout,
        "socket_timeout": None,  # the link's own deadline stands above it
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        # A command that is sent twice counts twice.
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": True,
        "protocol": 2,
        "driver_info": None,
    }
