"""Threads that are told to stop, or whose callers go away, in the middle of anything.

A connection to SQLite that one thread closes while another works with it ends the whole process,
so every connection here notes who works with it, and works slowly.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
import time
from contextlib import aclosing, closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from gateway.audit.filters import Filters
from gateway.audit.indexing import STEP
from gateway.audit.keeper import Keeper
from gateway.audit.ledger import Item
from gateway.audit.live import Hub
from gateway.audit.ordering import start_sequencer
from gateway.audit.query import events
from gateway.audit.reading import Reading
from gateway.audit.writer import AuditLog
from gateway.errors import AuditUnavailable
from gateway.relay.sinks.runner import Runner, Share
from gateway.witness.store import WitnessStore, create_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gateway.audit.record import Record
    from gateway.relay.sinks.parcel import Parcel
    from tests.audit.conftest import House

_PAUSE = 0.002


class _Cursor(sqlite3.Cursor):
    def execute(self, *args: Any) -> Any:
        with self.connection.used():  # type: ignore[attr-defined]
            return super().execute(*args)

    def fetchall(self) -> list[Any]:
        with self.connection.used():  # type: ignore[attr-defined]
            return super().fetchall()

    def fetchone(self) -> Any:
        with self.connection.used():  # type: ignore[attr-defined]
            return super().fetchone()


class _Watched(sqlite3.Connection):
    """A connection that notes when two threads work with it at once, or one closes it meanwhile."""

    wrong: ClassVar[list[str]] = []
    uses: ClassVar[list[int]] = [0]
    by: int | None = None

    @contextmanager
    def used(self, *, pause: float = _PAUSE) -> Iterator[None]:
        me, before = threading.get_ident(), self.by
        if before not in {None, me}:
            self.wrong.append(f"{threading.current_thread().name} beside another")
        self.by, self.uses[0] = me, self.uses[0] + 1
        try:
            time.sleep(pause)
            yield
        finally:
            self.by = before

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def close(self) -> None:
        with self.used(pause=0):
            super().close()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> type[_Watched]:
    _Watched.wrong.clear()
    _Watched.uses[0] = 0
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Watched))
    return _Watched


def test_what_watches_sees_a_connection_that_is_closed_beside_its_user(
    watched: type[_Watched],
) -> None:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    assert isinstance(connection, _Watched)
    began, end = threading.Event(), threading.Event()

    def use() -> None:
        with connection.used():
            began.set()
            end.wait(10)

    user = threading.Thread(target=use)
    user.start()
    began.wait(10)
    connection.close()
    end.set()
    user.join(10)
    assert watched.wrong == ["MainThread beside another"]


class _Sink:
    def send(self, parcel: Parcel) -> None:
        time.sleep(_PAUSE)

    def close(self) -> None:
        pass


async def _listen(hub: Hub) -> None:
    async with aclosing(await hub.subscribe(Filters())) as stream:
        async for _ in stream:
            pass


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
async def test_no_connection_is_used_by_two_threads_whenever_all_is_stopped(
    house: House, new_record: Callable[..., Record], watched: type[_Watched], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    before = threading.active_count()
    settings = house.settings()
    log = AuditLog.open(settings)
    # There is something to be indexed, and a step of it takes long.
    log._ledger.commit([Item(new_record()) for _ in range(STEP)])
    sequencer, keeper = start_sequencer(settings, log), Keeper(house.url, 0.5)
    reading = Reading(house.url)
    hub = Hub(reading)
    runner = Runner("siem", _Sink(), house.url, Share(Filters(), 50), lambda: True)
    log.listeners += [hub.wake, runner.wake]
    keeper.start()
    runner.start()
    tasks = [asyncio.create_task(_listen(hub)) for _ in range(2)]
    tasks += [asyncio.create_task(_ask(reading)) for _ in range(3)]
    tasks += [asyncio.create_task(_write(log, new_record)) for _ in range(3)]
    await asyncio.sleep(chance.uniform(0.0, 0.5))
    acts: list[Callable[[], Any]] = [
        hub.close, log.close, reading.close, *(task.cancel for task in tasks),
        partial(asyncio.to_thread, sequencer.stop, chance.choice((0.0, 0.05))),
        partial(asyncio.to_thread, runner.stop, chance.choice((0.0, 0.05))),
        keeper.end, lambda: hub._task and hub._task.cancel(),
    ]  # fmt: skip
    chance.shuffle(acts)
    for act in acts:
        done = act()
        if asyncio.iscoroutine(done):
            waiting = asyncio.ensure_future(done)
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(waiting, chance.choice((0.01, 20)))
        await asyncio.sleep(chance.choice((0, 0.003, 0.02)))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await hub.close()
    await log.close()
    # Where the machine was busy, the call that was to stop one was cancelled before it began.
    sequencer.stop(20)
    runner.stop(20)
    async with asyncio.timeout(30):
        while _alive():  # noqa: ASYNC110 - they set no event of the loop's
            await asyncio.sleep(0.02)
    assert watched.uses[0] > 50
    assert watched.wrong == []
    assert threading.active_count() <= before + 10  # Those of the loop's own pool.
    assert house.verify().ok


def _alive() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("audit-")]


async def _ask(reading: Reading) -> None:
    while True:
        with suppress(AuditUnavailable, TimeoutError):
            # Whoever asked goes away in the middle; the thread reads on.
            async with asyncio.timeout(0.02):
                await reading(events, Filters(model="gpt-5-mini"))
        await asyncio.sleep(0)


async def _write(log: AuditLog, new_record: Callable[..., Record]) -> None:
    while log.healthy:
        with suppress(AuditUnavailable, TimeoutError):
            async with asyncio.timeout(0.05):
                await log.append(new_record(), {"prompt": "hello"})


async def test_a_log_whose_close_runs_out_of_time_still_closes_its_store_itself(
    house: House, new_record: Callable[..., Record], watched: type[_Watched]
) -> None:
    log = AuditLog.open(house.settings(deadline="100ms"))
    began, go_on = threading.Event(), threading.Event()
    commit, closers, close = log._ledger.commit, list[str](), _Watched.close

    def slowly(items: Any, also: Any = None) -> None:
        began.set()
        go_on.wait(10)
        commit(items, also)

    def noted(self: _Watched) -> None:
        closers.append(threading.current_thread().name)
        close(self)

    log._ledger.commit = slowly  # type: ignore[method-assign]
    record = new_record()
    waiting = asyncio.create_task(log.append(record))
    await asyncio.to_thread(began.wait, 10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Watched, "close", noted)
        await log.close()
        assert not log._stopped.is_set()
        assert closers == []
        go_on.set()
        await asyncio.to_thread(log._thread.join, 10)
        assert closers == ["audit-writer"]
    with pytest.raises(AuditUnavailable):
        await waiting
    assert watched.wrong == []
    assert record.id in {one["id"] for one in events(house.url, Filters()).events}


def test_a_witness_that_is_closed_waits_for_the_turn_that_somebody_has(
    tmp_path: Path, watched: type[_Watched]
) -> None:
    create_store(tmp_path / "witness.db")
    store = WitnessStore(tmp_path / "witness.db")
    began, go_on = threading.Event(), threading.Event()

    def turn() -> None:
        with store.turn() as one:
            began.set()
            go_on.wait(10)
            one.all()

    asking, closing = threading.Thread(target=turn), threading.Thread(target=store.close)
    asking.start()
    began.wait(10)
    closing.start()
    closing.join(0.05)
    assert closing.is_alive()
    go_on.set()
    asking.join(10)
    closing.join(10)
    assert watched.wrong == []


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the thread that writes sets no event
            await asyncio.sleep(0.01)


async def test_whoever_fails_to_hear_of_it_does_not_end_the_thread_that_writes(
    house: House, new_record: Callable[..., Record]
) -> None:
    told: list[tuple[object, ...]] = []

    def fail(*heard: object) -> None:
        told.append(heard)
        raise OSError("the disk is full")  # As to say so may fail, where lines go to that disk.

    log = AuditLog.open(house.settings(deadline="200ms"))
    log.listeners.append(fail)
    log.on_problem = fail
    await log.append(new_record())
    with closing(sqlite3.connect(house.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditUnavailable):
            await log.append(new_record())
        await _until(lambda: not log.healthy)
    await _until(lambda: log.healthy)
    assert log._thread.is_alive()
    assert [len(heard) for heard in told[:2]] == [2, 1]
    await log.close()
    assert house.verify().ok
