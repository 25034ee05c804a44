"""Long work in a thread, on something that goes on being used afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["off_loop"]

_Result = TypeVar("_Result")


async def off_loop(work: Callable[[], _Result]) -> _Result:
    """Does some work in a thread, so that other requests go on meanwhile.

    Whoever waits for it may be cancelled. The cancellation then comes when the work is done, so
    that nobody uses what a thread is still changing.
    """
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.wait([doing])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        # Whatever came of it, nobody asks any more.
        doing.exception()
        raise cancelled
    return doing.result()
