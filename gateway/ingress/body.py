"""The request body: whole, bounded in bytes and in time, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeVar

from gateway.errors import BadRequest, GatewayError, InternalFault, RequestTimeout, TooLarge

__all__ = ["ClientDisconnected", "Receive", "read_body"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""ASGI's ``receive``."""

_GRACE: Final = 5.0
_LEAST_RATE: Final = 1024.0

Bytes = TypeVar("Bytes", bytes, bytearray)


class ClientDisconnected(GatewayError):
    """The client went away before its body was whole; there is nobody to answer."""


async def read_body(
    receive: Receive,
    *,
    limit: int,
    timeout: float,  # noqa: ASYNC109  # a part of the rule, and it moves with the bytes
    declared: int | None = None,
) -> bytes | bytearray:
    """Reads the body of a request; one that came in pieces is a ``bytearray`` of the caller's own.

    The clock runs for the whole body, not for each piece of it. After a grace of 5 s a client
    must also have sent 1 KiB for each further second, so one that drips bytes (slowloris) is let
    go early.

    Args:
        receive: ASGI's ``receive``, not called before.
        limit: The most bytes that are taken.
        timeout: Seconds for all of it.
        declared: The ``Content-Length``, if there is one.

    Raises:
        TooLarge: The body is, or declares to be, larger than ``limit``.
        RequestTimeout: It took too long, or came too slowly.
        BadRequest: It is not as long as declared.
        ClientDisconnected: The client left; a disconnect is not an end of body.
    """
    if declared is not None and declared > limit:
        raise TooLarge("body: the declared length exceeds the limit")
    body = await _read(receive, limit, timeout)
    if declared is not None and len(body) != declared:
        raise BadRequest("body: the length is not the declared one")
    return body


async def _read(receive: Receive, limit: int, seconds: float) -> bytes | bytearray:
    clock = asyncio.get_running_loop().time
    start = clock()
    due = start + min(seconds, _GRACE)
    try:
        async with asyncio.timeout_at(due) as timer:
            body, more = await _piece(receive)
            if not more:
                return _within(body, limit)
            whole = bytearray(body)
            while more:
                _within(whole, limit)
                due = start + min(seconds, _GRACE + len(whole) / _LEAST_RATE)
                timer.reschedule(due)
                if clock() >= due:  # where a piece is always ready, no timer would ever run
                    await asyncio.sleep(0)
                body, more = await _piece(receive)
                whole += body
            return _within(whole, limit)
    except TimeoutError:
        kind = "body: it took too long" if due >= start + seconds else "body: it came too slowly"
        raise RequestTimeout(kind) from None


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.request":
        return message.get("body", b""), message.get("more_body", False)
    if message["type"] == "http.disconnect":
        raise ClientDisconnected("the client left before its body was whole")
    raise InternalFault("body: the server sent an unknown message")


def _within(body: Bytes, limit: int) -> Bytes:
    if len(body) > limit:
        raise TooLarge("body: it exceeds the limit")
    return body
