"""Writing answers to the client over ASGI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from gateway.errors import Refusal
    from gateway.steps.call import Call
    from gateway.upstream.headers import Headers
    from gateway.wire.exchange import Format

__all__ = ["DISTRUSTED", "gateway_headers", "send_body", "send_refusal", "start_stream"]

DISTRUSTED: Final = frozenset({"bad_request", "request_timeout", "too_large"})
"""Codes of refusals after which a connection ends: what follows on it may be no request."""


def gateway_headers(call: Call) -> Headers:
    """The headers that every answer carries: the event's id, the decision and the timing."""
    clock = call.clock
    timing = f"gateway;dur={clock.gateway_ms():.2f}, upstream;dur={clock.upstream_ms():.2f}"
    return (
        (b"x-gateway-event", call.request.encode()),
        (b"x-gateway-decision", call.decision_word.encode()),
        # A refused token learns nothing, not even from a clock.
        *(((b"server-timing", timing.encode()),) if call.status != 401 else ()),
    )


async def send_body(call: Call, status: int, headers: Headers, body: bytes) -> None:
    """Sends a whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await start_stream(call, status, (*headers, length))
    await call.send({"type": "http.response.body", "body": body})


async def start_stream(call: Call, status: int, headers: Headers) -> None:
    """Begins an answer, streamed or whole."""
    call.started_answer = True
    ours = (*gateway_headers(call), *(call.lease.headers if call.lease else ()))
    names = {name for name, _ in ours}
    # The gateway's limits are the caller's; those of its account at the upstream are not.
    kept = [header for header in headers if header[0] not in names]
    await call.send({"type": "http.response.start", "status": status, "headers": [*kept, *ours]})


async def send_refusal(call: Call, refusal: Refusal, wire: Format) -> None:
    """Sends a refusal in the shape of a format."""
    body = dumps(wire.error(refusal.status, refusal.code, refusal.message, call.request))
    headers: Headers = ((b"content-type", b"application/json"),)
    if refusal.retry_after is not None:
        headers += ((b"retry-after", str(refusal.retry_after).encode()),)
    headers += refusal.headers
    if refusal.status == 401:
        headers += ((b"www-authenticate", b"Bearer"),)
    if refusal.code in DISTRUSTED:
        headers += ((b"connection", b"close"),)
    await send_body(call, refusal.status, headers, body)
