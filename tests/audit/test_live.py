from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing, asynccontextmanager, closing
from typing import TYPE_CHECKING

import orjson
import pytest
from pruning import prune_now, write_days

from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.live import Hub, LiveEvent
from gateway.audit.store.opening import open_store
from gateway.audit.store.sqlite_reader import SqliteReader
from gateway.audit.writer import AuditLog
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
    from pathlib import Path
    from typing import Any

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
    any_house: House, new_record: NewRecord
) -> None:
    log = AuditLog.open(any_house.settings())
    hub = Hub(any_house.url)
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
    any_house: House, new_record: NewRecord
) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url)
    async with _follow(hub) as stream:
        waiting = asyncio.create_task(_take(stream, 3))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(_write, ledger, new_record, 3)
        assert _wseqs(await waiting) == [1, 2, 3]


async def test_nothing_between_subscribing_and_reading_is_missed(
    any_house: House, new_record: NewRecord
) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url)
    async with _follow(hub) as stream:
        _write(ledger, new_record, 3)
        assert _wseqs(await _take(stream, 3)) == [1, 2, 3]


async def test_filters_hold(any_house: House, new_record: NewRecord) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url)
    async with _follow(hub, Filters(decision="block")) as stream:
        ledger.commit([Item(new_record()), Item(new_record(decision="block"))])
        assert _wseqs(await _take(stream, 1)) == [2]


@pytest.mark.parametrize("seen", [0, 1, 399, 450, 700])
async def test_a_resumed_stream_has_no_gap_and_no_duplicate(
    any_house: House, new_record: NewRecord, seen: int
) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url, backlog=300)
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


async def test_every_event_resumes_after_itself(any_house: House, new_record: NewRecord) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url)
    async with _follow(hub) as stream:
        _write(ledger, new_record, 4)
        got = await _take(stream, 4)
    async with _follow(hub, after=got[1].cursor) as stream:
        assert await _take(stream, 2) == got[2:]


async def test_a_slow_subscriber_is_told_and_holds_nobody_up(
    any_house: House, new_record: NewRecord
) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url, backlog=10)
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


async def test_a_store_that_is_put_back_is_a_gap(house: House, new_record: NewRecord) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    _write(ledger, new_record, 2)
    older = house.path.with_name("older.db")
    house.execute(f"VACUUM INTO '{older}'")
    async with _follow(hub) as stream:
        _write(ledger, new_record, 3)
        *_, newest = await _take(stream, 3)
        older.replace(house.path)
        for name in ("audit.db-wal", "audit.db-shm"):
            house.path.with_name(name).unlink(missing_ok=True)
        (gap,) = await _take(stream, 1)
        assert "older state" in orjson.loads(gap.data)["reason"]
        _write(house.ledger(), new_record, 1)
        assert [orjson.loads(one.data)["stage"] for one in await _take(stream, 2)] == [
            "writer.open",
            "intent",
        ]
    # Neither does a client that comes back with what is not there any more wait in silence.
    beyond = newest.cursor.partition("-")[0] + "-999"
    async with _follow(hub, after=beyond) as stream:
        (gap,) = await _take(stream, 1)
        assert "older state" in orjson.loads(gap.data)["reason"]


async def test_a_stream_resumed_in_another_process_goes_on_where_it_was(
    any_house: House, new_record: NewRecord
) -> None:
    """Hubs of two replicas are not equally far; what one has shown, the other does not repeat."""
    ledger, one, two = any_house.ledger(), Hub(any_house.url), Hub(any_house.url)
    seen: list[int] = []
    # From a place that is known: the writer may be faster than the first who subscribes.
    cursor = await one.end()
    async with _follow(one), _follow(two):
        writing = asyncio.create_task(asyncio.to_thread(_write, ledger, new_record, 300))
        for turn in range(30):
            async with _follow((one, two)[turn % 2], after=cursor) as stream:
                got = await _take(stream, 10)
            seen += _wseqs(got)
            cursor = got[-1].cursor
    await writing
    assert seen == list(range(1, 301))


async def test_a_rare_value_is_found_far_behind_the_cursor(
    house: House, new_record: NewRecord
) -> None:
    ledger, hub = house.ledger(), Hub(house.url, backlog=100)
    for _ in range(10):
        ledger.commit([Item(new_record()) for _ in range(900)])
    ledger.commit([Item(new_record(model="rare"))])
    store = (await _first_cursor(hub)).partition("-")[0]
    async with _follow(hub, Filters(model="rare"), after=f"{store}-1") as stream:
        assert _wseqs(await _take(stream, 1)) == [9001]


def _note(house: House, size: int) -> str:
    checkpoint = Checkpoint("log.example/0123456789abcdef", size, bytes(32))
    return sign_checkpoint(checkpoint, house.keys.signer, 1_800_000_000)


