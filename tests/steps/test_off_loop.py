from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.steps.off_loop import off_loop, off_loop_to_its_end


def test_the_event_loop_turns_while_the_work_is_done() -> None:
    turned = threading.Event()

    async def main() -> bool:
        asyncio.get_running_loop().call_later(0.01, turned.set)
        # It would wait in vain if it were in the loop's way.
        return await off_loop(lambda: turned.wait(60))

    assert asyncio.run(main())


def test_what_the_work_raises_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(off_loop(lambda: 1 // 0))


@pytest.mark.parametrize("fails", [False, True])
def test_a_cancellation_waits_until_nobody_works_on_it_any_more(*, fails: bool) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def work() -> None:
        begun.set()
        go_on.wait(60)
        done.append(1 // (not fails))

    async def main() -> None:
        task = asyncio.create_task(off_loop(work))
        await asyncio.to_thread(begun.wait, 60)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(done) == (not fails)

    asyncio.run(main())


@pytest.mark.parametrize("cancels", [False, True])
def test_a_result_that_is_needed_anyway_comes_with_the_cancellation(*, cancels: bool) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        go_on.wait(60)
        return threading.get_ident()

    async def main() -> None:
        task = asyncio.create_task(off_loop_to_its_end(work))
        await asyncio.to_thread(begun.wait, 60)
        if cancels:
            task.cancel()
        go_on.set()
        thread, cancelled = await task
        assert thread != threading.get_ident()
        assert isinstance(cancelled, asyncio.CancelledError) == cancels

    asyncio.run(main())
