"""The live stream of audit events.

One task reads the store for all subscribers of the process, woken by the writer after a commit
and by a clock for the records of other processes; without subscribers it does not run. It keeps
the newest records; a subscriber takes them from there at its own pace and holds nobody up. One
that resumes from a cursor reads the store until it has caught up. One that was live and then fell
behind what is kept is told so by a gap.
"""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import orjson

from gateway.audit.cursor import Cursor
from gateway.audit.following import (
    PAGE,
    Checkpoint,
    Follower,
    News,
    Row,
    ends,
    page,
    pruned_after,
)
from gateway.audit.reading import Reading
from gateway.audit.trouble import Trouble
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from gateway.audit.filters import Filters
    from gateway.audit.log_keys import LogKeys
    from gateway.audit.store.base import Readers

__all__ = ["Hub", "LiveEvent"]

_POLL: Final = 0.05
_PAUSE: Final = 0.01
_BACKLOG: Final = 2000
_AGAIN: Final = 600.0
"""Seconds after which what lasts is told again."""
_BEFORE: Final = -1
"""Rewinds that a subscriber knows of whose cursor is behind the end of the store."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event of the stream.

    Attributes:
        kind: ``record``; ``checkpoint`` where the log was signed; ``gap`` where records were
            skipped.
        cursor: Resumes the stream after this event.
        data: JSON on one line: a record's header; ``{"size": n, "time": …, "note": …}`` of a
            checkpoint over the first n records; or ``{"skipped": n, "reason": …}``, where n is
            null when it is not known, and counts records before filters.
    """

    kind: Literal["record", "checkpoint", "gap"]
    cursor: str
    data: bytes


@dataclass(slots=True)
class _Subscriber:
    """How far one stream has come; ``live`` once it takes what is kept.

    ``rewinds`` is how often it knows that the store was put back to an older state; ``pruned``
    whether it has yet to be told that what it asks for is not there any more.
    """

    filters: Filters
    store: str
    position: int
    rewinds: int
    live: bool = False
    checkpoint: int = 0
    pruned: bool = False

    def event(self, kind: Literal["record", "checkpoint"], data: bytes) -> LiveEvent:
        """What happened at its place."""
        return LiveEvent(kind, str(Cursor(self.store, self.position)), data)

    def gap(self, skipped: int | None, reason: str) -> LiveEvent:
        """Why there is nothing between its place and the one before."""
        data = orjson.dumps({"skipped": skipped, "reason": reason})
        return LiveEvent("gap", str(Cursor(self.store, self.position)), data)


