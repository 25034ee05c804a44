"""Noticing that the client has hung up, and stopping work for it at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from types import TracebackType

    from gateway.steps.call import Receive

__all__ = ["ClientGone", "Hangup"]


class ClientGone(GatewayError):
    """The client closed its connection before its answer was complete."""


class Hangup:
    """Cancels the work inside the block when the client disconnects.

    Raises:
        ClientGone: In place of the cancellation, so that it cannot be taken for a shutdown.
    """

    __slots__ = ("_gone", "_receive", "_task", "_watch")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        self._watch = asyncio.ensure_future(self._disconnect())
        self._watch.add_done_callback(self._leave)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._watch.remove_done_callback(self._leave)
        self._watch.cancel()
        if not self._gone or self._task is None:
            return
        # The request to cancel is taken back even where another error overtook it.
        shutting_down = self._task.uncancel() > 0
        if isinstance(error, asyncio.CancelledError) and not shutting_down:
            raise ClientGone("the client closed its connection") from None

    async def _disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _leave(self, watch: asyncio.Future[None]) -> None:
        if not watch.cancelled() and self._task is not None:
            self._gone = True
            self._task.cancel()
