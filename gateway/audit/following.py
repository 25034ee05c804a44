"""Reads a store onwards from a place in its order, for the live stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.audit.checkpoint import is_checkpoint
from gateway.audit.store.opening import open_reader
from gateway.audit.store.schema import LAST_SEQ, PRUNED, decode
from gateway.audit.store.tree import Kept
from gateway.errors import AuditUnavailable, VerificationError

if TYPE_CHECKING:
    from gateway.audit.cursor import Cursor
    from gateway.audit.filters import Filters
    from gateway.audit.log_keys import LogKeys
    from gateway.audit.store.base import Reader, Readers

__all__ = [
    "PAGE",
    "Checkpoint",
    "Follower",
    "News",
    "Row",
    "ends",
    "last_seq",
    "newest_checkpoint",
    "onwards",
    "page",
    "pruned_after",
]

PAGE: Final = 200
"""Records of one read."""

_WINDOW: Final = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """A record; ``header`` is None where it is damaged."""

    seq: int
    raw: bytes
    header: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint of the tree: over ``size`` records; ``data`` as the stream gives it."""

    number: int
    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class News:
    """What a look at the store brought; it was not read before where ``begins`` is its end."""

    store: str
    rows: list[Row]
    checkpoint: Checkpoint | None
    begins: int | None = None


class Follower:
    """Looks at a store again and again over one connection, and is closed in the same thread.

    A connection to SQLite that one thread closes while another reads with it ends the process.

    Args:
        keys: Whose signature checkpoints must have; nobody's is looked at if not given.
    """

    def __init__(self, keys: LogKeys | None = None) -> None:
        self._keys = keys
        self._reader: Reader | None = None

    def look(self, source: str | Readers, known: str | None, position: int, limit: int) -> News:
        """What is new; of a store that was not read before only where it ends.

        Args:
            source: The store's URL, or who lends readers of it.
            known: The store that was read before.
            position: How far it was.
            limit: No more records than this.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        if self._reader is not None and not self._reader.current:
            self.close()
        opened = self._reader is None
        if self._reader is None:
            self._reader = open_reader(source)
        reader = self._reader
        checkpoint = newest_checkpoint(reader, self._keys)
        last = last_seq(reader) if opened else position
        if reader.store != known or last < position:
            return News(reader.store, [], checkpoint, last)
        return News(reader.store, onwards(reader, position, limit), checkpoint)

    def close(self) -> None:
        """Closes its connection; a later look opens another."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def ends(store: str | Readers) -> tuple[str, int]:
    """A store's id, and the place of its last record; 0 where there is none.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        return reader.store, last_seq(reader)


def pruned_after(store: str | Readers, place: int) -> bool:
    """Whether the record after a place was pruned: a stream cannot give it any more.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        rows = reader.rows("SELECT stage FROM records WHERE seq = ?", (place + 1,))
    return rows == [(PRUNED,)]


def last_seq(reader: Reader) -> int:
    """The place of the last record; 0 where there is none."""
    return int(reader.rows(LAST_SEQ)[0][0])


def onwards(reader: Reader, position: int, limit: int) -> list[Row]:
    """The next records after a place."""
    found = reader.rows(
        "SELECT seq, header FROM records WHERE seq > ? AND stage <> ? ORDER BY seq LIMIT ?",
        (position, PRUNED, limit),
    )
    return [Row(seq, raw, decode(raw)) for seq, raw in found]


def page(store: str | Readers, start: Cursor, last: int, filters: Filters) -> tuple[list[Row], int]:
    """The next records after a place that match by their columns.

    Args:
        store: Its URL, or who lends readers of it.
        start: The place.
        last: No record after this place.
        filters: Which records.

    Returns:
        Them, and the place up to which there are no others; nothing where the store is another.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        if reader.store != start.store:
            return [], start.seq
        # A window, so that a rare value does not hold this thread for the whole log.
        end = min(start.seq + _WINDOW, last)
        conditions, values = filters.conditions(timed=False)
        where = " AND ".join(["seq > ?", "seq <= ?", *conditions])
        sql = f"SELECT seq, header FROM records WHERE {where} ORDER BY seq LIMIT ?"  # noqa: S608 - made of constants; values are bound
        found = reader.rows(sql, (start.seq, end, *values, PAGE))
    rows = [Row(seq, raw, decode(raw)) for seq, raw in found]
    return rows, rows[-1].seq if len(rows) == PAGE else end


def newest_checkpoint(reader: Reader, keys: LogKeys | None = None) -> Checkpoint | None:
    """The newest checkpoint that is stored; none where that does not hold, for records go on.

    Args:
        reader: Reads the store.
        keys: Whose signature it must have; nobody's is looked at if not given.
    """
    rows = reader.rows(
        "SELECT number, size, time, note FROM checkpoints ORDER BY number DESC LIMIT 1"
    )
    if not rows:
        return None
    try:
        kept = Kept.of(rows[0])
        if not is_checkpoint(kept.note, kept.size):
            return None
        if keys is not None:
            keys.check(kept.note, reader.store)
    except (AuditUnavailable, VerificationError):
        return None
    moment = datetime.fromtimestamp(kept.time / 1000, UTC).isoformat(timespec="milliseconds")
    told = {"size": kept.size, "time": moment.replace("+00:00", "Z"), "note": kept.note}
    return Checkpoint(kept.number, kept.size, orjson.dumps(told))
