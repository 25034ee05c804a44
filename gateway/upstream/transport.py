"""The transport to the upstreams: httpx's transport API over aiohttp, called directly.

A pooled ``httpx.AsyncClient`` costs more than everything else the gateway does for a request, so
the hot path speaks to the transport below it (``docs/design.md`` has the figures).
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from gateway.errors import UpstreamError, UpstreamTimeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.upstream.headers import Headers
    from gateway.upstream.table import Upstream

__all__ = ["Transport", "UpstreamAnswer"]

# Below the five seconds after which uvicorn, and what is built on it, drops an idle connection: a
# request must not be sent into a connection that the other side is just closing.
_KEEPALIVE_SECONDS: Final = 4.0
_PIECE: Final = 2**18


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """An answer whose body has not been read yet."""

    status: int
    headers: Headers
    _response: httpx.Response

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
            async for chunk in cast("httpx.AsyncByteStream", self._response.stream):
                yield chunk

    async def read(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            UpstreamError: It is larger than ``limit`` bytes, or the upstream broke off.
            UpstreamTimeout: The upstream went silent for too long.
        """
        parts: list[bytes] = []
        size = 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                raise UpstreamError(f"the answer is larger than {limit} bytes")
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def close(self) -> None:
        """Gives the connection back, or cuts it where the answer was not read to its end."""
        with suppress(httpx.HTTPError, aiohttp.ClientError):
            await self._response.aclose()


_UNHEARD: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class _mapped:  # noqa: N801 - reads as a statement
    """Turns the client library's errors into ours; their texts may hold addresses, so stay out."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        # A ValueError comes of bytes that the client library takes in and cannot give out again.
        if isinstance(error, (httpx.HTTPError, aiohttp.ClientError, OSError, ValueError)):
            cause = error.__cause__ or error
            detail = f"{self._what}: {type(cause).__name__}"
            # The transport reports a dropped connection as a timeout; the cause knows better.
            late = isinstance(cause, (TimeoutError, httpx.TimeoutException))
            refusal = UpstreamTimeout(detail) if late else UpstreamError(detail)
            refusal.heard = not isinstance(cause, _UNHEARD)
            raise refusal from None


class Transport:
    """Connections to every upstream.

    Args:
        connect_timeout: Seconds for a new connection.
        read_timeout: Seconds of silence after which an upstream counts as stuck.
    """

    def __init__(self, *, connect_timeout: float, read_timeout: float) -> None:
        self._transport = AiohttpTransport(trust_env=False, client=self._session)
        self._extensions = {
            "timeout": {"connect": connect_timeout, "read": read_timeout, "pool": connect_timeout}
        }

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=_KEEPALIVE_SECONDS, ssl=self._transport.ssl_context
        )
        return aiohttp.ClientSession(
            connector=connector,
            # One client's cookies are none of another's.
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            trust_env=False,
            max_field_size=16 * 2**10,
        )

    @asynccontextmanager
    async def send(
        self,
        upstream: Upstream,
        method: str,
        path: str,
        headers: Headers,
        body: bytes | bytearray = b"",
    ) -> AsyncIterator[UpstreamAnswer]:
        """Sends a request; leaving the block ends the connection if the answer is not complete.

        Raises:
            UpstreamError: Unreachable, broken, or an answer in a coding we did not ask for.
            UpstreamTimeout: No answer in time.
        """
        ours = [*headers, *upstream.credential]
        large = len(body) > _PIECE
        if large:
            ours.append((b"content-length", str(len(body)).encode()))
        request = httpx.Request(
            method,
            upstream.url(path),
            headers=ours,
            content=_pieces(body) if large else bytes(body),
            extensions=self._extensions,
        )
        with _mapped("the upstream could not be reached"):
            response = await self._transport.handle_async_request(request)
        answer = UpstreamAnswer(response.status_code, tuple(response.headers.raw), response)
        try:
            _check_coding(answer)
            yield answer
        finally:
            await answer.close()

    async def close(self) -> None:
        """Closes every connection."""
        await self._transport.aclose()


async def _pieces(body: bytes | bytearray) -> AsyncIterator[bytes]:
    """A body as it is sent without holding up what else there is to do."""
    for start in range(0, len(body), _PIECE):
        yield bytes(body[start : start + _PIECE])


def _check_coding(answer: UpstreamAnswer) -> None:
    for name, value in answer.headers:
        if name.lower() == b"content-encoding" and value.strip().lower() != b"identity":
            raise UpstreamError("the answer is compressed although identity was asked for")
