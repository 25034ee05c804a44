"""Noticing that the client has hung up, and stopping work for it at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from types import TracebackType

    from gateway.steps.call import Receive

__all__ = ["ClientGone", "Hangup"]

_GRACE_SECONDS: Final = 0.02


class ClientGone(GatewayError):
    """The client closed its connection before its answer was complete."""


class Hangup:
    """Cancels the work inside the block when the client disconnects.

    Raises:
        ClientGone: In place of the cancellation, so that it cannot be taken for a shutdown.
    """

    __slots__ = ("_gone", "_receive", "_task", "_timer", "_watch")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False
        self._watch: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        # Short work is done before a task to watch over it would have paid for itself.
        self._timer = asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._begin)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.remove_done_callback(self._leave)
            self._watch.cancel()
        if not self._gone or self._task is None:
            return
        # The request to cancel is taken back even where another error overtook it.
        shutting_down = self._task.uncancel() > 0
        if isinstance(error, asyncio.CancelledError) and not shutting_down:
            raise ClientGone("the client closed its connection") from None

    def _begin(self) -> None:
        self._watch = asyncio.ensure_future(self._disconnect())
        self._watch.add_done_callback(self._leave)

    async def _disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _leave(self, watch: asyncio.Future[None]) -> None:
        if not watch.cancelled() and self._task is not None:
            self._gone = True
            self._task.cancel()
