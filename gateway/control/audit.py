"""The audit log over HTTP: pages of events, one event, and the live stream.

Every read is itself recorded before anything is answered.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response, StreamingResponse

from gateway.audit.filters import Filters
from gateway.audit.gone import gone
from gateway.audit.query import event, events
from gateway.audit.record import Record
from gateway.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from starlette.requests import Request

    from gateway.audit.live import Hub, LiveEvent
    from gateway.audit.reading import Reading
    from gateway.control.access import Caller
    from gateway.steps.journal import Journal

__all__ = ["AuditViews"]

_KEEP_ALIVE_SECONDS: Final = 15.0


class AuditViews:
    """The audit endpoints; who reads the log is None where there is none."""

    def __init__(self, reading: Reading | None, hub: Hub | None, journal: Journal) -> None:
        self._reading = reading
        self._hub = hub
        self._journal = journal

    async def events(self, request: Request, caller: Caller) -> Response:
        """A page of events, newest first."""
        filters = Filters.parse(_query(request))
        await self.record(request, caller)
        page = await self._read(events, filters)
        return JSONResponse({"events": page.events, "next": page.next})

    async def event(self, request: Request, caller: Caller) -> Response:
        """One event's clear header."""
        await self.record(request, caller)
        found = await self._read(event, request.path_params["id"])
        if found is None:
            missing = await self._read(gone, request.path_params["id"])
            if missing is not None:
                raise NotFound(str(missing), message="The header of this event is gone.")
            raise NotFound("no event has this id", message="There is no event with this id.")
        return JSONResponse(found.header)

    async def stream(self, request: Request, caller: Caller) -> Response:
        """Server-sent events as they are committed; ``Last-Event-ID`` resumes after one."""
        if self._hub is None:
            raise NotFound("the audit log is off", message="The audit log is off.")
        values = _query(request)
        after = request.headers.get("last-event-id") or values.pop("cursor", None)
        filters = Filters.parse(values)
        after = after or await self._hub.end()
        live = await self._hub.subscribe(filters, after)
        await self.record(request, caller)
        return StreamingResponse(
            _sent(live, after),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )

    @property
    def _read(self) -> Reading:
        if self._reading is None:
            raise NotFound("the audit log is off", message="The audit log is off.")
        return self._reading

    async def record(self, request: Request, caller: Caller) -> None:
        """Records that a caller reads the log.

        Raises:
            AuditUnavailable: It could not be recorded, so nothing may be answered.
        """
        detail = {"path": request.scope["path"], "filters": _query(request)}
        record = Record(
            stage="audit.read",
            request=caller.request,
            tenant=caller.principal.tenant,
            actor=caller.actor,
            source=caller.source,
            decision="allow",
            detail=detail,
        )
        await self._journal.control(record)


def _query(request: Request) -> dict[str, str]:
    """The query as names and values; a name that stands twice is refused."""
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in values:
            raise BadRequest("audit query: a filter stands twice", message="A filter stands twice.")
        values[name] = value
    return values


async def _sent(live: AsyncGenerator[LiveEvent, None], start: str) -> AsyncIterator[bytes]:
    """The stream's bytes: an event each, and a comment where nothing happens for a while."""
    # An id without data is no event: it is where a client goes on that has not seen any.
    yield b": the audit log, live\nid: %s\n\n" % start.encode()
    upcoming: asyncio.Task[LiveEvent] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(_next(live))
            done, _ = await asyncio.wait({upcoming}, timeout=_KEEP_ALIVE_SECONDS)
            if not done:
                yield b": still here\n\n"
                continue
            try:
                one = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = None
            yield b"id: %s\nevent: %s\ndata: %s\n\n" % (
                one.cursor.encode(),
                one.kind.encode(),
                one.data,
            )
    finally:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
        await live.aclose()


async def _next(live: AsyncGenerator[LiveEvent, None]) -> Any:
    return await anext(live)
