"""Retention: takes out what is older than it may be, and leaves a record of that.

Sealed parts go first, with the tokens and salts that belong to them; headers later. Of a header
its leaf hash stays in its place, so chains, tree and proofs hold as before: what was pruned is
known to have been there. Records go in the order of the log, from its beginning on; what is held
stays. Records of prunings and holds stay, too: they are why something else may be missing. Of old
checkpoints the last of each day stays.

The record is written before anything is taken out, once it was seen that this can be done. Each
says what is gone up to a place in the log and how many are kept there, and holds until the next one
of its kind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.audit.chain import leaf
from gateway.audit.filters import floor_id
from gateway.audit.holds import Held, holds_of, time_of
from gateway.audit.indexing import unindex
from gateway.audit.record import Record
from gateway.audit.store.schema import COLUMNS, decode
from gateway.audit.store.values import number
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.audit.store.base import Reader, Store, Work

__all__ = ["KEPT", "Periods", "Pruned", "prune", "prunings"]

What = Literal["sealed", "headers"]
_PROOFS: Final = "proofs"
KEPT: Final = ("audit.pruned", "audit.held", "audit.released")
"""Stages whose headers stay."""

_WINDOW: Final = 500
_MOST: Final = 50_000
_BATCH: Final = 100
_BREATH: Final = 0.01
_NEXT: Final = "SELECT seq, id FROM records WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
_LIVE: Final = {
    "sealed": (
        "SELECT r.seq, r.id, r.subject, r.request, r.tenant FROM sealed s"
        " JOIN records r ON r.seq = s.seq WHERE s.seq > ? AND s.seq <= ?"
    ),
    "headers": (
        "SELECT seq, id, subject, request, tenant FROM records WHERE seq > ? AND seq <= ?"
        " AND stage NOT IN ('pruned', 'audit.pruned', 'audit.held', 'audit.released')"
    ),
}
_SALTS: Final = tuple(
    f"DELETE FROM {table} WHERE {column} < ?"  # noqa: S608 - made of constants
    f" AND {column} NOT IN (SELECT segment FROM sealed WHERE seq <= ?)"
    for table, column in (("salts", "segment"), ("segments", "number"))
)
_BORDER: Final = 50_000
"""How many sealed parts behind those that were pruned may be of segments that began before."""
_CHECKPOINTS: Final = (
    "SELECT number, size, time FROM checkpoints WHERE number > ? ORDER BY number LIMIT ?"
)
_DROP_CHECKPOINT: Final = "DELETE FROM checkpoints WHERE number = ?"
_NOTHING: Final = -1
"""The place or the number of nothing."""
_DAY: Final = 86_400_000
_TOLD: Final = "SELECT seq, header FROM records WHERE stage = 'audit.pruned' ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Periods:
    """How long things are kept, in seconds; None is for ever."""

    sealed: float | None = None
    headers: float | None = None
    proofs: float | None = None


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a record of a pruning says.

    Attributes:
        seq: Where it stands.
        last: Up to where in the log things were taken out.
        kept: How many were kept up to there.
        number: Up to which checkpoint some were taken out; 0 where it was none of those.
    """

    seq: int
    last: int
    kept: int
    number: int = 0


def prune(
    reader: Reader,
    store: Store,
    periods: Periods,
    record: Callable[[Record], object],
    now: float | None = None,
) -> bool:
    """Takes out what has expired, a bounded number of records.

    Args:
        reader: Of the store.
        store: Is written in short transactions.
        periods: How long things are kept.
        record: Writes a record, and returns when it is durable.
        now: Unix seconds.

    Returns:
        Whether there may be more to do at once.

    Raises:
        AuditUnavailable: The store cannot be read or written, or the record cannot be.
    """
    more = False
    now = time.time() if now is None else now
    whats: tuple[tuple[What, float | None], ...] = (
        ("sealed", periods.sealed),
        ("headers", periods.headers),
    )
    for what, period in whats:
        if period is not None:
            more = _prune(reader, store, what, round((now - period) * 1000), record) or more
    if periods.proofs is not None:
        cutoff = round((now - periods.proofs) * 1000)
        more = _thin(reader, store, cutoff, record) or more
    return more


