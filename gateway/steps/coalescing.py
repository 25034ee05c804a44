"""Repeated identical events become one record with a count.

Who sends the same bad token a thousand times a second must not be able to fill the log, and none
of it may be dropped either. The first few of identical records are written one by one, as ever.
Those that follow within the window are counted, and when it ends one record says how many there
were, when the first and the last came, and which record they repeat. What is counted and not
written yet is in memory: it is written at the end of the window or of the process, and again and
again while the log cannot be written.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import AuditUnavailable
from gateway.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from gateway.audit.record import Record

__all__ = ["Coalescer"]

_WINDOW: Final = 10.0
_ALONE: Final = 3
_MAX_GROUPS: Final = 10_000
_AT_ONCE: Final = 500


@dataclass(slots=True)
class _Group:
    """Records that are alike: the first of them, and what was only counted since."""

    first: Record
    written: int = 1
    repeats: int = 0
    since: str = ""
    last: str = ""
    ends: asyncio.TimerHandle | None = field(default=None, repr=False)


class Coalescer:
    """Counts repeats; for one event loop.

    Args:
        append: Writes a record; raises ``AuditUnavailable`` where it cannot.
        window: Seconds from the first of identical records to the one that counts the rest.
        alone: How many of them are written one by one.
    """

    def __init__(
        self,
        append: Callable[[Record], Coroutine[Any, Any, None]],
        *,
        window: float = _WINDOW,
        alone: int = _ALONE,
    ) -> None:
        self._append, self._window, self._alone = append, window, alone
        self._groups: dict[bytes, _Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def repeats(self, record: Record, *content: bytes | bytearray) -> str | None:
        """Whether a record only repeats others; then it is counted and not to be written.

        Args:
            record: What happened.
            content: What would be sealed with it, in pieces that are read one after the other; a
                record with another content is another one.

        Returns:
            The ``request`` of the first of the records that it repeats, under which it can be
            found; None where it is to be written itself.
        """
        key = _key(record, content)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) < _MAX_GROUPS:
                self._begin(key, record)
            return None
        if group.written < self._alone:
            group.written += 1
            return None
        group.repeats += 1
        group.since, group.last = group.since or record.time, record.time
        return group.first.request

    async def close(self) -> None:
        """Writes what is only counted so far.

        Raises:
            AuditUnavailable: It could not be written.
        """
        groups, self._groups = self._groups, {}
        for group in groups.values():
            if group.ends is not None:
                group.ends.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        counted = [_counted(group) for group in groups.values() if group.repeats]
        # Together: whoever stops beside a slow log has no time to wait for each.
        for start in range(0, len(counted), _AT_ONCE):
            await asyncio.gather(*map(self._append, counted[start : start + _AT_ONCE]))

    def _begin(self, key: bytes, record: Record) -> None:
        group = self._groups[key] = _Group(record)
        self._wait(key, group)

    def _wait(self, key: bytes, group: _Group) -> None:
        loop = asyncio.get_running_loop()
        group.ends = loop.call_later(self._window, self._end, key)

    def _end(self, key: bytes) -> None:
        group = self._groups.get(key)
        if group is None:
            return
        if not group.repeats:
            del self._groups[key]
            return
        task = asyncio.get_running_loop().create_task(self._flush(key, group))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _flush(self, key: bytes, group: _Group) -> None:
        """Writes the count; the group goes on, so that a flood is one record a window."""
        counted, repeats = _counted(group), group.repeats
        group.repeats, since, group.since = 0, group.since, ""
        try:
            await self._append(counted)
        except AuditUnavailable:
            # Nothing is dropped: it is counted with what comes until the log can be written.
            group.repeats += repeats
            group.since, group.last = since, group.last or counted.time
        finally:
            if key in self._groups:
                self._wait(key, group)
            elif group.repeats:
                self._groups[key] = group


def _counted(group: _Group) -> Record:
    detail: dict[str, Any] = {
        "repeats": group.repeats,
        "first": group.since,
        "last": group.last,
        "of": group.first.id,
    }
    detail = {**(group.first.detail or {}), **detail}
    return replace(group.first, id=uuid7(), timing=None, detail=detail)


def _key(record: Record, content: Iterable[bytes | bytearray]) -> bytes:
    """What identical records have in common: everything but their ids and times."""
    alike = replace(record, id="", request=None, timing=None)
    digest = sha256(repr(alike).encode())
    for piece in (b"\x00", *content):
        digest.update(piece)
    return digest.digest()
