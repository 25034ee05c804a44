"""Puts full blocks of records into the index for filters, off the way of writers.

A block's index follows from its records, so whoever writes it writes the same; a second writer of
it changes nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.holds import time_of
from gateway.audit.levels import Index
from gateway.audit.postings import BLOCK, Postings, block_of
from gateway.audit.search import indexed
from gateway.audit.store.schema import COLUMNS, LAST_SEQ

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.audit.store.base import Reader, Store, Work

__all__ = ["index", "unindex"]

_PIECE: Final = 256
_BREATH: Final = 0.001
_UNINDEXED: Final = "SELECT value FROM meta WHERE key = 'unindexed'"
"""How often records were taken out of the index."""
_RECORDS: Final = (
    f"SELECT seq, id, {', '.join(COLUMNS)} FROM records WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608 - made of constants
)


def index(reader: Reader, store: Store) -> bool:
    """Indexes the next block, if it is full.

    Args:
        reader: Reads the records, without holding up who writes.
        store: Is written in one short transaction.

    Returns:
        Whether there was one; another may be full too.

    Raises:
        AuditUnavailable: The store cannot be read or written.
    """
    done = indexed(reader)
    (last,) = reader.rows(LAST_SEQ)[0]
    if last < done + BLOCK:
        return False
    number = done // BLOCK
    unindexed = reader.rows(_UNINDEXED)
    block, rows = _block(reader, number)
    with store.work() as work:
        if work.rows(_UNINDEXED) != unindexed:
            # What was pruned while it was read must not come back: it is read again.
            return True
        if work.run("INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT DO NOTHING", block):
            work.many("INSERT INTO postings (block, term, bits) VALUES (?, ?, ?)", rows)
    return True


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
    there = Index(work)
    for number, postings in gone.items():
        for home, terms in there.homes(number, postings.terms):
            where = f"{home.table} AND term IN ({', '.join('?' * len(terms))})"
            values = (*home.values, *terms)
            stored = dict(work.rows(f"SELECT term, bits FROM {where}", values))  # noqa: S608 - made of constants and question marks
            work.run(f"DELETE FROM {where}", values)  # noqa: S608 - made of constants and question marks
            left = [(*home.values, *row) for row in postings.without(stored)]
            work.many(home.insertion, left)
    ((count,),) = work.rows(_UNINDEXED) or [(0,)]
    work.run("DELETE FROM meta WHERE key = 'unindexed'")
    work.run("INSERT INTO meta VALUES ('unindexed', ?)", (str(int(count) + 1),))


def _block(
    reader: Reader, number: int
) -> tuple[tuple[int, int, int], list[tuple[int, int, bytes]]]:
    """What the index holds of a block: its row, and those of its terms."""
    postings, times, first = Postings(), list[int](), number * BLOCK
    for start in range(first, first + BLOCK, _PIECE):
        for seq, name, *values in reader.rows(_RECORDS, (start, start + _PIECE)):
            postings.add(seq - first - 1, values)
            times.append(time_of(name))
        # Other threads of the process are not held up for a whole block.
        time.sleep(_BREATH)
    block = (number, min(times, default=0), max(times, default=0))
    return block, [(number, term, bits) for term, bits in postings.rows()]