def _sign(house: House, size: int) -> None:
    with closing(open_store(house.url, 1.0, "open")) as store, store.work() as work:
        values = (size, 1_800_000_000_123, _note(house, size))
        work.run("INSERT INTO checkpoints (size, time, note) VALUES (?, ?, ?)", values)


async def test_a_checkpoint_comes_after_all_that_it_covers(
    house: House, new_record: NewRecord
) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    async with _follow(hub, Filters(model="none")) as filtered, _follow(hub) as stream:
        ledger.commit([Item(new_record()), Item(new_record())])
        _sign(house, 3)
        got = await _take(stream, 3)
        assert [one.kind for one in got] == ["record", "record", "checkpoint"]
        assert got[2].cursor == got[1].cursor
        assert orjson.loads(got[2].data) == {
            "size": 3,
            "time": "2027-01-15T08:00:00.123Z",
            "note": _note(house, 3),
        }
        # Filters are about records: whoever follows sees that the log is signed.
        assert (await _take(filtered, 1))[0].kind == "checkpoint"
        # One that says the same of the same records says that nothing has happened since.
        _sign(house, 3)
        assert (await _take(stream, 1))[0].kind == "checkpoint"
    # Not before the stream has come to what it covers.
    async with _follow(hub, after=got[0].cursor) as stream:
        assert [one.kind for one in await _take(stream, 2)] == ["record", "checkpoint"]


async def test_a_damaged_record_is_a_gap(any_house: House, new_record: NewRecord) -> None:
    ledger, hub = any_house.ledger(), Hub(any_house.url)
    ledger.commit([Item(new_record()), Item(new_record())])
    any_house.damage(1)
    store = (await _first_cursor(hub)).partition("-")[0]
    async with _follow(hub, after=f"{store}-0") as stream:
        kinds = [event.kind for event in await _take(stream, 3)]
    assert kinds == ["record", "gap", "record"]


async def test_a_closed_hub_ends_its_streams(any_house: House) -> None:
    any_house.ledger()
    hub = Hub(any_house.url)
    async with _follow(hub) as stream:
        waiting = asyncio.create_task(anext(stream, None))
        await asyncio.sleep(0.05)
        await hub.close()
        assert await waiting is None


async def test_without_subscribers_nothing_runs(any_house: House) -> None:
    any_house.ledger()
    hub = Hub(any_house.url)
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


async def test_a_stream_that_is_resumed_where_records_were_pruned_says_so(house: House) -> None:
    ledger, hub = house.ledger(), Hub(house.url)
    await asyncio.to_thread(write_days, ledger, 3)
    await asyncio.to_thread(house.order)
    await asyncio.to_thread(lambda: prune_now(house.url, ledger, 3, sealed=1.5, headers=1.5))
    store = (await hub.end()).partition("-")[0]
    async with _follow(hub, Filters(stage="intent"), after=f"{store}-2") as stream:
        gap, *records = await _take(stream, 4)
    assert orjson.loads(gap.data) == {"skipped": None, "reason": "older records were pruned"}
    assert _wseqs(records) == [7, 8, 9]
    async with _follow(hub, Filters(stage="intent"), after=f"{store}-7") as stream:
        assert _wseqs(await _take(stream, 3)) == [7, 8, 9]


class _Lending:
    """Lends readers of which the last one reads for a long time, and sees when each is closed."""

    def __init__(self, house: House) -> None:
        self._path, self.steps = house.path, list[str]()
        self.reads, self.go_on = threading.Event(), threading.Event()

    def lend(self) -> SqliteReader:
        return _Slow(self._path, self)

    def close(self) -> None:
        pass


class _Slow(SqliteReader):
    def __init__(self, path: Path, lending: _Lending) -> None:
        super().__init__(path)
        self._lending = lending

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if "FROM checkpoints" in sql:
            self._lending.reads.set()
            self._lending.go_on.wait(10)
            self._lending.steps.append("read")
        return super().rows(sql, values)

    def close(self) -> None:
        self._lending.steps.append("closed")
        super().close()


async def test_a_connection_is_not_closed_while_a_thread_reads_with_it(house: House) -> None:
    # What was cancelled closed it from the loop's thread: SQLite ended the whole process.
    house.ledger()
    lending = _Lending(house)
    hub = Hub(lending)
    stream = await hub.subscribe(Filters())
    assert lending.steps == ["closed"]
    waiting = asyncio.create_task(anext(stream, None))
    await asyncio.to_thread(lending.reads.wait, 10)
    assert hub._task is not None
    hub._task.cancel()
    waiting.cancel()
    await asyncio.gather(hub._task, waiting, return_exceptions=True)
    assert lending.steps == ["closed"]
    lending.go_on.set()
    await hub.close()
    async with asyncio.timeout(10):
        while len(lending.steps) < 3:  # noqa: ASYNC110 - a thread closes it
            await asyncio.sleep(0.01)
    assert lending.steps == ["closed", "read", "closed"]
