"""Questions to the audit log: filters, pages of events, one event.

Events come newest first. A page's cursor is the id of its last event, and ids hold their time,
so a page costs the same wherever it is, and ``since`` and ``until`` are ranges of ids.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from gateway.audit.store.opening import open_reader
from gateway.audit.store.schema import columns, decode, tag
from gateway.errors import AuditUnavailable, BadRequest
from gateway.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "FILTERS",
    "Event",
    "Filters",
    "Page",
    "event",
    "events",
    "parse_time",
    "sealed_events",
]

FILTERS: Final = (
    "since", "until", "actor", "role", "tenant", "model", "upstream", "route", "decision",
    "scanner", "entity", "rule", "status", "limit", "cursor",
)  # fmt: skip
"""The names that a query string may hold."""

_MAX_LIMIT: Final = 1000
_MAX_VALUE: Final = 256
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
_COLUMNS: Final = {
    "actor": "subject",
    "tenant": "tenant",
    "model": "model",
    "upstream": "upstream",
    "route": "route",
    "decision": "decision",
    "status": "status",
}
_TAGS: Final = ("role", "scanner", "entity", "rule")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events are asked for; all conditions hold at once, None asks for nothing.

    ``since`` (included) and ``until`` (not included) are Unix milliseconds.
    """

    since: int | None = None
    until: int | None = None
    actor: str | None = None
    role: str | None = None
    tenant: str | None = None
    model: str | None = None
    upstream: str | None = None
    route: str | None = None
    decision: str | None = None
    scanner: str | None = None
    entity: str | None = None
    rule: str | None = None
    status: int | None = None
    limit: int = 100
    cursor: str | None = None

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> Self:
        """Reads filters as a query string or a command line gives them.

        Raises:
            BadRequest: A name is unknown or a value is not of its kind; the message says which.
        """
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name not in FILTERS:
                raise _bad(f"there is no such filter; there are {', '.join(FILTERS)}")
            if not value or len(value) > _MAX_VALUE or not value.isprintable():
                raise _bad(f"the filter {name!r} needs 1 to {_MAX_VALUE} printable characters")
            found[name] = _READERS.get(name, str)(value)
        return cls(**found)

    def matches(self, header: Mapping[str, Any]) -> bool:
        """Whether an event's header is asked for; ``limit`` and ``cursor`` are no conditions."""
        if self.since is not None and header["id"] < _floor(self.since):
            return False
        if self.until is not None and header["id"] >= _floor(self.until):
            return False
        actor = header["actor"] or {}
        wanted = (getattr(self, name) for name in _COLUMNS)
        given = (actor.get("subject"), *(header[name] for name in tuple(_COLUMNS)[1:]))
        if any(
            want is not None and want != value for want, value in zip(wanted, given, strict=True)
        ):
            return False
        tags = columns(header)[-1] or ""
        return all(
            tag(kind, getattr(self, kind)) in tags
            for kind in _TAGS
            if getattr(self, kind) is not None
        )

    def conditions(self) -> tuple[list[str], list[Any]]:
        """The SQL conditions on ``records`` and their values, without the cursor."""
        found: list[tuple[str, Any]] = [
            (f"{column} = ?", getattr(self, name))
            for name, column in _COLUMNS.items()
            if getattr(self, name) is not None
        ]
        found += [
            ("instr(tags, ?)", tag(kind, getattr(self, kind)))
            for kind in _TAGS
            if getattr(self, kind) is not None
        ]
        if self.since is not None:
            found.append(("id >= ?", _floor(self.since)))
        if self.until is not None:
            found.append(("id < ?", _floor(self.until)))
        return [condition for condition, _ in found], [value for _, value in found]


