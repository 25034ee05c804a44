"""The HTTP of a witness: ``POST /add-checkpoint``, and whether it works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.audit.witnessing import MAX_REQUEST, SIZE_TYPE
from gateway.witness.refusals import Conflict, Malformed, WitnessRefusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from gateway.witness.store import WitnessStore
    from gateway.witness.witness import Witness

__all__ = ["witness_app"]

_log = structlog.get_logger("gateway.witness")
_BODY_SECONDS: Final = 10.0


def witness_app(witness: Witness, store: WitnessStore) -> Starlette:
    """The ASGI application of a witness."""
    endpoints = _Endpoints(witness, store)
    return Starlette(
        routes=[
            Route("/add-checkpoint", endpoints.add, methods=["POST"]),
            Route("/health", endpoints.health),
        ]
    )


class _Endpoints:
    def __init__(self, witness: Witness, store: WitnessStore) -> None:
        self._witness, self._store = witness, store

    async def add(self, request: Request) -> Response:
        """The cosignature of a checkpoint, or why there is none."""
        try:
            body = await _body(request)
            line = await asyncio.to_thread(self._witness.add, body)
        except WitnessRefusal as refusal:
            if refusal.told:
                _log.warning("refused", status=refusal.status, reason=str(refusal))
            return _refused(refusal)
        return PlainTextResponse(line)

    async def health(self, _request: Request) -> Response:
        """Whether it could remember."""
        try:
            await asyncio.to_thread(self._store.all)
        except WitnessRefusal as refusal:
            return _refused(refusal)
        return PlainTextResponse("ok\n")


def _refused(refusal: WitnessRefusal) -> Response:
    if isinstance(refusal, Conflict):
        return Response(f"{refusal.size}\n", refusal.status, {"content-type": SIZE_TYPE})
    return PlainTextResponse(f"{refusal.message}\n", refusal.status)


async def _body(request: Request) -> bytes:
    """The body, of bounded length, within a bounded time."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_REQUEST:
                    raise Malformed("the request is too long")
    except TimeoutError:
        raise Malformed("the request took too long to arrive") from None
    except ClientDisconnect:
        raise Malformed("the client left") from None
    return bytes(body)
