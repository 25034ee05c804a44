"""Small documents from an issuer's web server, within bounds that the issuer cannot move."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import Final

import httpx

from gateway.errors import GatewayError

__all__ = ["MAX_BYTES", "TIMEOUT", "FetchFailed", "fetch"]

MAX_BYTES: Final = 256 * 2**10
TIMEOUT: Final = 3.0
_HEADERS: Final = {"accept": "application/json", "accept-encoding": "identity"}


class FetchFailed(GatewayError):
    """There is no usable answer; the text says why and quotes nothing of it."""


async def fetch(
    url: str, *, seconds: float = TIMEOUT, transport: httpx.AsyncBaseTransport | None = None
) -> bytes:
    """The body of a 200 answer of at most 256 KiB.

    No redirect is followed, no compressed answer is opened, no proxy of the environment is used.
    Certificates are checked against the usual authorities, or those of ``SSL_CERT_FILE`` or
    ``SSL_CERT_DIR``. Every fetch has a connection of its own, and no cookie outlives it.

    Args:
        url: Where.
        seconds: From connecting to the last byte.
        transport: How; httpx's own if not given.

    Raises:
        FetchFailed: There is no such answer.
    """
    try:
        async with asyncio.timeout(seconds), _client(url, seconds, transport) as client:
            return await _get(client, url)
    except FetchFailed:
        raise
    except Exception as error:  # noqa: BLE001  # what a server sends may break a client in any way
        raise FetchFailed(type(error).__name__) from None


def _client(
    url: str, seconds: float, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        timeout=seconds,
        follow_redirects=False,
        trust_env=False,
        verify=_no_authorities() if url.startswith("http:") else _authorities(),
    )


# Loading the authorities takes 20 ms, during which the loop stands still: once is enough.
@cache
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@cache
def _no_authorities() -> ssl.SSLContext:
    """For plain connections, which only lead to this machine."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    data = bytearray()
    async with client.stream("GET", url, headers=_HEADERS) as response:
        if response.status_code != 200:
            raise FetchFailed(f"its URL answered with status {response.status_code}")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise FetchFailed("it came compressed")
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > MAX_BYTES:
                raise FetchFailed(f"it is larger than {MAX_BYTES} bytes")
    return bytes(data)
