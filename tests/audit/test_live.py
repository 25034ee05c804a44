from __future__ import annotations

import asyncio
import sqlite3
from contextlib import aclosing, asynccontextmanager, closing
from typing import TYPE_CHECKING

import orjson
import pytest

from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.live import Hub, LiveEvent
from gateway.audit.writer import AuditLog
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from gateway.audit.ledger import Ledger
    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]
    Stream = AsyncGenerator[LiveEvent, None]


async def _take(stream: Stream, count: int) -> list[LiveEvent]:
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


def _wseqs(events: list[LiveEvent]) -> list[int]:
    assert {event.kind for event in events} == {"record"}
    return [orjson.loads(event.data)["wseq"] for event in events]


@asynccontextmanager
async def _follow(
    hub: Hub, filters: Filters | None = None, after: str | None = None
) -> AsyncIterator[Stream]:
    async with aclosing(await hub.subscribe(filters or Filters(), after)) as stream:
        yield stream


async def _until_idle(hub: Hub) -> None:
    async with asyncio.timeout(5):
        while hub._task is not None:  # noqa: ASYNC110 - it ends at its next look around
            await asyncio.sleep(0.01)


def _write(ledger: Ledger, new_record: NewRecord, count: int) -> None:
    for _ in range(count):
        ledger.commit([Item(new_record())])


async def test_what_this_process_commits_arrives_at_once(
    house: House, new_record: NewRecord
) -> None:
    log = AuditLog.open(house.settings())
    hub = Hub(house.url)
    log.listeners.append(hub.wake)
    async with _follow(hub) as stream:
        first = asyncio.create_task(_take(stream, 1))
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        await log.append(new_record())
        assert _wseqs(await first) == [1]
        assert asyncio.get_running_loop().time() - began < 0.15
    await log.close()
    assert hub.subscribers == 0


async def test_what_another_process_commits_arrives_too(
    house: House, new_record: NewRecord
) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    async with _follow(hub) as stream:
        waiting = asyncio.create_task(_take(stream, 3))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(_write, ledger, new_record, 3)
        assert _wseqs(await waiting) == [1, 2, 3]


async def test_nothing_between_subscribing_and_reading_is_missed(
    house: House, new_record: NewRecord
) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    async with _follow(hub) as stream:
        _write(ledger, new_record, 3)
        assert _wseqs(await _take(stream, 3)) == [1, 2, 3]


async def test_filters_hold(house: House, new_record: NewRecord) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    async with _follow(hub, Filters(decision="block")) as stream:
        ledger.commit([Item(new_record()), Item(new_record(decision="block"))])
        assert _wseqs(await _take(stream, 1)) == [2]


@pytest.mark.parametrize("seen", [0, 1, 399, 450, 700])
async def test_a_resumed_stream_has_no_gap_and_no_duplicate(
    house: House, new_record: NewRecord, seen: int
) -> None:
    ledger, hub = house.ledger(), Hub(house.url, backlog=300)
    ledger.commit([Item(new_record()) for _ in range(449)])
    store = (await _first_cursor(hub)).partition("-")[0]
    writing = asyncio.create_task(asyncio.to_thread(_write, ledger, new_record, 250))
    # Cursors count from 1, the records of the only writer from 0.
    async with _follow(hub, after=f"{store}-{seen}") as stream:
        got = await _take(stream, 700 - seen)
    await writing
    assert _wseqs(got) == list(range(seen, 700)) if got else seen == 700


async def _first_cursor(hub: Hub) -> str:
    async with _follow(hub, after=f"{'0' * 16}-0") as stream:
        (gap,) = await _take(stream, 1)
    assert gap.kind == "gap"
    return gap.cursor


async def test_every_event_resumes_after_itself(house: House, new_record: NewRecord) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    async with _follow(hub) as stream:
        _write(ledger, new_record, 4)
        got = await _take(stream, 4)
    async with _follow(hub, after=got[1].cursor) as stream:
        assert await _take(stream, 2) == got[2:]


async def test_a_slow_subscriber_is_told_and_holds_nobody_up(
    house: House, new_record: NewRecord
) -> None:
    ledger, hub = house.ledger(), Hub(house.url, backlog=10)
    async with _follow(hub) as slow, _follow(hub) as fast:
        _write(ledger, new_record, 1)
        assert _wseqs(await _take(slow, 1)) == _wseqs(await _take(fast, 1)) == [1]
        for number in range(2, 102):
            _write(ledger, new_record, 1)
            hub.wake()
            assert _wseqs(await _take(fast, 1)) == [number]
        (gap,) = await _take(slow, 1)
        assert gap.kind == "gap"
        skipped = orjson.loads(gap.data)
        assert skipped["reason"] == "the subscriber was too slow"
        (following,) = await _take(slow, 1)
        assert _wseqs([following]) == [1 + skipped["skipped"] + 1]
        assert len(hub._rows) <= 20


async def test_a_replaced_store_is_a_gap(house: House, new_record: NewRecord) -> None:
    log, hub = AuditLog.open(house.settings()), Hub(house.url)
    async with _follow(hub) as stream:
        await log.append(new_record())
        await _take(stream, 1)
        house.path.unlink()
        with pytest.raises(AuditUnavailable):
            await log.append(new_record())
        await log.append(new_record())
        gap, opened, record = await _take(stream, 3)
        assert (gap.kind, orjson.loads(gap.data)["skipped"]) == ("gap", None)
        assert _wseqs([opened, record]) == [0, 1]
    await log.close()


async def test_a_damaged_record_is_a_gap(house: House, new_record: NewRecord) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    ledger.commit([Item(new_record()), Item(new_record())])
    with closing(sqlite3.connect(house.path)) as tamper:
        tamper.execute("UPDATE records SET header = '[]' WHERE wseq = 1")
        tamper.commit()
    store = (await _first_cursor(hub)).partition("-")[0]
    async with _follow(hub, after=f"{store}-0") as stream:
        kinds = [event.kind for event in await _take(stream, 3)]
    assert kinds == ["record", "gap", "record"]


async def test_a_closed_hub_ends_its_streams(house: House) -> None:
    house.ledger()
    hub = Hub(house.url)
    async with _follow(hub) as stream:
        waiting = asyncio.create_task(anext(stream, None))
        await asyncio.sleep(0.05)
        await hub.close()
        assert await waiting is None


async def test_without_subscribers_nothing_runs(house: House) -> None:
    house.ledger()
    hub = Hub(house.url)
    hub.wake()
    async with _follow(hub) as stream:
        waiting = asyncio.create_task(anext(stream, None))
        await asyncio.sleep(0.05)
        assert hub._task is not None
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await _until_idle(hub)
    await hub.close()


@pytest.mark.parametrize(
    "cursor", ["", "5", "x-5", "0" * 16 + "-", "0" * 16 + "-x", "é" * 16 + "-1"]
)
async def test_a_cursor_that_is_none_is_a_bad_request(house: House, cursor: str) -> None:
    house.ledger()
    with pytest.raises(BadRequest):
        await Hub(house.url).subscribe(Filters(), cursor)


async def test_a_store_that_cannot_be_read_is_said_before_the_stream(house: House) -> None:
    with pytest.raises(AuditUnavailable):
        await Hub(house.url).subscribe(Filters())
