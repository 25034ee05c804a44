"""A client that hangs up ends the work for it; everything else goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.steps.hangup import ClientGone, Hangup


class Client:
    """A client that hangs up when it is told to."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}


async def test_work_that_ends_is_left_alone() -> None:
    async with Hangup(Client().receive):
        await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_hangup_ends_the_work_at_once() -> None:
    client = Client()
    asyncio.get_running_loop().call_later(0.01, client.left.set)
    with pytest.raises(ClientGone):
        async with Hangup(client.receive):
            await asyncio.sleep(30)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0, "what follows is not cancelled"
    await asyncio.sleep(0)


async def test_a_hangup_after_the_work_changes_nothing() -> None:
    client = Client()
    async with Hangup(client.receive):
        pass
    client.left.set()
    await asyncio.sleep(0.01)


async def test_an_error_of_the_work_is_its_own() -> None:
    with pytest.raises(KeyError):
        async with Hangup(Client().receive):
            raise KeyError


async def test_an_error_that_overtakes_the_hangup_leaves_no_cancellation_behind() -> None:
    client = Client()
    client.left.set()

    async def overtaken() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            raise ValueError("first") from None

    with pytest.raises(ValueError, match="first"):
        async with Hangup(client.receive):
            await overtaken()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_shutdown_is_not_taken_for_a_hangup() -> None:
    async def work() -> None:
        async with Hangup(Client().receive):
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_shutdown_beside_a_hangup_stays_a_shutdown() -> None:
    client = Client()

    async def work() -> None:
        async with Hangup(client.receive):
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    client.left.set()
    task.cancel()
    with pytest.raises((asyncio.CancelledError, ClientGone)):
        await task


async def test_late_pieces_of_a_body_are_no_hangup() -> None:
    pieces = iter([{"type": "http.request"}, {"type": "http.request"}])

    async def receive() -> dict[str, Any]:
        found = next(pieces, None)
        if found is None:
            await asyncio.sleep(30)
        return found or {"type": "http.disconnect"}

    async with Hangup(receive):
        await asyncio.sleep(0.01)
