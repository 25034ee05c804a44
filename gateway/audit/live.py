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
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from gateway.audit.store.opening import open_reader
from gateway.audit.store.schema import decode
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gateway.audit.filters import Filters
    from gateway.audit.store.base import Reader

__all__ = ["Hub", "LiveEvent"]

_POLL: Final = 0.2
_PAUSE: Final = 0.01
_BACKLOG: Final = 2000
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event of the stream.

    Attributes:
        kind: ``record``, or ``gap`` where records were skipped.
        cursor: Resumes the stream after this event.
        data: JSON on one line: a record's header; or ``{"skipped": n, "reason": …}``, where n is
            null when it is not known, and counts records before filters.
    """

    kind: Literal["record", "gap"]
    cursor: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    raw: bytes
    header: dict[str, Any] | None


class Hub:
    """The live streams of one event loop.

    Args:
        url: The store.
        backlog: How many of the newest records are kept for subscribers.
    """

    def __init__(self, url: str, *, backlog: int = _BACKLOG) -> None:
        self._url, self._backlog = url, backlog
        self._rows: list[_Row] = []
        self._store: str | None = None
        self._position = 0
        self._subscribers = 0
        self._closed = False
        self._changed = asyncio.Condition()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._reader: Reader | None = None

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
        wanted = None if after is None else _parse(after)
        store, last = await asyncio.to_thread(_ends, self._url)
        return self._stream(filters, *(wanted or (store, last)))

    async def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()
        if self._task is not None:
            await self._stop(self._task)

    async def _stream(
        self, filters: Filters, store: str, position: int
    ) -> AsyncGenerator[LiveEvent, None]:
        live = False
        self._enter()
        try:
            while await self._news(store, position):
                floor = self._floor
                if store != self._store:
                    store, position, live = self._store or "", 0, False
                    yield _gap(store, 0, None, "the store was replaced")
                    continue
                if position < floor and live:
                    skipped, position = floor - position, floor
                    yield _gap(store, floor, skipped, "the subscriber was too slow")
                    continue
                kept = position >= floor
                rows = self._kept(position) if kept else await self._page(store, position)
                live = live or not rows or rows[-1].seq >= self._floor
                for row in rows:
                    position = row.seq
                    if row.header is None:
                        yield _gap(store, position, 1, "the record is damaged")
                    elif filters.matches(row.header):
                        yield LiveEvent("record", f"{store}-{position}", row.raw)
                if not rows:
                    position = max(position, floor)
        finally:
            self._leave()

    async def _news(self, store: str, position: int) -> bool:
        """Waits until there is something after a position; false when the hub is closed."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    self._closed
                    or (
                        self._store is not None
                        and (self._store != store or self._position > position)
                    )
                )
            )
        return not self._closed

    @property
    def _floor(self) -> int:
        """Every record after this position is kept."""
        return self._rows[0].seq - 1 if self._rows else self._position

    def _kept(self, position: int) -> list[_Row]:
        start = bisect_right(self._rows, position, key=lambda row: row.seq)
        return self._rows[start : start + _PAGE]

    async def _page(self, store: str, position: int) -> list[_Row]:
        while not self._closed:
            with contextlib.suppress(AuditUnavailable):
                return await asyncio.to_thread(_read_page, self._url, store, position)
            await asyncio.sleep(_POLL)
        return []

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
        try:
            while self._subscribers and not self._closed:
                self._wake.clear()
                rows: list[_Row] = []
                with contextlib.suppress(AuditUnavailable):
                    store, rows, last = await asyncio.to_thread(self._fetch)
                    await self._apply(store, rows, last)
                if len(rows) < _PAGE:
                    # The pause lets a burst of commits be one read.
                    await asyncio.sleep(_PAUSE)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), _POLL)
        finally:
            # Forgotten now and not by the next task: a subscriber may come before that one runs.
            self._store, self._rows = None, []
            self._task = self._loop = None
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    async def _apply(self, store: str, rows: list[_Row], last: int) -> None:
        if store == self._store and not rows:
            return
        async with self._changed:
            if store != self._store:
                self._store, self._rows = store, []
            self._rows += rows
            if len(self._rows) > 2 * self._backlog:
                del self._rows[: -self._backlog]
            self._position = rows[-1].seq if rows else last
            self._changed.notify_all()

    def _fetch(self) -> tuple[str, list[_Row], int]:
        """What is new; of a store that was not read before only where it ends."""
        if self._reader is not None and not self._reader.current:
            self._reader.close()
            self._reader = None
        if self._reader is None:
            self._reader = open_reader(self._url)
        reader = self._reader
        if reader.store != self._store:
            return reader.store, [], _last(reader)
        return reader.store, _after(reader, self._position, min(_PAGE, self._backlog)), 0

    async def _stop(self, task: asyncio.Task[None]) -> None:
        self._wake.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _ends(url: str) -> tuple[str, int]:
    with open_reader(url) as reader:
        return reader.store, _last(reader)


def _last(reader: Reader) -> int:
    return int(reader.rows("SELECT coalesce(max(seq), 0) FROM records")[0][0])


def _read_page(url: str, store: str, position: int) -> list[_Row]:
    with open_reader(url) as reader:
        return _after(reader, position) if reader.store == store else []


def _after(reader: Reader, position: int, limit: int = _PAGE) -> list[_Row]:
    found = reader.rows(
        "SELECT seq, header FROM records WHERE seq > ? ORDER BY seq LIMIT ?", (position, limit)
    )
    return [_Row(seq, raw, decode(raw)) for seq, raw in found]


def _gap(store: str, position: int, skipped: int | None, reason: str) -> LiveEvent:
    data = orjson.dumps({"skipped": skipped, "reason": reason})
    return LiveEvent("gap", f"{store}-{position}", data)


def _parse(cursor: str) -> tuple[str, int]:
    store, _, position = cursor.partition("-")
    known = cursor.isascii() and len(store) == 16 and position.isdecimal()
    if not known or len(position) > 18:
        message = "the cursor is the id of an event of this stream"
        raise BadRequest(f"audit stream: {message}", message=message)
    return store, int(position)