def prunings(reader: Reader) -> dict[str, Pruned]:
    """The newest record of a pruning of each kind.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    found: dict[str, Pruned] = {}
    for seq, raw in reader.rows(_TOLD):
        detail = (decode(raw) or {}).get("detail") or {}
        what, last, kept = detail.get("what"), detail.get("last"), detail.get("kept")
        if isinstance(last, int) and isinstance(kept, int) and last < seq:
            newest = detail.get("number")
            found[str(what)] = Pruned(seq, last, kept, newest if isinstance(newest, int) else 0)
    return found


def _thin(reader: Reader, store: Store, cutoff: int, record: Callable[[Record], object]) -> bool:
    """Takes out old checkpoints, all but the last of each day (UTC)."""
    key = f"pruned.{_PROOFS}"
    done = _done(reader, key)
    rows = [_numbers(row) for row in reader.rows(_CHECKPOINTS, (done, _MOST))]
    gone = [
        one[:2]
        for one, following in pairwise(rows)
        if one[2] < cutoff and one[2] // _DAY == following[2] // _DAY
    ]
    if not gone:
        return False
    with store.work() as work:
        work.run(_DROP_CHECKPOINT, (_NOTHING,))
        _note(work, key, done)
    newest, last = gone[-1][0], max(size for _, size in gone)
    ((there,),) = reader.rows("SELECT count(*) FROM checkpoints WHERE number <= ?", (newest,))
    detail = _detail(_PROOFS, last, len(gone), there - len(gone), cutoff)
    record(Record("audit.pruned", detail={**detail, "number": newest}))
    for start in range(0, len(gone), _BATCH):
        numbers = [(one,) for one, _ in gone[start : start + _BATCH]]
        with store.work() as work:
            work.many(_DROP_CHECKPOINT, numbers)
            _note(work, key, numbers[-1][0])
        time.sleep(_BREATH)
    return len(rows) == _MOST


def _numbers(row: Sequence[Any]) -> tuple[int, int, int]:
    """Number, size and time of a checkpoint."""
    found, size, moment = (number(one, "when it was signed") for one in row)
    return found, size, moment


def _done(reader: Reader, key: str) -> int:
    ((place,),) = reader.rows("SELECT value FROM meta WHERE key = ?", (key,)) or [("0",)]
    return number(place, "how far it was pruned")


def _note(work: Work, key: str, place: int) -> None:
    work.run("DELETE FROM meta WHERE key = ?", (key,))
    work.run("INSERT INTO meta VALUES (?, ?)", (key, str(place)))


def _detail(what: str, last: int, pruned: int, kept: int, cutoff: int) -> dict[str, Any]:
    before = datetime.fromtimestamp(cutoff / 1000, UTC).isoformat(timespec="seconds")
    return {"what": what, "last": last, "pruned": pruned, "kept": kept, "before": before}


def _prune(
    reader: Reader, store: Store, what: What, cutoff: int, record: Callable[[Record], object]
) -> bool:
    key, held_key = f"pruned.{what}", f"held.{what}"
    done, held = _done(reader, key), _done(reader, held_key)
    last = _expired(reader, done, cutoff)
    # What was held earlier may have been released; without any, all before is gone already.
    live = reader.rows(_LIVE[what], (0 if held else done, last))
    holds = holds_of(reader)
    gone = [row[0] for row in live if not any(hold.covers(_held(row)) for hold in holds)]
    kept = len(live) - len(gone)
    if gone:
        _try(store, what, key, done)
        record(Record("audit.pruned", detail=_detail(what, last, len(gone), kept, cutoff)))
        kept = len(live) - _take_all_out(reader, store, what, gone)
    if last > done or kept != held:
        salts = _idle_salts(reader, last) if what == "sealed" else None
        with store.work() as work:
            if salts is not None:
                for sql in _SALTS:
                    work.run(sql, (*salts, last))
            _note(work, key, last)
            _note(work, held_key, kept)
    return last - done >= _MOST


def _try(store: Store, what: What, key: str, done: int) -> None:
    """Does to nothing what is to be done: no record says what then cannot be.

    Raises:
        AuditUnavailable: It cannot.
    """
    with store.work() as work:
        if what == "sealed":
            work.drop_parts([_NOTHING])
            for sql in _SALTS:
                work.run(sql, (_NOTHING, _NOTHING))
        else:
            work.prune([(_NOTHING, b"")])
            for table in ("postings", "merged"):
                work.run(f"INSERT INTO {table} SELECT * FROM {table} WHERE block = ?", (_NOTHING,))  # noqa: S608 - made of constants
                work.run(f"DELETE FROM {table} WHERE block = ?", (_NOTHING,))  # noqa: S608 - made of constants
        _note(work, key, done)


def _take_all_out(reader: Reader, store: Store, what: What, gone: list[int]) -> int:
    """Takes records out, batch by batch; gives how many it were in the end."""
    taken = 0
    for start in range(0, len(gone), _BATCH):
        taken += _take_out(reader, store, what, gone[start : start + _BATCH])
        # Whoever writes is not held up for long.
        time.sleep(_BREATH)
    return taken


def _expired(reader: Reader, done: int, cutoff: int) -> int:
    """The last of the records that have expired, in the order of the log.

    What the newest checkpoint does not cover stays: nothing is taken out that is not proven.
    """
    rows = reader.rows("SELECT size FROM checkpoints ORDER BY number DESC LIMIT 1")
    size = number(rows[0][0], "how many records its newest checkpoint has") if rows else 0
    end, last, floor = min(size, done + _MOST), done, floor_id(cutoff)
    while found := reader.rows(_NEXT, (last, end, _WINDOW)):
        for seq, name in found:
            if not isinstance(name, str):
                raise AuditUnavailable(
                    "the store holds a damaged record: run `gateway audit verify`"
                )
            if name >= floor:
                return last
            last = seq
    return last


def _idle_salts(reader: Reader, last: int) -> tuple[int] | None:
    """The segment before which only what is held can need salts; None where nothing says so."""
    rows = reader.rows(
        "SELECT min(segment) FROM"
        " (SELECT segment FROM sealed WHERE seq > ? ORDER BY seq LIMIT ?) s",
        (last, _BORDER),
    )
    return None if rows[0][0] is None else (rows[0][0],)


def _take_out(reader: Reader, store: Store, what: What, seqs: list[int]) -> int:
    """One batch; what somebody has put under a hold since stays. Gives how many went."""
    places = ", ".join("?" * len(seqs))
    sql = (
        "SELECT seq, id, subject, request, tenant, header,"  # noqa: S608 - made of constants and question marks
        f" {', '.join(COLUMNS)} FROM records WHERE seq IN ({places})"
    )
    rows = reader.rows(sql, seqs)
    with store.work() as work:
        holds = holds_of(work)
        free = [row for row in rows if not any(hold.covers(_held(row)) for hold in holds)]
        if what == "sealed":
            work.drop_parts([row[0] for row in free])
        else:
            # What is no record any more stays as it is, for whoever verifies.
            free = [row for row in free if isinstance(row[5], bytes)]
            work.prune([(row[0], leaf(row[5])) for row in free])
            unindex(work, [(row[0], row[6:]) for row in free])
    return len(free)


def _held(row: Iterable[Any]) -> Held:
    _, name, subject, request, tenant, *_ = row
    return Held(subject, request, tenant, time_of(name))
