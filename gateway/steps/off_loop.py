"""Long work in a thread, on something that goes on being used afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["off_loop", "off_loop_to_its_end"]

_Result = TypeVar("_Result")


async def off_loop(work: Callable[[], _Result]) -> _Result:
    """Does some work in a thread, so that other requests go on meanwhile.

    Whoever waits for it may be cancelled. The cancellation then comes when the work is done, so
    that nobody uses what a thread is still changing.
    """
    doing, cancelled = await _done(work)
    if cancelled is not None:
        # Whatever came of it, nobody asks any more.
        doing.exception()
        raise cancelled
    return doing.result()


async def off_loop_to_its_end(
    work: Callable[[], _Result],
) -> tuple[_Result, asyncio.CancelledError | None]:
    """The same for work whose result somebody needs also where who waits for it is cancelled.

    Returns:
        The result, and the cancellation that came meanwhile: to be raised once the result is used.
    """
    doing, cancelled = await _done(work)
    return doing.result(), cancelled


async def _done(
    work: Callable[[], _Result],
) -> tuple[asyncio.Future[_Result], asyncio.CancelledError | None]:
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.wait([doing])
        except asyncio.CancelledError as error:
            cancelled = error
    return doing, cancelled
