"""The audit log of this process: a bounded queue in front of one thread that writes.

The thread commits what is queued as soon as its last commit is done. What an event loop asks for in
one busy stretch is queued at its end, so that one ``fsync`` serves all who wait. Everybody who
waits has a deadline of their own: nothing hangs when the disk does.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from gateway.audit.keys import load_keys
from gateway.audit.ledger import Item, Ledger
from gateway.audit.plaintext import spell
from gateway.audit.store.opening import named
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.audit.blind import Value
    from gateway.audit.record import Record
    from gateway.settings import AuditSettings

__all__ = ["AuditLog", "Limits"]

_IDLE: Final = 1.0
_GATHERING: Final = 0.02
"""Seconds in which records gather that nobody waits for: one by one, they would cost more."""
_LOOK: Final = 0.05
_BUSY: Final = 0.0005
"""Seconds in one round of an event loop: after more, it had other calls to work on."""
_HOLDING: Final = 0.04
"""Seconds for which a loop that is busy keeps its records, at most, so that more share a commit."""
_SILENT: Final = 2.5
"""Seconds at the end in which nothing is written, after which the store is given up."""
_SPELT: Final = (bytes, bytearray)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the queue and of one transaction, in records and in bytes of sealed text."""

    records: int = 10_000
    bytes: int = 128 * 2**20
    batch_records: int = 512
    batch_bytes: int = 16 * 2**20


@dataclass(slots=True)
class _Job:
    item: Item
    size: int
    loop: asyncio.AbstractEventLoop | None
    future: asyncio.Future[None] | None


