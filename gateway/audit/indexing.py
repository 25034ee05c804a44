"""Puts full blocks of records into the index for filters, off the way of writers.

A block's index follows from its records, so whoever writes it writes the same; a second writer of
it changes nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gateway.audit.postings import BLOCK, Postings
from gateway.audit.search import indexed
from gateway.audit.store.schema import COLUMNS, LAST_SEQ

if TYPE_CHECKING:
    from gateway.audit.store.base import Reader, Store

__all__ = ["index"]

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
    postings, times = Postings(), list[int]()
    for start in range(done, done + BLOCK, _PIECE):
        for seq, name, *values in reader.rows(_RECORDS, (start, start + _PIECE)):
            postings.add(seq - done - 1, values)
            times.append(_milliseconds(name))
        # Other threads of the process are not held up for a whole block.
        time.sleep(_BREATH)
    number = done // BLOCK
    block = (number, min(times, default=0), max(times, default=0))
    rows = [(number, term, bits) for term, bits in postings.rows()]
    with store.work() as work:
        if work.run("INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT DO NOTHING", block):
            work.many("INSERT INTO postings VALUES (?, ?, ?)", rows)
    return True


def _milliseconds(name: str) -> int:
    """The time in a record's id; 0 where somebody has put something else there."""
    try:
        return int(name[:8] + name[9:13], 16)
    except ValueError:
        return 0
