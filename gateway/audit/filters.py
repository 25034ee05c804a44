"""Which events are asked for: what pages, live streams and exports may be narrowed by."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self, get_args

from gateway.audit.cursor import Cursor
from gateway.audit.postings import NAMES, term
from gateway.audit.record import Stage
from gateway.audit.store.schema import PRUNED, TAGGED, columns, tag
from gateway.errors import BadRequest
from gateway.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILTERS", "Filters", "bad", "floor_id", "parse_time"]

FILTERS: Final = (
    "since", "until", "stage", "request", "actor", "role", "tenant", "model", "upstream", "route",
    "decision", "scanner", "entity", "rule", "status", "limit", "cursor",
)  # fmt: skip
"""The names that a query string may hold."""

_MAX_LIMIT: Final = 1000
_MAX_VALUE: Final = 256
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
_STAGES: Final[tuple[str, ...]] = get_args(Stage)
_DECISIONS: Final = ("allow", "flag", "tokenise", "redact", "block", "deny")
_COLUMNS: Final = {**NAMES, "request": "request"}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events are asked for; all conditions hold at once, None asks for nothing.

    ``since`` (included) and ``until`` (not included) are Unix milliseconds.
    """

    since: int | None = None
    until: int | None = None
    stage: str | None = None
    request: str | None = None
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
    cursor: Cursor | None = None

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> Self:
        """Reads filters as a query string or a command line gives them.

        Raises:
            BadRequest: A name is unknown or a value is not of its kind; the message says which.
        """
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name not in FILTERS:
                raise bad(f"there is no such filter; there are {', '.join(FILTERS)}")
            if not value or len(value) > _MAX_VALUE or not value.isprintable():
                raise bad(f"the filter {name!r} needs 1 to {_MAX_VALUE} printable characters")
            found[name] = _READERS.get(name, str)(value)
        return cls(**found)

    @property
    def timed(self) -> bool:
        """Whether a time is asked for."""
        return self.since is not None or self.until is not None

    @property
    def terms(self) -> tuple[int, ...]:
        """The terms that an event must have in the index; see ``gateway.audit.postings``."""
        wanted = ((name, getattr(self, name)) for name in (*NAMES, *TAGGED))
        return tuple(term(name, value) for name, value in wanted if value is not None)

    def matches(self, header: Mapping[str, Any]) -> bool:
        """Whether an event's header is asked for; ``limit`` and ``cursor`` are no conditions."""
        if self.since is not None and header["id"] < floor_id(self.since):
            return False
        if self.until is not None and header["id"] >= floor_id(self.until):
            return False
        actor = header["actor"] or {}
        for name in _COLUMNS:
            wanted = getattr(self, name)
            given = actor.get("subject") if name == "actor" else header[name]
            if wanted is not None and wanted != given:
                return False
        tags = columns(header)[-1] or ""
        return all(
            tag(kind, getattr(self, kind)) in tags
            for kind in TAGGED
            if getattr(self, kind) is not None
        )

    def conditions(self, *, timed: bool = True) -> tuple[list[str], list[Any]]:
        """The SQL conditions on ``records``, of which there are headers, and their values.

        Args:
            timed: Those on the time, too.
        """
        found: list[tuple[str, Any]] = [
            (f"{column} = ?", getattr(self, name))
            for name, column in _COLUMNS.items()
            if getattr(self, name) is not None
        ]
        # Of the functions that look into texts, the one that every store has by this name.
        found += [
            ("replace(tags, ?, '') <> tags", tag(kind, getattr(self, kind)))
            for kind in TAGGED
            if getattr(self, kind) is not None
        ]
        if timed and self.since is not None:
            found.append(("id >= ?", floor_id(self.since)))
        if timed and self.until is not None:
            found.append(("id < ?", floor_id(self.until)))
        conditions = [f"stage <> '{PRUNED}'", *(condition for condition, _ in found)]
        return conditions, [value for _, value in found]


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
        raise bad("a time is 2026-01-31T12:00:00Z, or 24h for the last 24 hours") from None
    return max(0, round(moment * 1000))


def floor_id(milliseconds: int) -> str:
    """What every id of this moment or later is at least, and every earlier one below."""
    digits = f"{min(milliseconds, 2**48 - 1):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def bad(message: str) -> BadRequest:
    """A question that cannot be answered; the message says why."""
    return BadRequest(f"audit query: {message}", message=message)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal()


def _limit(value: str) -> int:
    if not _is_number(value) or len(value) > 4 or not 1 <= int(value) <= _MAX_LIMIT:
        raise bad(f"limit is a number from 1 to {_MAX_LIMIT}")
    return int(value)


def _status(value: str) -> int:
    if not _is_number(value) or len(value) != 3:
        raise bad("status is an HTTP status such as 403")
    return int(value)


def _stage(value: str) -> str:
    if value not in _STAGES:
        raise bad(f"stage is one of {', '.join(_STAGES)}")
    return value


def _decision(value: str) -> str:
    if value not in _DECISIONS:
        raise bad(f"decision is one of {', '.join(_DECISIONS)}")
    return value


def _cursor(value: str) -> Cursor:
    cursor = Cursor.parse(value)
    if cursor is None:
        raise bad("cursor is the `next` of an earlier page")
    return cursor


_READERS: Final = {
    "since": parse_time,
    "until": parse_time,
    "stage": _stage,
    "decision": _decision,
    "status": _status,
    "limit": _limit,
    "cursor": _cursor,
}