class Hub:
    """The live streams of one event loop.

    Args:
        store: Its URL, or who lends readers of it: one for as long as somebody follows. Or who
            reads it for others as well: what is new is read in a thread beside theirs.
        backlog: How many of the newest records are kept for subscribers.
        on_incident: Told in one sentence why what is new cannot be read, where that lasts.
        keys: Whose signature checkpoints must have; nobody's is looked at if not given.
    """

    def __init__(
        self,
        store: str | Readers | Reading,
        *,
        backlog: int = _BACKLOG,
        on_incident: Callable[[str], None] | None = None,
        keys: LogKeys | None = None,
    ) -> None:
        self._keys = keys
        self._read = store if isinstance(store, Reading) else Reading(store)
        self._backlog = backlog
        self._trouble = Trouble(on_incident, "the log cannot be followed", _AGAIN)
        # One task reads for all who are live: no question holds it up.
        self._follow = Reading(self._read.source, threads=1)
        self._rows: list[Row] = []
        self._store: str | None = None
        self._position = self._rewinds = 0
        self._checkpoint: Checkpoint | None = None
        self._subscribers = 0
        self._closed = False
        self._changed = asyncio.Condition()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def subscribers(self) -> int:
        """How many streams are open."""
        return self._subscribers

    def wake(self, *_committed: object) -> None:
        """Something was committed; safe from any thread. One of ``AuditLog.listeners``."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake.set)

    async def end(self) -> str:
        """The cursor after the last record there is.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        return str(Cursor(*await self._read(ends)))

    async def subscribe(
        self, filters: Filters, after: str | None = None
    ) -> AsyncGenerator[LiveEvent, None]:
        """A stream of the records that match, in the order in which they were committed.

        Args:
            filters: Their ``limit`` and ``cursor`` are ignored.
            after: The cursor of the last event that was seen; from now on if not given.

        Raises:
            BadRequest: The cursor is none of ours.
            AuditUnavailable: The store cannot be read.
        """
        wanted = None if after is None else Cursor.parse(after)
        if after is not None and wanted is None:
            message = "the cursor is the id of an event of this stream"
            raise BadRequest(f"audit stream: {message}", message=message)
        store, last = await self._read(ends)
        start = wanted or Cursor(store, last)
        if start.store == store and start.seq > last:
            return self._stream(_Subscriber(filters, store, last, _BEFORE))
        subscriber = _Subscriber(filters, start.store, start.seq, self._rewinds)
        if start.store == store and start.seq < last:
            subscriber.pruned = await self._read(pruned_after, start.seq)
        return self._stream(subscriber)

    async def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()
        if self._task is not None:
            await self._stop(self._task)
        self._follow.close()

    async def _stream(self, subscriber: _Subscriber) -> AsyncGenerator[LiveEvent, None]:
        self._enter()
        try:
            while await self._news(subscriber):
                gap = self._gap(subscriber)
                if gap is not None:
                    yield gap
                    continue
                rows, reached = await self._next(subscriber)
                for row in rows:
                    subscriber.position = row.seq
                    if row.header is None:
                        yield subscriber.gap(1, "the record is damaged")
                    elif subscriber.filters.matches(row.header):
                        yield subscriber.event("record", row.raw)
                subscriber.position = max(subscriber.position, reached)
                checkpoint = self._new_checkpoint(subscriber)
                if checkpoint is not None:
                    subscriber.checkpoint = checkpoint.number
                    yield subscriber.event("checkpoint", checkpoint.data)
        finally:
            self._leave()

    async def _news(self, subscriber: _Subscriber) -> bool:
        """Waits until there is something for a subscriber; false when the hub is closed."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    self._closed
                    or (
                        self._store is not None
                        and (
                            self._store != subscriber.store
                            or self._rewinds != subscriber.rewinds
                            or self._position > subscriber.position
                            or self._new_checkpoint(subscriber) is not None
                        )
                    )
                )
            )
        return not self._closed

    def _gap(self, subscriber: _Subscriber) -> LiveEvent | None:
        """Moves a subscriber to where it can go on, if it cannot where it is, and says why."""
        if subscriber.store != self._store:
            subscriber.store, subscriber.position = self._store or "", 0
            subscriber.live, subscriber.checkpoint = False, 0
            subscriber.rewinds = self._rewinds
            return subscriber.gap(None, "the store was replaced")
        if subscriber.rewinds != self._rewinds:
            subscriber.rewinds = self._rewinds
            subscriber.position = min(subscriber.position, self._position)
            return subscriber.gap(None, "the store was put back to an older state")
        if subscriber.pruned:
            subscriber.pruned = False
            return subscriber.gap(None, "older records were pruned")
        skipped = self._floor - subscriber.position
        if skipped > 0 and subscriber.live:
            subscriber.position = self._floor
            return subscriber.gap(skipped, "the subscriber was too slow")
        return None

    async def _next(self, subscriber: _Subscriber) -> tuple[list[Row], int]:
        """The next records for a subscriber, and the place that it has reached after them."""
        position = subscriber.position
        if position < self._floor:
            rows, reached = await self._page(subscriber)
        else:
            start = bisect_right(self._rows, position, key=lambda row: row.seq)
            rows = self._rows[start : start + PAGE]
            reached = rows[-1].seq if rows else self._position
        subscriber.live = subscriber.live or reached >= self._floor
        return rows, reached

    def _new_checkpoint(self, subscriber: _Subscriber) -> Checkpoint | None:
        """The newest one, once a subscriber has passed all that it covers."""
        newest = self._checkpoint
        if newest is None or newest.number <= subscriber.checkpoint:
            return None
        return newest if newest.size <= subscriber.position else None

    @property
    def _floor(self) -> int:
        """Every record after this position is kept."""
        return self._rows[0].seq - 1 if self._rows else self._position

    async def _page(self, subscriber: _Subscriber) -> tuple[list[Row], int]:
        start = Cursor(subscriber.store, subscriber.position)
        while not self._closed:
            with contextlib.suppress(AuditUnavailable):
                return await self._read(page, start, self._position, subscriber.filters)
            await asyncio.sleep(_POLL)
        return [], start.seq

    def _enter(self) -> None:
        self._subscribers += 1
        if self._task is None:
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._run(), name="audit-live")

    def _leave(self) -> None:
        self._subscribers -= 1
        self._wake.set()

    async def _run(self) -> None:
        """Reads for everybody, until nobody is left."""
        follower, most = Follower(self._keys), min(PAGE, self._backlog)
        try:
            while self._subscribers and not self._closed:
                self._wake.clear()
                more = False
                try:
                    news = await self._follow(follower.look, self._store, self._position, most)
                    more = len(news.rows) == PAGE
                    await self._apply(news)
                except Exception as error:  # noqa: BLE001 - nobody who follows may wait for nothing
                    self._trouble.failed(error)
                else:
                    self._trouble.over()
                if not more:
                    # The pause lets a burst of commits be one read.
                    await asyncio.sleep(_PAUSE)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), _POLL)
        finally:
            # Forgotten now and not by the next task: a subscriber may come before that one runs.
            self._store, self._rows, self._checkpoint = None, [], None
            self._task = self._loop = None
            # Whoever cancels this does not end what is being read.
            self._follow.afterwards(follower.close)

    async def _apply(self, news: News) -> None:
        same = self._checkpoint == news.checkpoint
        if news.begins is None and not news.rows and same:
            return
        async with self._changed:
            if news.begins is not None:
                self._rewinds += news.store == self._store
                self._store, self._rows, self._position = news.store, [], news.begins
            self._rows += news.rows
            if len(self._rows) > 2 * self._backlog:
                del self._rows[: -self._backlog]
            self._position = news.rows[-1].seq if news.rows else self._position
            self._checkpoint = news.checkpoint
            self._changed.notify_all()

    async def _stop(self, task: asyncio.Task[None]) -> None:
        self._wake.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task
