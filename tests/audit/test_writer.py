from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
import time
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.filters import Filters
from gateway.audit.opened import opened
from gateway.audit.opener import Opener
from gateway.audit.plaintext import spell
from gateway.audit.query import event, events
from gateway.audit.writer import AuditLog, Limits
from gateway.errors import AuditUnavailable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


@asynccontextmanager
async def _open(
    house: House, limits: Limits | None = None, **changes: Any
) -> AsyncIterator[AuditLog]:
    log = AuditLog.open(house.settings(**changes), limits=limits)
    try:
        yield log
    finally:
        await log.close()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the thread that writes sets no event
            await asyncio.sleep(0.01)


def _lock(house: House) -> sqlite3.Connection:
    other = sqlite3.connect(house.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_an_appended_record_is_there(any_house: House, new_record: NewRecord) -> None:
    record = new_record()
    async with _open(any_house) as log:
        assert await log.append(record, {"prompt": "hello"}) == record.id
        found = event(any_house.url, record.id)
        assert found is not None
        assert found.header["writer"] == log.writer
        assert found.sealed is not None
        assert (log.healthy, log.queued) == (True, 0)
    report = any_house.verify()
    assert (report.ok, report.opened, report.writers[0].closed) == (True, 1, True)


async def test_two_hundred_at_once_share_few_commits(
    any_house: House, new_record: NewRecord
) -> None:
    commits: list[int] = []
    async with _open(any_house) as log:
        log.listeners.append(lambda records, _seconds: commits.append(records))
        ids = await asyncio.gather(*(log.append(new_record(), {"n": n}) for n in range(200)))
    assert len(set(ids)) == sum(commits) == 200
    assert len(commits) < 60
    assert any_house.verify().writers[0].stands == (0, 201)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event loop that always has other calls to work on."""
    monkeypatch.setattr("gateway.audit.writer._BUSY", -1.0)
    monkeypatch.setattr("gateway.audit.writer._HOLDING", 60.0)


@pytest.mark.usefixtures("busy")
async def test_what_a_busy_loop_asks_for_shares_a_commit(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    async with _open(house) as log:
        log.listeners.append(lambda records, _seconds: commits.append(records))
        waiting = []
        for _ in range(5):
            waiting.append(asyncio.create_task(log.append(new_record())))
            await asyncio.sleep(0.01)
        assert (commits, log.queued) == ([], 5)
        monkeypatch.setattr("gateway.audit.writer._BUSY", 60.0)
        await asyncio.gather(*waiting)
    assert commits == [5]


async def test_a_loop_that_stays_busy_has_its_records_written_all_the_same(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.writer._BUSY", -1.0)
    async with _open(house) as log:
        await log.append(new_record())


@pytest.mark.usefixtures("busy")
async def test_what_a_busy_loop_kept_is_written_when_the_log_is_closed(
    house: House, new_record: NewRecord
) -> None:
    async with _open(house) as log:
        waiting = [asyncio.create_task(log.append(new_record())) for _ in range(2)]
        await asyncio.sleep(0)
    stored = {e["id"] for e in events(house.url, Filters()).events}
    assert set(await asyncio.gather(*waiting)) <= stored
    assert house.verify().writers[0].stands == (0, 3)


@pytest.mark.usefixtures("busy")
async def test_a_record_that_a_busy_loop_keeps_meets_its_deadline(
    house: House, new_record: NewRecord
) -> None:
    async with _open(house, deadline="200ms") as log:
        with pytest.raises(AuditUnavailable, match="does not answer in time"):
            await log.append(new_record())


async def test_nobody_has_to_wait_for_a_record(house: House, new_record: NewRecord) -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
    async with _open(house, deadline="200ms") as log:
        with closing(_lock(house)):
            durable = log.submit(new_record())
            assert durable is not None
            await _until(durable.done)
            del durable
        gc.collect()
        await log.append(new_record())
    assert faults == []


async def test_the_sealed_part_is_taken_when_it_is_appended(
    any_house: House, new_record: NewRecord
) -> None:
    prompt = {"text": "before"}
    async with _open(any_house) as log:
        waiting = asyncio.create_task(log.append(new_record(), prompt))
        await asyncio.sleep(0)
        prompt["text"] = "after" * 10
        await waiting
    (intent,) = [e for e in events(any_house.url, Filters()).events if e["stage"] == "intent"]
    assert intent["sealed"]["bytes"] == len('{"text":"before"}') + 1 + 12 + 16


async def test_half_a_surrogate_pair_can_be_sealed(any_house: House, new_record: NewRecord) -> None:
    async with _open(any_house) as log:
        await log.append(new_record(), {"prompt": "\ud800"})
    assert any_house.verify().opened == 1


async def test_what_is_no_json_is_refused(any_house: House, new_record: NewRecord) -> None:
    async with _open(any_house) as log:
        with pytest.raises(AuditUnavailable, match="no JSON"):
            await log.append(new_record(), {"prompt": object()})
        assert log.healthy


async def test_a_cancelled_waiter_does_not_cancel_the_write(
    any_house: House, new_record: NewRecord
) -> None:
    record = new_record()
    async with _open(any_house) as log:
        waiting = asyncio.create_task(log.append(record))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert event(any_house.url, record.id) is not None


async def test_a_store_that_hangs_meets_the_deadline(house: House, new_record: NewRecord) -> None:
    async with _open(house, deadline="200ms") as log:
        commit, hang = log._ledger.commit, asyncio.Event()

        def stuck(items: Any, also: Any = None) -> None:
            while not hang.is_set():
                time.sleep(0.01)
            commit(items, also)

        log._ledger.commit = stuck  # type: ignore[method-assign]
        began = time.monotonic()
        with pytest.raises(AuditUnavailable, match="does not answer in time"):
            await log.append(new_record())
        assert time.monotonic() - began < 0.4
        await asyncio.sleep(0.1)
        assert (log.healthy, log.problem) == (False, "the store does not answer")
        hang.set()
        await log.append(new_record())
        assert log.healthy


async def test_a_locked_store_refuses_everybody_in_time_and_recovers(
    house: House, new_record: NewRecord
) -> None:
    async with _open(house, deadline="400ms") as log:
        with closing(_lock(house)):
            began = time.monotonic()
            answers = await asyncio.gather(
                *(log.append(new_record()) for _ in range(20)), return_exceptions=True
            )
            assert time.monotonic() - began < 0.6
            assert {type(answer) for answer in answers} == {AuditUnavailable}
            assert not log.healthy
        await log.append(new_record())
        assert (log.healthy, log.problem, log.dropped) == (True, None, 0)
    assert house.verify().ok


async def test_what_is_wrong_is_told_once_and_that_it_is_over(
    house: House, new_record: NewRecord
) -> None:
    told: list[str | None] = []
    async with _open(house, deadline="200ms") as log:
        log.on_problem = told.append
        with closing(_lock(house)):
            for _ in range(3):
                with pytest.raises(AuditUnavailable):
                    await log.append(new_record())
            # Who waited may have been answered by the deadline, and the store not yet.
            await _until(lambda: log.queued == 0 and bool(told))
        # However slow the machine is: whether it works again is asked without a deadline's help.
        await _until(lambda: log.healthy)
    assert told == ["the store is locked by another process", None]


async def test_a_full_queue_refuses_at_once(house: House, new_record: NewRecord) -> None:
    async with _open(house, Limits(records=2, bytes=1000), deadline="300ms") as log:
        with closing(_lock(house)):
            waiting = [asyncio.create_task(log.append(new_record())) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(AuditUnavailable, match="queue is full"):
                await log.append(new_record())
            await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0.3)
        with pytest.raises(AuditUnavailable, match="queue is full"):
            await log.append(new_record(), {"prompt": "x" * 1000})
        await log.append(new_record(), {"prompt": "x" * 900})


async def test_it_heals_without_being_asked(house: House, new_record: NewRecord) -> None:
    async with _open(house, deadline="200ms") as log:
        with closing(_lock(house)):
            with pytest.raises(AuditUnavailable):
                await log.append(new_record())
            assert log.problem == "the store is locked by another process"
        await _until(lambda: log.healthy)


async def test_a_deleted_store_is_begun_anew(house: House, new_record: NewRecord) -> None:
    told: list[str] = []
    log = AuditLog.open(house.settings(), on_incident=told.append)
    house.path.unlink()
    with pytest.raises(AuditUnavailable, match="gone"):
        await log.append(new_record())
    record = new_record()
    await log.append(record)
    await log.close()
    assert len(told) == 1
    assert event(house.url, record.id) is not None


async def test_relaxed_returns_at_once_and_counts_what_it_loses(
    house: House, new_record: NewRecord
) -> None:
    async with _open(house, durability="relaxed", deadline="200ms") as log:
        await log.append(new_record())
        with closing(_lock(house)):
            began = time.monotonic()
            await asyncio.gather(*(log.append(new_record()) for _ in range(5)))
            assert time.monotonic() - began < 0.1
            await _until(lambda: log.queued == 0)
            assert log.dropped > 0
            with pytest.raises(AuditUnavailable, match="locked"):
                await log.append(new_record())
    assert house.verify().ok


@pytest.mark.parametrize("durability", ["strict", "relaxed"])
async def test_records_gather_only_where_nobody_waits_for_them(
    house: House, new_record: NewRecord, durability: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.writer._GATHERING", 60)
    sizes: list[int] = []
    async with _open(house, durability=durability) as log:
        log.listeners.append(lambda records, _took: sizes.append(records))
        for _ in range(9):
            await log.append(new_record())
    # Closing does not wait for more to gather.
    assert sizes == ([9] if durability == "relaxed" else [1] * 9)
    assert house.verify().writers[0].stands == (0, 10)


async def test_a_closed_log_takes_nothing(any_house: House, new_record: NewRecord) -> None:
    async with _open(any_house) as log:
        pass
    with pytest.raises(AuditUnavailable, match="closed"):
        await log.append(new_record())
    await log.close()


async def test_closing_writes_what_is_queued(any_house: House, new_record: NewRecord) -> None:
    log = AuditLog.open(any_house.settings())
    waiting = [asyncio.create_task(log.append(new_record())) for _ in range(50)]
    await asyncio.sleep(0)
    await log.close()
    await asyncio.gather(*waiting)
    assert any_house.verify().writers[0].stands == (0, 51)


async def test_bug_closing_beside_a_silent_store_took_twice_the_deadline(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.writer._SILENT", 0.2)
    log = AuditLog.open(house.settings(deadline="60s"))
    silent, commit = threading.Event(), log._ledger.commit
    monkeypatch.setattr(log._ledger, "commit", lambda *items: silent.wait() and commit(*items))
    waiting = asyncio.create_task(log.append(new_record()))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await log.close() is False
    silent.set()
    await waiting
    assert await log.close() is True
    assert house.verify().writers[0].stands == (0, 2)


async def test_closing_waits_while_anything_is_written(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.writer._SILENT", 0.5)
    log = AuditLog.open(house.settings(deadline="60s"), limits=Limits(batch_records=1))
    commit = log._ledger.commit

    def slow(*items: Any) -> None:
        time.sleep(0.1)
        commit(*items)

    monkeypatch.setattr(log._ledger, "commit", slow)
    waiting = [asyncio.create_task(log.append(new_record())) for _ in range(10)]
    await asyncio.sleep(0)
    assert await log.close() is True
    await asyncio.gather(*waiting)


def test_two_event_loops_can_share_a_log(any_house: House, new_record: NewRecord) -> None:
    log = AuditLog.open(any_house.settings())
    for _ in range(2):
        asyncio.run(_append(log, new_record()))
    asyncio.run(log.close())
    assert any_house.verify().records == 4


async def _append(log: AuditLog, record: Record) -> None:
    await log.append(record)


@pytest.mark.parametrize("wrong", ["recipient", "signer", "store"])
def test_a_wrong_file_is_named_before_anything_starts(house: House, wrong: str) -> None:
    blocked = house.folder / "blocked"
    blocked.write_text("not a key, not a database" * 100)
    blocked.chmod(0o600)
    changes: dict[str, dict[str, Any]] = {
        "recipient": {"recipients": (blocked,)},
        "signer": {"signing_key": blocked},
        "store": {"store": f"sqlite:///{blocked}"},
    }
    with pytest.raises(ConfigurationError) as caught:
        AuditLog.open(house.settings(**changes[wrong]))
    assert caught.value.problems[0].place.file == str(blocked)


async def test_a_large_sealed_part_is_stored_whole_and_used_up(
    any_house: House, new_record: NewRecord
) -> None:
    record, prompt = new_record(), b'tell me of llamas, "please" ' * 40_000
    spelt = spell({"prompt": prompt})
    assert isinstance(spelt, bytearray)
    async with _open(any_house) as log:
        await asyncio.gather(
            log.append(record, spelt), log.append(new_record(), {"prompt": "a small one"})
        )
        found = event(any_house.url, record.id)
    assert not spelt
    assert found is not None
    assert opened(found, Opener(any_house.auditor)) == {"prompt": prompt.decode()}
    assert any_house.verify().opened == 2
