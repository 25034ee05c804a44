"""Puts blocks of records into the index for filters as they grow, off the way of writers.

What the index holds of a block follows from its records, so whoever writes it writes the same. A
step takes in what has come since the one before, in one transaction that also says how far it went:
wherever an indexer is cut off, its index holds what it says that it holds.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.holds import time_of
from gateway.audit.levels import Index
from gateway.audit.postings import BLOCK, Postings, block_of
from gateway.audit.search import indexed
from gateway.audit.store.schema import COLUMNS, LAST_SEQ
from gateway.audit.store.values import number as number_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateway.audit.store.base import Reader, Store, Work

__all__ = ["STEP", "index", "unindex"]

STEP: Final = 512
"""Records after which a block that is not full is indexed further; blocks are whole steps."""

_PIECE: Final = 256
_BREATH: Final = 0.001
_FURTHER: Final = (
    "UPDATE blocks SET records = ?, earliest = CASE WHEN ? < earliest THEN ? ELSE earliest END,"
    " latest = CASE WHEN ? > latest THEN ? ELSE latest END WHERE block = ?"
)
_BEGUN: Final = "INSERT INTO blocks (block, earliest, latest, records) VALUES (?, ?, ?, ?)"
_ROW: Final = "INSERT INTO postings (block, term, bits) VALUES (?, ?, ?)"
_UNINDEXED: Final = "SELECT value FROM meta WHERE key = 'unindexed'"
"""How often records were taken out of the index."""
_INDEXED: Final = ", ".join("NULL" if name == "request" else name for name in COLUMNS)
_RECORDS: Final = f"SELECT seq, id, {_INDEXED} FROM records WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608 - made of constants


def index(reader: Reader, store: Store) -> bool:
    """Indexes what has come to the last block, if that is enough for a step.

    Args:
        reader: Reads the records, without holding up who writes.
        store: Is written in one short transaction.

    Returns:
        Whether more may be due at once. Where the block is not full yet it is not: who indexes a
        log that grows fast would else write the same places over and over.

    Raises:
        AuditUnavailable: The store cannot be read or written.
    """
    done = indexed(reader)
    (last,) = reader.rows(LAST_SEQ)[0]
    number = done // BLOCK
    full = (number + 1) * BLOCK
    end = min(full, int(last) // STEP * STEP)
    if end <= done:
        return False
    unindexed = reader.rows(_UNINDEXED)
    postings, times = _read(reader, number, done, end)
    with store.work() as work:
        # What was pruned while it was read must not come back, and another may have been faster:
        # it is read again.
        if work.rows(_UNINDEXED) != unindexed or indexed(work) != done:
            return True
        _reach(work, number, end, times)
        if done % BLOCK:
            _rewrite(work, number, postings.terms, postings.beside)
        else:
            work.run("DELETE FROM postings WHERE block = ?", (number,))
            work.many(_ROW, [(number, *row) for row in postings.rows()])
    return end == full


def unindex(work: Work, records: Iterable[tuple[int, Sequence[Any]]]) -> None:
    """Takes records out of the index, in the transaction that prunes them.

    Args:
        work: The transaction.
        records: Each with its ``seq`` and its ``COLUMNS`` as they were.
    """
    gone: dict[int, Postings] = {}
    for seq, values in records:
        number = block_of(seq)
        gone.setdefault(number, Postings()).add(seq - number * BLOCK - 1, values)
    for number, postings in gone.items():
        _rewrite(work, number, postings.terms, postings.without)
    ((count,),) = work.rows(_UNINDEXED) or [(0,)]
    work.run("DELETE FROM meta WHERE key = 'unindexed'")
    times = number_in(count, "how often its index was pruned") + 1
    work.run("INSERT INTO meta VALUES ('unindexed', ?)", (str(times),))


def _read(reader: Reader, number: int, done: int, end: int) -> tuple[Postings, list[int]]:
    """What a block's records after ``done`` and up to ``end`` have, and their times."""
    postings, times, first = Postings(), list[int](), number * BLOCK
    for start in range(done, end, _PIECE):
        for seq, name, *values in reader.rows(_RECORDS, (start, min(start + _PIECE, end))):
            postings.add(seq - first - 1, values)
            times.append(time_of(name))
        # Other threads of the process are not held up for a whole block.
        time.sleep(_BREATH)
    return postings, times


def _reach(work: Work, number: int, end: int, times: Sequence[int]) -> None:
    """Says that a block is indexed up to ``end``."""
    records, earliest, latest = end - number * BLOCK, min(times, default=0), max(times, default=0)
    if not work.run(_FURTHER, (records, earliest, earliest, latest, latest, number)):
        work.run(_BEGUN, (number, earliest, latest, records))


def _rewrite(
    work: Work,
    number: int,
    terms: Iterable[int],
    change: Callable[[Mapping[int, bytes]], list[tuple[int, bytes]]],
) -> None:
    """Changes the bits of terms that a block has, wherever they are.

    Args:
        work: The transaction.
        number: The block's.
        terms: Which.
        change: Makes of some of them with what is stored, nothing where nothing is, what takes
            its place.
    """
    for home, some in Index(work).homes(number, terms):
        where = f"{home.table} AND term IN ({', '.join('?' * len(some))})"
        values = (*home.values, *some)
        rows = work.rows(f"SELECT term, bits FROM {where}", values)  # noqa: S608 - made of constants and question marks
        stored = dict.fromkeys(some, b"")
        stored |= {term: bits for term, bits in rows if isinstance(bits, bytes)}
        if rows:
            work.run(f"DELETE FROM {where}", values)  # noqa: S608 - made of constants and question marks
        work.many(home.insertion, [(*home.values, *row) for row in change(stored)])
