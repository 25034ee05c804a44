"""Who reads the log waits for others who do, for a while, and holds up nobody else."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from gateway.audit.reading import Reading
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.base import Readers


class Slow:
    """Reads that end when they are let; ``most`` is how many there were at once."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self._lock = threading.Lock()
        self.running = self.most = self.done = 0

    def __call__(self, _source: str | Readers, name: str = "") -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.may_end.wait(20)
        with self._lock:
            self.running -= 1
            self.done += 1
        return name

    async def until(self, running: int) -> None:
        async with asyncio.timeout(10):
            while self.running != running:  # noqa: ASYNC110 - threads change it
                await asyncio.sleep(0.01)


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.may_end.set()


def _source(source: str | Readers, /, *more: object, **named: object) -> object:
    return (source, *more, named)


async def test_a_function_gets_the_store_and_what_was_given() -> None:
    reading = Reading("sqlite:///x")
    assert await reading(_source, 1, two=2) == ("sqlite:///x", 1, {"two": 2})
    reading.close()


def _fail(_source: str | Readers) -> None:
    raise LookupError("no such thing")


async def test_what_fails_fails_and_its_place_is_free_again() -> None:
    reading = Reading("", 1.0, threads=1)
    for _ in range(3):
        with pytest.raises(LookupError, match="no such thing"):
            await reading(_fail)
    assert await reading(_source) == ("", {})


async def test_as_many_slow_questions_as_there_are_threads_hold_up_no_other_work(
    slow: Slow,
) -> None:
    reading = Reading("", 20.0, threads=3)
    asked = [asyncio.create_task(reading(slow, str(n))) for n in range(40)]
    await slow.until(3)
    # The loop's own threads, in which long texts are scanned, are all free.
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "scanned"), 10) == "scanned"
    slow.may_end.set()
    assert await asyncio.gather(*asked) == [str(n) for n in range(40)]
    assert slow.most == 3


async def test_who_waits_too_long_is_refused_in_words(slow: Slow) -> None:
    reading = Reading("", 0.05, threads=2)
    busy = [asyncio.create_task(reading(slow)) for _ in range(2)]
    await slow.until(2)
    with pytest.raises(AuditUnavailable, match="too many read the log at once"):
        await reading(slow)
    slow.may_end.set()
    await asyncio.gather(*busy)
    assert await reading(slow, "again") == "again"


async def test_only_so_many_wait(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.audit.reading._WAITING", 5)
    reading = Reading("", 20.0, threads=1)
    asked = [asyncio.create_task(reading(slow)) for _ in range(20)]
    await slow.until(1)
    slow.may_end.set()
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(one, AuditUnavailable) for one in ends] == [False] * 6 + [True] * 14


async def test_a_thread_is_not_given_away_twice_when_who_asked_goes_away(slow: Slow) -> None:
    reading = Reading("", 0.05, threads=2)
    for _ in range(10):
        asked = asyncio.create_task(reading(slow))
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    assert (slow.running, slow.most) == (2, 2)
    slow.may_end.set()
    await slow.until(0)
    assert await reading(slow, "next") == "next"
    assert slow.done == 3, "what nobody waited for any more was never begun"


async def test_some_callers_may_keep_only_some_threads_busy(slow: Slow) -> None:
    reading = Reading("", 0.2, threads=3)
    public = reading.narrowed(2)
    asked = [asyncio.create_task(public(slow)) for _ in range(2)]
    await slow.until(2)
    with pytest.raises(AuditUnavailable):
        await public(slow)
    assert await reading(_source) == ("", {})
    asked.append(asyncio.create_task(reading(slow)))
    await slow.until(3)
    slow.may_end.set()
    await asyncio.gather(*asked)
    assert await public(_source) == ("", {})


async def test_nothing_is_read_once_it_is_closed(slow: Slow) -> None:
    reading = Reading("", 5.0, threads=1)
    asked = asyncio.create_task(reading(slow, "under way"))
    await slow.until(1)
    waiting = asyncio.create_task(reading(slow))
    await asyncio.sleep(0)
    reading.close()
    slow.may_end.set()
    assert await asked == "under way"
    with pytest.raises(AuditUnavailable, match="stopping"):
        await waiting
    with pytest.raises(AuditUnavailable, match="stopping"):
        await reading(slow)