class AuditLog:
    """Where every record goes; made by ``AuditLog.open``.

    Attributes:
        listeners: Called in the writing thread after each commit, with the number of records and
            the seconds it took. They must not block.
        on_problem: Called in the writing thread with what is wrong when records cannot be written
            any more, or why not has changed, and with None when they can again.
        dropped: Records that were accepted and then lost: always 0 with strict durability.
    """

    def __init__(self, ledger: Ledger, *, strict: bool, deadline: float, limits: Limits) -> None:
        self._ledger, self._strict = ledger, strict
        self._deadline, self._limits = deadline, limits
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._held: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        self._records = self._bytes = 0
        self._problem: str | None = None
        self._busy_since: float | None = None
        self._worked = time.monotonic()
        self._closed = False
        self._closing, self._stopped = threading.Event(), threading.Event()
        self.dropped = 0
        self.on_problem: Callable[[str | None], None] | None = None
        self.listeners: list[Callable[[int, float], None]] = []
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls,
        settings: AuditSettings,
        *,
        limits: Limits | None = None,
        on_incident: Callable[[str], None] | None = None,
    ) -> Self:
        """Loads the keys, opens the store and writes ``writer.open``.

        Args:
            settings: Where and how.
            limits: Bounds of the queue.
            on_incident: Told in one sentence, in the writing thread, when the store's records
                were lost and a new writer begins.

        Raises:
            ConfigurationError: A key or the store is unusable; the problem's place says which.
        """
        keys = load_keys(settings)
        # A failing wait must leave time to answer before the caller's own deadline.
        busy = settings.deadline / 2
        try:
            ledger = Ledger(settings.store, keys, busy, on_incident)
        except AuditUnavailable as error:
            advice = "the gateway does not start without a durable audit log"
            problem = Problem(Place(named(settings.store)), f"audit store: {error.reason}", advice)
            raise ConfigurationError(problem) from None
        return cls(
            ledger,
            strict=settings.durability == "strict",
            deadline=settings.deadline,
            limits=limits or Limits(),
        )

    @property
    def writer(self) -> str:
        """This process's writer id; another one after the store was lost."""
        return self._ledger.head.writer

    @property
    def queued(self) -> int:
        """Records that wait to be written."""
        return self._records

    @property
    def problem(self) -> str | None:
        """Why records cannot be written now, in words; None when they can."""
        since = self._busy_since
        if since is not None and time.monotonic() - since > self._deadline:
            return "the store does not answer"
        return self._problem

    @property
    def healthy(self) -> bool:
        """Whether records can be written, as far as is known."""
        return not self._closed and self.problem is None

    async def append(
        self,
        record: Record,
        sealed: Mapping[str, Any] | bytes | bytearray | None = None,
        values: tuple[Value, ...] = (),
    ) -> str:
        """Writes a record.

        With strict durability the record is on the disk when this returns; with relaxed it is
        queued. A caller that is cancelled does not cancel the write.

        Args:
            record: What happened.
            sealed: What only auditors may read: any JSON value per name, or that as ``spell``
                gives it; a ``bytearray`` is used up.
            values: What is to be found again by ``gateway.audit.blind``.

        Returns:
            The record's id.

        Raises:
            AuditUnavailable: It could not be written before the deadline, or cannot be.
        """
        durable = self.submit(record, sealed, values)
        if durable is not None:
            await durable
        return record.id

    def submit(
        self,
        record: Record,
        sealed: Mapping[str, Any] | bytes | bytearray | None = None,
        values: tuple[Value, ...] = (),
    ) -> asyncio.Future[None] | None:
        """Begins to write a record; what ``append`` takes.

        Returns:
            With strict durability, what is done when the record is on the disk, or fails with
            ``AuditUnavailable`` where it could not be written before the deadline; nobody has to
            wait for it. None with relaxed: the record is queued.

        Raises:
            AuditUnavailable: It cannot be written.
        """
        plaintext = sealed if sealed is None or isinstance(sealed, _SPELT) else spell(sealed)
        item, size = Item(record, plaintext, values), len(plaintext or b"")
        if not self._strict:
            if self.problem is not None:
                raise AuditUnavailable(f"audit store: {self.problem}")
            self._admit(_Job(item, size, None, None))
            return None
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._admit(_Job(item, size, loop, future))
        timer = loop.call_later(self._deadline, _expire, future)
        future.add_done_callback(lambda done: _decided(done, timer))
        return future

    async def close(self) -> bool:
        """Writes what is queued and ``writer.close``.

        Waits no longer than twice the deadline, and less where the store is silent.

        Returns:
            Whether all of it is written.
        """
        if not self._closed:
            with self._lock:
                for loop in list(self._held):
                    self._hand_over(loop)
                self._closed = True
                self._closing.set()
                self._queue.put(None)
        stopped = await asyncio.to_thread(self._ended)
        if stopped:
            self._thread.join()
        return stopped and self._problem is None

    def _ended(self) -> bool:
        """Waits for the end of the thread, for as long as it gets anything done."""
        now = time.monotonic()
        until, since = now + 2 * self._deadline, now
        while not self._stopped.wait(_LOOK):
            now, since = time.monotonic(), max(since, self._worked)
            if now > min(until, since + _SILENT):
                return False
        return True

    def _admit(self, job: _Job) -> None:
        with self._lock:
            if self._closed:
                raise AuditUnavailable("the audit log is closed")
            if self._records >= self._limits.records or self._bytes + job.size > self._limits.bytes:
                raise AuditUnavailable("the audit queue is full")
            self._records += 1
            self._bytes += job.size
            # All under the lock, so that nothing is queued behind the mark that ends the thread.
            if job.loop is None:
                self._queue.put(job)
                return
            held = self._held.setdefault(job.loop, [])
            held.append(job)
        if len(held) == 1:
            now = time.monotonic()
            job.loop.call_soon(self._release, job.loop, now, now)

    def _release(self, loop: asyncio.AbstractEventLoop, since: float, before: float) -> None:
        """Hands a loop's records to the thread as soon as the loop has nothing else to do.

        While it works on other calls more will come, and one commit serves them all. The thread
        needs the interpreter as well: for a commit of each, both would wait for it all the time.
        """
        now = time.monotonic()
        if now - before > _BUSY and now - since < _HOLDING:
            loop.call_soon(self._release, loop, since, now)
            return
        with self._lock:
            self._hand_over(loop)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        for job in self._held.pop(loop, ()):
            self._queue.put(job)

    def _run(self) -> None:
        try:
            self._ledger.tidy()
            while self._step():
                pass
        finally:
            self._stopped.set()

    def _step(self) -> bool:
        """One commit, or one look around when there is nothing to do; false at the end."""
        try:
            first = self._queue.get(timeout=_IDLE)
        except queue.Empty:
            self._guarded(self._ledger.check)
            return True
        if not self._strict:
            self._closing.wait(_GATHERING)
        jobs, last = self._gather(first)
        if jobs:
            self._commit(jobs)
        if last:
            self._guarded(self._ledger.close)
        return not last

    def _gather(self, job: _Job | None) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        size = 0
        while job is not None:
            jobs.append(job)
            size += job.size
            if len(jobs) >= self._limits.batch_records or size >= self._limits.batch_bytes:
                return jobs, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _commit(self, jobs: list[_Job]) -> None:
        items = [job.item for job in jobs]
        began = time.monotonic()
        error = self._guarded(lambda: self._ledger.commit(items))
        for item in items:
            if isinstance(item.plaintext, bytearray):
                item.plaintext.clear()  # It is large, and written or lost.
        with self._lock:
            self._records -= len(jobs)
            self._bytes -= sum(job.size for job in jobs)
        if error is not None:
            self.dropped += sum(job.future is None for job in jobs)
        _answer(jobs, error)
        if error is None:
            took = time.monotonic() - began
            # First: some stores show the records to readers only then, and listeners wake readers.
            self._ledger.tidy()
            for listener in self.listeners:
                # The records are safe, whoever fails to hear of them.
                with contextlib.suppress(Exception):
                    listener(len(jobs), took)

    def _guarded(self, act: Callable[[], None]) -> str | None:
        """Runs one act of the ledger; keeps and returns what is wrong with it."""
        self._busy_since, before = time.monotonic(), self._problem
        try:
            act()
        except AuditUnavailable as error:
            self._problem = error.reason
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
            self._problem = f"unexpected {type(error).__name__}"
        else:
            self._problem, self._worked = None, time.monotonic()
        self._busy_since = None
        if self._problem != before and self.on_problem is not None:
            with contextlib.suppress(Exception):
                self.on_problem(self._problem)
        return self._problem


def _decided(future: asyncio.Future[None], timer: asyncio.TimerHandle) -> None:
    timer.cancel()
    if not future.cancelled():
        future.exception()  # Whoever was to wait for it may have gone.


def _expire(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(AuditUnavailable("the audit store does not answer in time"))


def _answer(jobs: list[_Job], error: str | None) -> None:
    """Wakes everybody who waits, with one call per event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for job in jobs:
        if job.loop is not None and job.future is not None:
            loops.setdefault(job.loop, []).append(job.future)
    for loop, futures in loops.items():
        # A loop that has ended has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, futures, error)


def _settle(futures: list[asyncio.Future[None]], error: str | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(AuditUnavailable(f"audit store: {error}"))
