"""The transport to the upstreams: aiohttp's client, with nothing on top of it.

Types of another library around each request and answer cost as much again as what is within
(``docs/design.md`` has the figures).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import aiohttp
import httpx

from gateway.errors import UpstreamError, UpstreamTimeout
from gateway.upstream.connector import Connector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from types import TracebackType

    from gateway.upstream.headers import Headers
    from gateway.upstream.table import Upstream

__all__ = ["LongBody", "Transport", "UpstreamAnswer"]

# Below the five seconds after which uvicorn, and what is built on it, drops an idle connection: a
# request must not be sent into a connection that the other side is just closing.
_KEEPALIVE_SECONDS: Final = 4.0
_BODILESS: Final = frozenset({204, 205})
_PIECE: Final = 2**18
_CHUNK: Final = 2**14


class LongBody(Protocol):
    """A body that is made while it is sent."""

    def __len__(self) -> int:
        """How many bytes it has, before any was asked for."""

    def pieces(self) -> Iterator[bytes]:
        """Its bytes; they can be had once."""


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """An answer whose body has not been read yet."""

    status: int
    headers: Headers
    _response: aiohttp.ClientResponse

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where there are two."""
        values = {value for name, value in self.headers if name.lower() == b"content-type"}
        # Of two, the client might hear the other one.
        value = values.pop() if len(values) == 1 else b""
        return value.decode("latin-1").partition(";")[0].strip().lower()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes.

        Raises:
            UpstreamError: The upstream broke off.
            UpstreamTimeout: It went silent for too long.
        """
        with _mapped("the upstream broke off its answer"):
            async for chunk in self._response.content.iter_chunked(_CHUNK):
                yield chunk

    async def read(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            UpstreamError: It is larger than ``limit`` bytes, or the upstream broke off.
            UpstreamTimeout: The upstream went silent for too long.
        """
        parts: list[bytes] = []
        size = 0
        with _mapped("the upstream broke off its answer"):
            while chunk := await self._response.content.readany():
                size += len(chunk)
                if size > limit:
                    raise UpstreamError(f"the answer is larger than {limit} bytes")
                parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def close(self) -> None:
        """Gives the connection back, or cuts it where the answer was not read to its end."""
        with suppress(aiohttp.ClientError):
            self._response.release()
            await self._response.wait_for_close()


_UNHEARD: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class _mapped:  # noqa: N801 - reads as a statement
    """Turns the client library's errors into ours; their texts may hold addresses, so stay out."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        # A ValueError comes of bytes that the client library takes in and cannot give out again.
        if isinstance(error, (aiohttp.ClientError, OSError, ValueError)):
            detail = f"{self._what}: {type(error).__name__}"
            late = isinstance(error, TimeoutError)
            refusal = UpstreamTimeout(detail) if late else UpstreamError(detail)
            refusal.heard = not isinstance(error, _UNHEARD)
            raise refusal from None


class Transport:
    """Connections to every upstream.

    Args:
        connect_timeout: Seconds for a new connection.
        read_timeout: Seconds of silence after which an upstream counts as stuck.
    """

    def __init__(self, *, connect_timeout: float, read_timeout: float) -> None:
        self._timeout = aiohttp.ClientTimeout(
            connect=connect_timeout, sock_connect=connect_timeout, sock_read=read_timeout
        )
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The session, which is made inside of the event loop that it works in."""
        if self._opened is None:
            connector = Connector(
                limit=0,
                keepalive_timeout=_KEEPALIVE_SECONDS,
                ssl=httpx.create_ssl_context(trust_env=False),
            )
            self._opened = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                auto_decompress=False,
                # One client's cookies are none of another's.
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
                trust_env=False,
                max_field_size=16 * 2**10,
            )
        return self._opened

    def send(  # noqa: PLR0913 - what a request is made of
        self,
        upstream: Upstream,
        method: str,
        path: str,
        headers: Headers,
        body: bytes | bytearray | LongBody = b"",
        *,
        ready: Callable[[], Awaitable[None]] | None = None,
    ) -> _Sending:
        """Sends a request; leaving the block ends the connection if the answer is not complete.

        Args:
            upstream: Where to.
            method: Its method.
            path: Its path, with the query.
            headers: Its fields, the upstream's credential apart.
            body: What it says.
            ready: Waits until it may leave: before each attempt, when it is made and no connection
                has been asked for. What it raises is raised, and nothing is sent.

        Raises:
            UpstreamError: Unreachable, broken, or an answer with a status that no API gives, or in
                a coding we did not ask for.
            UpstreamTimeout: No answer in time.
        """
        ours = [(_text(name), _text(value)) for name, value in (*headers, *upstream.credential)]
        data: bytes | AsyncIterator[bytes] | None
        if isinstance(body, bytes | bytearray) and len(body) <= _PIECE:
            data = bytes(body) or None
        else:
            ours.append(("content-length", str(len(body))))
            data = _pieces(body)
        url = upstream.url(path)
        before = None if ready is None else (_when(ready),)
        return _Sending(
            self._session.request(
                method, url, headers=ours, data=data, allow_redirects=False, middlewares=before
            )
        )

    async def close(self) -> None:
        """Closes every connection."""
        if self._opened is not None:
            await self._opened.close()


def _when(ready: Callable[[], Awaitable[None]]) -> aiohttp.ClientMiddlewareType:
    async def wait(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        await ready()
        return await handler(request)

    return wait


class _Sending:
    """A request on its way, as a block."""

    __slots__ = ("_answer", "_asked")

    def __init__(self, asked: Awaitable[aiohttp.ClientResponse]) -> None:
        self._asked = asked

    async def __aenter__(self) -> UpstreamAnswer:
        with _mapped("the upstream could not be reached"):
            response = await self._asked
        self._answer = UpstreamAnswer(response.status, response.raw_headers, response)
        try:
            _check_status(self._answer.status)
            _check_coding(self._answer.headers)
        except UpstreamError:
            await self._answer.close()
            raise
        return self._answer

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._answer.close()


def _text(raw: bytes) -> str:
    """A field as the client library wants it, which writes UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


async def _pieces(body: bytes | bytearray | LongBody) -> AsyncIterator[bytes]:
    """A body as it is sent without holding up what else there is to do."""
    if not isinstance(body, bytes | bytearray):
        for piece in body.pieces():
            yield piece
        return
    for start in range(0, len(body), _PIECE):
        yield bytes(body[start : start + _PIECE])


def _check_status(status: int) -> None:
    """Refuses redirects, answers that may have no body (RFC 9110 §15), and what is no status.

    A client would go elsewhere, or take the body for the beginning of the next answer.
    """
    if not (200 <= status < 300 or 400 <= status < 600) or status in _BODILESS:
        raise UpstreamError(f"status {status}, which no answer of an API has")


def _check_coding(headers: Headers) -> None:
    for name, value in headers:
        if name.lower() == b"content-encoding" and value.strip().lower() != b"identity":
            raise UpstreamError("the answer is compressed although identity was asked for")
