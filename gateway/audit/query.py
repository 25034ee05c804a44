"""Questions to the audit log: pages of events, one event.

Events come in the log's one order, newest first; a page's cursor is the place of its last event,
so a page costs the same wherever it is. A question that takes too long is ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.chain import is_pruned
from gateway.audit.cursor import Cursor
from gateway.audit.filters import bad
from gateway.audit.salts import Salts
from gateway.audit.search import header_of, search
from gateway.audit.store.base import TooSlow
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.blind import Tokens
    from gateway.audit.filters import Filters
    from gateway.audit.store.base import Reader, Readers

__all__ = ["Event", "Page", "event", "events", "sealed_events"]

_SECONDS: Final = 5.0
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Page:
    """Headers, newest first; ``next`` is the cursor of the following page, None at the end.

    ``doubtful`` are the ids of those that were found by a short token only: they may have held
    another value than the one asked for.
    """

    events: tuple[dict[str, Any], ...]
    next: str | None
    doubtful: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its header, and its sealed part as it is stored.

    With it come its segment's envelope, and the sealed salt of its subject where there is one.
    """

    header: dict[str, Any]
    sealed: bytes | None = None
    envelope: bytes | None = None
    salt: bytes | None = None


def events(
    store: str | Readers, filters: Filters, seconds: float = _SECONDS, value: Tokens | None = None
) -> Page:
    """A page of events; blocks while it reads.

    Args:
        store: The store's URL, or who lends readers of it.
        filters: Which events.
        seconds: How long the search may take.
        value: Only events in which this value was matched.

    Raises:
        BadRequest: It takes longer; or the cursor is one of another store.
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        if filters.cursor is not None and filters.cursor.store != reader.store:
            raise bad("the cursor is one of another store: ask for the first page again")
        before = _LAST if filters.cursor is None else filters.cursor.seq
        try:
            with reader.limited(seconds), reader.snapshot():
                tokens = () if value is None else value.all
                found = search(reader, filters, before, filters.limit + 1, tokens)
                more, found = len(found) > filters.limit, found[: filters.limit]
                doubtful = _doubtful(reader, found, value) if value and found else frozenset()
        except TooSlow:
            raise bad(
                f"the search takes longer than {seconds:g} s:"
                " narrow it with since and until, or with further filters"
            ) from None
        following = str(Cursor(reader.store, found[-1][0])) if more else None
    return Page(tuple(header for _, header in found), following, doubtful)


def _doubtful(
    reader: Reader, found: list[tuple[int, dict[str, Any]]], value: Tokens
) -> frozenset[str]:
    places, longs = ", ".join("?" * len(found)), ", ".join("?" * len(value.long))
    sql = f"SELECT seq FROM blind WHERE token IN ({longs}) AND seq IN ({places})"  # noqa: S608 - made of question marks
    certain = {seq for (seq,) in reader.rows(sql, (*value.long, *(seq for seq, _ in found)))}
    return frozenset(header["id"] for seq, header in found if seq not in certain)


def sealed_events(store: str, filters: Filters) -> Iterator[Event]:
    """All events with their sealed parts, in the order in which they were committed.

    ``limit`` and ``cursor`` are not looked at; the store may be written meanwhile.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    conditions, values = filters.conditions()
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    with open_reader(store) as reader:
        salts = Salts(reader)
        for row in reader.each(_with_sealed(where), values):
            yield _event(row, salts)


def event(store: str | Readers, event_id: str) -> Event | None:
    """The event with an id; None where there is none, or none any more.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        rows = reader.rows(_with_sealed(" WHERE id = ?"), (event_id,))
        if not rows or is_pruned(rows[0][0]):
            return None
        return _event(rows[0], Salts(reader))


def _event(row: tuple[Any, ...], salts: Salts) -> Event:
    header = header_of(row[0])
    return Event(header, _blob(row[1]), _blob(row[2]), salts.find(header))


def _with_sealed(where: str) -> str:
    """The query for headers with their sealed parts, in the order of their commits."""
    return (
        f"SELECT r.header, s.ciphertext, g.envelope FROM (SELECT seq, header FROM records{where}) r"  # noqa: S608 - made of constants; values are bound
        " LEFT JOIN sealed s ON s.seq = r.seq LEFT JOIN segments g ON g.number = s.segment"
        " ORDER BY r.seq"
    )


def _blob(value: object) -> bytes | None:
    """A stored blob; of something else, bytes that match no digest."""
    return value if value is None or isinstance(value, bytes) else repr(value).encode()