@dataclass(frozen=True, slots=True)
class Page:
    """Headers, newest first; ``next`` is the cursor of the following page, None at the end."""

    events: tuple[dict[str, Any], ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its header, and its sealed part as it is stored, with its segment's envelope."""

    header: dict[str, Any]
    sealed: bytes | None = None
    envelope: bytes | None = None


def events(store: str, filters: Filters) -> Page:
    """A page of events; blocks while it reads.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    conditions, values = filters.conditions()
    if filters.cursor is not None:
        conditions.append("id < ?")
        values.append(filters.cursor)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT id, seq, header FROM records{where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - made of constants; values are bound
    with open_reader(store) as reader:
        rows = reader.rows(sql, (*values, filters.limit + 1))
    following = rows[filters.limit - 1][0] if len(rows) > filters.limit else None
    # Ids of one millisecond are in no order; the order of the commits is the true one.
    rows = sorted(rows[: filters.limit], key=lambda row: (row[0][:13], row[1]), reverse=True)
    return Page(tuple(_header(header) for _, _, header in rows), following)


def sealed_events(store: str, filters: Filters) -> Iterator[Event]:
    """All events with their sealed parts, in the order in which they were committed.

    ``limit`` and ``cursor`` are not looked at; the store may be written meanwhile.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    conditions, values = filters.conditions()
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    with open_reader(store) as reader:
        for header, sealed, envelope in reader.each(_with_sealed(where), values):
            yield Event(_header(header), _blob(sealed), _blob(envelope))


def event(store: str, event_id: str) -> Event | None:
    """The event with an id, or None.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        rows = reader.rows(_with_sealed(" WHERE id = ?"), (event_id,))
    if not rows:
        return None
    header, sealed, envelope = rows[0]
    return Event(_header(header), _blob(sealed), _blob(envelope))


def _with_sealed(where: str) -> str:
    """The query for headers with their sealed parts, in the order of their commits."""
    return (
        f"SELECT r.header, s.ciphertext, g.envelope FROM (SELECT seq, header FROM records{where}) r"  # noqa: S608 - made of constants; values are bound
        " LEFT JOIN sealed s ON s.seq = r.seq LEFT JOIN segments g ON g.number = s.segment"
        " ORDER BY r.seq"
    )


def parse_time(value: str) -> int:
    """Unix milliseconds of an RFC 3339 time, or of a duration before now such as ``24h``.

    Raises:
        BadRequest: It is neither.
    """
    try:
        if _TIME.fullmatch(value):
            moment = datetime.fromisoformat(value).astimezone(UTC).timestamp()
        else:
            moment = time.time() - parse_duration(value)
    except (ValueError, OverflowError):
        raise _bad("a time is 2026-01-31T12:00:00Z, or 24h for the last 24 hours") from None
    return max(0, round(moment * 1000))


def _blob(value: object) -> bytes | None:
    """A stored blob; of something else, bytes that match no digest."""
    return value if value is None or isinstance(value, bytes) else repr(value).encode()


def _header(raw: object) -> dict[str, Any]:
    header = decode(raw)
    if header is None:
        raise AuditUnavailable("the store holds a damaged record: run `gateway audit verify`")
    return header


def _floor(milliseconds: int) -> str:
    """What every id of this moment or later is at least, and every earlier one below."""
    digits = f"{min(milliseconds, 2**48 - 1):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal()


def _limit(value: str) -> int:
    if not _is_number(value) or len(value) > 4 or not 1 <= int(value) <= _MAX_LIMIT:
        raise _bad(f"limit is a number from 1 to {_MAX_LIMIT}")
    return int(value)


def _status(value: str) -> int:
    if not _is_number(value) or len(value) != 3:
        raise _bad("status is an HTTP status such as 403")
    return int(value)


def _cursor(value: str) -> str:
    if not _ID.fullmatch(value):
        raise _bad("cursor is the `next` of an earlier page")
    return value


def _bad(message: str) -> BadRequest:
    return BadRequest(f"audit query: {message}", message=message)


_READERS: Final = {
    "since": parse_time,
    "until": parse_time,
    "status": _status,
    "limit": _limit,
    "cursor": _cursor,
}
