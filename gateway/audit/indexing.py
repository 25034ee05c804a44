"""Puts full blocks of records into the index for filters, off the way of writers.

A block's index follows from its records, so whoever writes it writes the same; a second writer of
it changes nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gateway.audit.holds import time_of
from gateway.audit.postings import BLOCK, Postings
from gateway.audit.search import indexed
from gateway.audit.store.schema import COLUMNS, LAST_SEQ

if TYPE_CHECKING:
    from gateway.audit.store.base import Reader, Store

__all__ = ["index", "index_anew"]

_PIECE: Final = 256
_BREATH: Final = 0.001
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
    block, rows = _block(reader, number)
    with store.work() as work:
        if work.run("INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT DO NOTHING", block):
            work.many("INSERT INTO postings VALUES (?, ?, ?)", rows)
    return True


def index_anew(reader: Reader, store: Store, number: int) -> None:
    """Indexes a block again, if it is in the index: some of its records were pruned.

    Raises:
        AuditUnavailable: The store cannot be read or written.
    """
    if number * BLOCK >= indexed(reader):
        return
    _, rows = _block(reader, number)
    with store.work() as work:
        work.run("DELETE FROM postings WHERE block = ?", (number,))
        work.many("INSERT INTO postings VALUES (?, ?, ?)", rows)


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
