"""``GET /v1/models``: the models that this caller may use, and no others.

An upstream whose settings name its models outright is not asked. One that has globs is asked for
its own list, which is kept for a minute; while it cannot be reached its outright names remain. The
models of routes that upstreams have of their own are those that the settings name.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import BadRequest, UpstreamError, UpstreamTimeout
from gateway.ingress.strict_json import dumps, loads
from gateway.policy.decide import allowed_routes, model_allowed
from gateway.steps.responding import send_body
from gateway.upstream.headers import request_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.settings import UpstreamSettings
    from gateway.steps.call import Call
    from gateway.upstream.table import Upstream, UpstreamTable
    from gateway.upstream.transport import Transport
    from gateway.wire.formats import Route

__all__ = ["ModelList"]

_KEEP_SECONDS: Final = 60.0
_RETRY_SECONDS: Final = 5.0
_ASK_SECONDS: Final = 5.0
_MAX_BYTES: Final = 4 * 2**20
_MAX_NAME: Final = 128


class ModelList:
    """The models of every upstream, asked for when needed and kept for a minute."""

    def __init__(
        self,
        settings: Mapping[str, UpstreamSettings],
        upstreams: UpstreamTable,
        transport: Transport,
        own: Iterable[Route] = (),
    ) -> None:
        self._settings = settings
        self._upstreams = upstreams
        self._transport = transport
        self._own = tuple(own)
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._locks = {upstream.name: asyncio.Lock() for upstream in upstreams}

    async def body(self, call: Call) -> bytes:
        """The list in OpenAI's shape, of what the caller's roles allow."""
        lists = await asyncio.gather(*(self._of(upstream) for upstream in self._upstreams))
        data = [
            {"id": name, "object": "model", "created": 0, "owned_by": upstream.name}
            for upstream, names in zip(self._upstreams, lists, strict=True)
            for name in names
            if self._upstreams.for_model(name) is upstream
            and model_allowed(call.active.policy, call.roles, name)
        ]
        known = {one["id"] for one in data}
        data += [one for one in self._own_models(call) if one["id"] not in known]
        return dumps({"object": "list", "data": data})

    def _own_models(self, call: Call) -> Iterator[dict[str, Any]]:
        """The models of routes that upstreams have of their own; each of them once."""
        open_routes = allowed_routes(call.active.policy, call.roles)
        usable = {route.model: route for route in self._own if route.name in open_routes}
        for name, route in usable.items():
            yield {"id": name, "object": "model", "created": 0, "owned_by": route.upstream}

    async def answer(self, call: Call, body: bytes) -> None:
        """Sends the list."""
        await send_body(call, 200, ((b"content-type", b"application/json"),), body)

    async def _of(self, upstream: Upstream) -> tuple[str, ...]:
        outright = tuple(name for name in upstream.models if not set(name) & set("*?["))
        if len(outright) == len(upstream.models):
            return outright
        async with self._locks[upstream.name]:
            until, names = self._known.get(upstream.name, (0.0, ()))
            if time.monotonic() < until:
                return names
            answered = await self._ask(upstream)
            keep = _KEEP_SECONDS if answered is not None else _RETRY_SECONDS
            names = tuple(dict.fromkeys((*outright, *(answered or ()))))
            self._known[upstream.name] = (time.monotonic() + keep, names)
            return names

    async def _ask(self, upstream: Upstream) -> tuple[str, ...] | None:
        """The upstream's own list; None where it gave none."""
        headers = request_headers(
            ((b"anthropic-version", b"2023-06-01"),), accept="application/json"
        )
        try:
            async with (
                asyncio.timeout(_ASK_SECONDS),
                self._transport.send(upstream, "GET", "/v1/models", headers) as answer,
            ):
                raw = await answer.read(_MAX_BYTES)
            if answer.status != 200:
                return None
            names = _names(loads(raw))
        except (UpstreamError, UpstreamTimeout, BadRequest, TimeoutError):
            return None
        return tuple(name for name in names if self._settings[upstream.name].serves(name))


def _names(body: Any) -> list[str]:
    data = body.get("data") if isinstance(body, dict) else None
    entries = data if isinstance(data, list) else []
    names = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    return [
        name
        for name in names
        if isinstance(name, str) and 0 < len(name) <= _MAX_NAME and name.isprintable()
    ]
