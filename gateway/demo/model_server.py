"""A small model server that speaks the APIs which the gateway reads (``demo/apis.py``).

It asks for no credential, and is fast enough to stand behind a load test. Tests give it their own
replies and look at what it was sent.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.demo import openai_api
from gateway.demo.apis import api_of
from gateway.demo.default_reply import default_reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, MutableMapping

    from gateway.demo.apis import DemoApi
    from gateway.demo.reply import DemoReply, Reply

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["DemoApp", "DemoCall", "demo_app"]

_JSON: Final = "application/json"
_REMEMBERED: Final = 256


@dataclass(slots=True)
class DemoCall:
    """A call that came in.

    Attributes:
        method: The HTTP method.
        path: The path, with its query.
        headers: Every header in its order, names in lower case.
        body: The bytes of the body.
        sent: How many pieces of the answer went out.
        hung_up: Whether the client left before the answer was complete; seen where a reply has a
            delay.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    sent: int = 0
    hung_up: bool = False

    @property
    def json(self) -> Any:
        """The parsed body."""
        return orjson.loads(self.body)


def demo_app(reply: Reply = default_reply) -> DemoApp:
    """The server as an ASGI application, with a reply of one's own where one is given."""
    return DemoApp(reply)


class DemoApp:
    """An ASGI application.

    Attributes:
        reply: What answers; may be set to another while it runs.
        seen: The last 256 calls, the newest last.
    """

    def __init__(self, reply: Reply = default_reply) -> None:
        self.reply = reply
        self.seen: deque[DemoCall] = deque(maxlen=_REMEMBERED)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one call."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            headers = tuple(
                (key.decode(), value.decode("latin-1")) for key, value in scope["headers"]
            )
            path = scope["raw_path"].decode("latin-1")
            if scope["query_string"]:
                path += f"?{scope['query_string'].decode('latin-1')}"
            call = DemoCall(scope["method"], path, headers)
            call.body = await _read_body(receive)
            self.seen.append(call)
            await self._answer(_Exchange(call, receive, send))

    async def _answer(self, exchange: _Exchange) -> None:
        call, number = exchange.call, next(self._numbers)
        path = call.path.partition("?")[0]
        api = api_of(path) if call.method == "POST" else None
        if (call.method, path) == ("GET", "/v1/models"):
            await exchange.whole(200, openai_api.MODELS)
        elif api is not None:
            await self._converse(exchange, api, number)
        else:
            await exchange.whole(404, openai_api.error(404, "invalid_request_error", "Not found."))

    async def _converse(self, exchange: _Exchange, api: DemoApi, number: int) -> None:
        call = exchange.call
        try:
            request = api.read(call.json, call.path, dict(call.headers))
        except (ValueError, TypeError, KeyError, AttributeError):
            message = "The request is not one of this API."
            await exchange.whole(400, api.error(400, "invalid_request_error", message, number))
            return
        reply = self.reply(request)
        if reply.raw is not None:
            await exchange.pieces(reply.content_type, iter(reply.raw), reply)
        elif reply.status >= 400:
            await exchange.wait(reply.delay)
            body = api.error(reply.status, reply.error_type, reply.whole, number)
            await exchange.whole(reply.status, body, reply.headers)
        elif request.stream:
            await exchange.pieces(api.stream_type, api.events(request, reply, number), reply)
        elif await exchange.wait(reply.delay):
            await exchange.whole(200, api.answer(request, reply, number), reply.headers)


class _Exchange:
    """One call and the way back to who made it."""

    __slots__ = ("_gone", "_send", "_watch", "call")

    def __init__(self, call: DemoCall, receive: Receive, send: Send) -> None:
        self.call = call
        self._send = send
        self._watch = receive
        self._gone: asyncio.Task[Message] | None = None

    async def whole(
        self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        size = ("content-length", str(len(body)))
        await self._start(status, _JSON, (size, *headers))
        await self._send({"type": "http.response.body", "body": body})
        self.call.sent += 1

    async def pieces(self, kind: str, pieces: Iterator[bytes], reply: DemoReply) -> None:
        await self._start(reply.status, kind, reply.headers)
        try:
            for piece in pieces:
                if reply.cut is not None and self.call.sent >= reply.cut:
                    return  # the server closes a connection whose answer was left unfinished
                if not await self.wait(reply.delay):
                    return
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
                self.call.sent += 1
            await self._send({"type": "http.response.body", "body": b""})
        finally:
            if self._gone is not None:
                self._gone.cancel()

    async def wait(self, delay: float) -> bool:
        """Waits; false where the client hung up meanwhile."""
        if delay <= 0:
            return True
        if self._gone is None:
            self._gone = asyncio.ensure_future(self._watch())
        done, _ = await asyncio.wait({self._gone}, timeout=delay)
        self.call.hung_up = bool(done)
        return not done

    async def _start(self, status: int, kind: str, headers: tuple[tuple[str, str], ...]) -> None:
        lines = [(b"content-type", kind.encode()), (b"x-demo", b"1")]
        lines += [(key.encode(), value.encode()) for key, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": lines})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _read_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
