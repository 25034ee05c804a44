"""Legal holds: what no retention prunes and no erasure reaches until somebody releases it.

Placing and releasing one is a record each, written in the transaction that does it. The records
stay whatever the retention is, so a hold that was taken out of the store is missed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

from gateway.audit.ledger import Item
from gateway.audit.record import Record
from gateway.audit.store.schema import decode
from gateway.audit.store.values import number as as_number
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.audit.ledger import Ledger
    from gateway.audit.store.base import Reader, Work

__all__ = ["Held", "Hold", "holds_of", "missing_holds", "place", "release", "time_of"]

_ALL: Final = "SELECT number, kind, value, reason, by, since FROM holds ORDER BY number"
_TOLD: Final = (
    "SELECT header FROM records WHERE stage = 'audit.held' OR stage = 'audit.released' ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class Held:
    """What of a record a hold looks at; ``time`` in Unix milliseconds."""

    subject: str | None
    request: str | None
    tenant: str | None
    time: int

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> Self:
        """That of a header."""
        subject = (header["actor"] or {}).get("subject")
        return cls(subject, header["request"], header["tenant"], time_of(header["id"]))


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold.

    Attributes:
        number: Its number in the store.
        kind: What ``value`` names.
        value: A subject, a request or a tenant; of a time the first and the last Unix millisecond
            with ``/`` between them.
        reason: Why.
        by: Who placed it.
        since: When, in Unix milliseconds.
    """

    number: int
    kind: str
    value: str
    reason: str
    by: str
    since: int

    def covers(self, record: Held) -> bool:
        """Whether it keeps a record. One that is not understood keeps everything."""
        if self.kind == "time":
            try:
                first, last = map(int, str(self.value).split("/"))
            except ValueError:
                return True
            return first <= record.time <= last
        wanted = {
            "subject": record.subject,
            "request": record.request,
            "tenant": record.tenant,
        }
        return wanted.get(self.kind, self.value) == self.value


def time_of(name: str) -> int:
    """The Unix milliseconds in a record's id; 0 where somebody has put something else there."""
    try:
        return int(name[:8] + name[9:13], 16)
    except (ValueError, TypeError):
        return 0


def holds_of(source: Reader | Work) -> tuple[Hold, ...]:
    """The holds of a store, by number."""
    return tuple(Hold(*row) for row in source.rows(_ALL))


def place(ledger: Ledger, hold: Hold) -> Hold:
    """Places a hold, whatever its ``number``; gives it with the one that it has.

    Raises:
        AuditUnavailable: It could not be written; nothing is held.
    """
    placed = replace(hold, number=_number(ledger))

    def insert(work: Work) -> None:
        values = tuple(asdict(placed).values())
        work.run("INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?)", values)

    ledger.commit([Item(Record("audit.held", detail=asdict(placed)))], insert)
    return placed


def _number(ledger: Ledger) -> int:
    """A number that no hold had before."""
    with ledger.work() as work:
        rows = work.rows("SELECT value FROM meta WHERE key = 'holds'")
        number = as_number(rows[0][0], "how many holds there were") + 1 if rows else 1
        work.run("DELETE FROM meta WHERE key = 'holds'")
        work.run("INSERT INTO meta VALUES ('holds', ?)", (str(number),))
    return number


def release(ledger: Ledger, number: int, by: str, reason: str) -> None:
    """Releases a hold.

    Raises:
        BadRequest: There is no such hold.
        AuditUnavailable: It could not be written; the hold stays.
    """

    def delete(work: Work) -> None:
        if not work.run("DELETE FROM holds WHERE number = ?", (number,)):
            raise _GoneError("there is no such hold")

    detail = {"number": number, "by": by, "reason": reason}
    try:
        ledger.commit([Item(Record("audit.released", detail=detail))], delete)
    except _GoneError:
        message = f"there is no hold {number}: see `gateway audit hold list`"
        raise BadRequest(f"audit hold: {message}", message=message) from None


class _GoneError(AuditUnavailable):
    """The hold is not there."""


def missing_holds(reader: Reader) -> list[int]:
    """Numbers of holds that were placed and never released, and are not in the store any more.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    there = {hold.number for hold in holds_of(reader)}
    return sorted(_standing(reader.rows(_TOLD)) - there)


def _standing(rows: Iterable[Sequence[Any]]) -> set[int]:
    standing: set[int] = set()
    for (raw,) in rows:
        header = decode(raw) or {}
        number = (header.get("detail") or {}).get("number")
        if not isinstance(number, int):
            continue
        if header["stage"] == "audit.held":
            standing.add(number)
        else:
            standing.discard(number)
    return standing
