"""Makes what was sealed of a person unreadable for everybody, and keeps a record of that.

The salts of the subject are deleted, in the transaction that writes the record: there is no
erasure without a record, and none that is recorded and did not happen. Ciphertexts, headers and
proofs stay. A legal hold on the subject refuses the erasure.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.binding import Subject
from gateway.audit.filters import Filters
from gateway.audit.holds import Held, holds_of
from gateway.audit.ledger import Item, Ledger
from gateway.audit.record import Record
from gateway.audit.salts import Salts, Scope
from gateway.audit.search import search
from gateway.audit.store.opening import open_reader
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.audit.ledger import Keys
    from gateway.audit.store.base import Reader, Work

__all__ = ["Erasure", "count", "erase"]

_ATTEMPTS: Final = 10
_PAGE: Final = 1000
_BUSY: Final = 30.0
_LAST: Final = 2**62
_RAISE: Final = (
    "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'erasures'"
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much an erasure reaches.

    Attributes:
        salts: Salts of the subject.
        records: Sealed parts that open with them.
        left: Sealed parts of the subject that version 1 sealed, without a salt: they stay readable.
    """

    salts: int
    records: int
    left: int


class _HeldError(AuditUnavailable):
    """A legal hold keeps the subject's records."""


class _MovedError(AuditUnavailable):
    """There are other salts than were counted."""


def count(url: str, scope: Scope) -> Erasure:
    """What an erasure would reach now.

    Raises:
        ConfigurationError: The URL is no store's.
        AuditUnavailable: The store cannot be read.
    """
    return _reach(url, scope)[0]


def _reach(url: str, scope: Scope, before: str | None = None) -> tuple[Erasure, dict[int, Held]]:
    """What an erasure reaches, and the subject's records by their places.

    Args:
        url: The store.
        scope: Whom.
        before: Only what stands before the record with this id.
    """
    with open_reader(url) as reader, reader.snapshot():
        where, values = _where(scope)
        ((salts,),) = reader.rows(f"SELECT count(*) FROM salts WHERE {where}", values)  # noqa: S608 - made of constants; values are bound
        end = reader.rows("SELECT seq FROM records WHERE id = ?", (before,))
        records, left, reached = _parts(reader, scope, end[0][0] if end else _LAST)
    return Erasure(salts, records, left), reached


def erase(url: str, keys: Keys, scope: Scope, *, by: str, reason: str | None = None) -> Erasure:
    """Erases a subject, as a writer of its own; running writers go on with new salts.

    Args:
        url: The store.
        keys: Of the log, as every writer has them.
        scope: Whom.
        by: Who asked for it, for the record.
        reason: Why, for the record.

    Returns:
        What was erased.

    Raises:
        ConfigurationError: A legal hold keeps the records; nothing is erased.
        AuditUnavailable: It could not be done; or it was, and the store's files still hold what
            was deleted: do it again.
    """
    ledger = Ledger(url, keys, _BUSY)
    with contextlib.closing(ledger):
        found = _erase(ledger, url, scope, {"by": by, "reason": reason})
        try:
            ledger.scrub()
        except AuditUnavailable as error:
            what = (
                f"{scope.subject} was erased, but {error.reason}: erase again, to clean the files"
            )
            raise AuditUnavailable(what) from None
    return found


def _erase(ledger: Ledger, url: str, scope: Scope, said: dict[str, Any]) -> Erasure:
    for _ in range(_ATTEMPTS):
        found, reached = _reach(url, scope)
        record = Record("audit.erased", detail={**asdict(scope), **asdict(found), **said})
        try:
            ledger.commit([Item(record)], lambda work: _delete(work, scope, found.salts, reached))  # noqa: B023 - called at once
        except _MovedError:
            continue
        except _HeldError as error:
            advice = "nothing is erased while it holds"
            raise ConfigurationError(Problem(Place(scope.subject), error.reason, advice)) from None
        ledger.tidy()
        # Those that came after the count; what is left of them finds nothing that can be opened.
        later = _reach(url, scope, before=record.id)[1]
        with ledger.work() as work:
            work.forget(list(later))
        return found
    raise AuditUnavailable("the subject's salts changed each time they were counted: try again")


def _delete(work: Work, scope: Scope, expected: int, reached: Mapping[int, Held]) -> None:
    where, values = _where(scope)
    # Of each tenant that has a salt, also where no record was found.
    tenants = work.rows(f"SELECT DISTINCT tenant FROM salts WHERE {where}", values)  # noqa: S608 - made of constants; values are bound
    meant = [Held(scope.subject, None, tenant, -1) for (tenant,) in tenants or [(None,)]]
    for hold in holds_of(work):
        if any(hold.covers(one) for one in (*meant, *reached.values())):
            what = f"legal hold {hold.number} of {hold.by} keeps these records: {hold.reason}"
            raise _HeldError(what)
    if work.run(f"DELETE FROM salts WHERE {where}", values) != expected:  # noqa: S608 - made of constants; values are bound
        raise _MovedError("other salts than were counted")
    work.forget(list(reached))
    work.run(_RAISE)


def _where(scope: Scope) -> tuple[str, list[str]]:
    given = {name: value for name, value in asdict(scope).items() if value is not None}
    return " AND ".join(f"{name} = ?" for name in given), list(given.values())


def _parts(reader: Reader, scope: Scope, before: int) -> tuple[int, int, dict[int, Held]]:
    """How many sealed parts open with salts that are there, how many without any, and which."""
    salts, filters, reached = Salts(reader), Filters(actor=scope.subject), dict[int, Held]()
    records, left, last = 0, 0, before
    while page := search(reader, filters, last, _PAGE):
        for last, header in page:
            subject = Subject.of(header)
            if header["sealed"] is None or subject is None or not scope.covers(subject):
                continue
            reached[last] = Held.of(header)
            records += salts.find(header) is not None
            left += header["sealed"].get("salt") is None
    return records, left, reached
