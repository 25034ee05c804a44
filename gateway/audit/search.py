"""Finds the records that filters ask for, newest first, without looking at all of them.

What is indexed is found by its bits (``gateway.audit.postings``); what is not indexed yet, the
newest few hundred records, by the columns. Both are read in windows that grow, so that a page
that is full soon costs little, and a search over everything few statements.

The index proposes and the headers decide: a record that was found and does not match is left out.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.chain import is_pruned
from gateway.audit.filters import floor_id
from gateway.audit.levels import Index
from gateway.audit.postings import BLOCK, EVERY, block_of, decode_bits, descending
from gateway.audit.store.schema import LAST_SEQ, decode
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.audit.filters import Filters
    from gateway.audit.store.base import Reader, Work

__all__ = ["header_of", "indexed", "search"]

_FIRST_RECORDS, _MOST_RECORDS = 256, BLOCK
_FIRST_BLOCKS, _MOST_BLOCKS = 4, 1024
_MOST_BLOCKS_EVER: Final = 2**40
_GROWTH: Final = 4
_IDS: Final = "SELECT seq FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
_LATEST: Final = 2**48 - 1
"""What ids can say at most, in Unix milliseconds."""
_MOST_IDS: Final = 4 * BLOCK
"""Records of one time, at most, that are looked for by their ids."""


def search(
    reader: Reader,
    filters: Filters,
    before: int,
    limit: int,
    tokens: Sequence[int] = (),
) -> list[tuple[int, dict[str, Any]]]:
    """The newest records that match, each with its place in the log's order.

    Args:
        reader: To the store, in one snapshot of it.
        filters: Their ``limit`` and ``cursor`` are not looked at.
        before: Only records with a lower ``seq``.
        limit: At most so many.
        tokens: Only records that have one of these in the blind index; all of them without any.

    Raises:
        AuditUnavailable: The store cannot be read, or holds a record that is none.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    if tokens:
        candidates = _by_value(reader, filters, tokens, before)
    else:
        candidates = _candidates(reader, filters, before)
    while seqs := list(islice(candidates, limit - len(found))):
        found += [one for one in _headers(reader, seqs) if filters.matches(one[1])]
    return found


def indexed(source: Reader | Work) -> int:
    """The last ``seq`` that is in the index; 0 where nothing is."""
    rows = source.rows("SELECT block, records FROM blocks ORDER BY block DESC LIMIT 1")
    if not rows:
        return 0
    number, records = rows[0]
    # Whoever tampers may have put anything there; of what cannot be nothing is indexed.
    if not 0 <= number < _MOST_BLOCKS_EVER:
        return 0
    return int(number) * BLOCK + (records if records in range(BLOCK + 1) else 0)


def header_of(raw: object) -> dict[str, Any]:
    """The header in a stored record.

    Raises:
        AuditUnavailable: It is none.
    """
    header = decode(raw)
    if header is None:
        raise AuditUnavailable("the store holds a damaged record: run `gateway audit verify`")
    return header


def _headers(reader: Reader, seqs: list[int]) -> list[tuple[int, dict[str, Any]]]:
    places = ", ".join("?" * len(seqs))
    sql = f"SELECT seq, header FROM records WHERE seq IN ({places}) ORDER BY seq DESC"  # noqa: S608 - made of question marks
    return [(seq, header_of(raw)) for seq, raw in reader.rows(sql, seqs) if not is_pruned(raw)]


def _candidates(reader: Reader, filters: Filters, before: int) -> Iterator[int]:
    """Places of records that may match, highest first."""
    if filters.request is not None:
        sql = "SELECT seq FROM records WHERE request = ? AND seq < ? ORDER BY seq DESC"
        yield from (seq for (seq,) in reader.rows(sql, (filters.request, before)))
        return
    terms = filters.terms
    # Without a condition every record matches, and no index finds it sooner.
    floor = indexed(reader) if terms or filters.timed else 0
    before = min(before, _last(reader) + 1)
    yield from _by_columns(reader, filters, floor, before)
    before = min(before, floor + 1)
    if before > 1:
        yield from _by_bits(reader, filters, before)


def _by_value(
    reader: Reader, filters: Filters, tokens: Sequence[int], before: int
) -> Iterator[int]:
    """Those that held a value, less those of which the index knows that they do not match."""
    places, size = ", ".join("?" * len(tokens)), _FIRST_RECORDS
    sql = (
        f"SELECT DISTINCT seq FROM blind WHERE token IN ({places}) AND seq < ?"  # noqa: S608 - made of question marks
        " ORDER BY seq DESC LIMIT ?"
    )
    while seqs := [seq for (seq,) in reader.rows(sql, (*tokens, before, size))]:
        yield from _narrowed(reader, filters, seqs)
        before, size = seqs[-1], min(_GROWTH * size, _MOST_RECORDS)


def _last(reader: Reader) -> int:
    """The place of the last record; 0 where there is none."""
    return int(reader.rows(LAST_SEQ)[0][0])


def _narrowed(reader: Reader, filters: Filters, found: list[Any]) -> Iterator[int]:
    # Whoever tampers may have put anything there; no record has a fraction for its place, and none
    # has one after the last: what lies between would be asked for, too.
    end = _last(reader)
    seqs = [seq for seq in found if isinstance(seq, int) and 0 < seq <= end]
    if not seqs:
        return
    last = indexed(reader)
    if not filters.terms and not filters.timed:
        yield from seqs
        return
    blocks = _Blocks(reader, filters).between(block_of(seqs[-1]), block_of(seqs[0]))
    for seq in seqs:
        number = block_of(seq)
        if seq > last or blocks.get(number, 0) >> (seq - number * BLOCK - 1) & 1:
            yield seq


class _Blocks:
    """The records of blocks that have every term and may be of the time that is asked for."""

    def __init__(self, reader: Reader, filters: Filters) -> None:
        self._reader, self._filters, self._index = reader, filters, Index(reader)
        # How many rows each term had so far: the rarest is looked for first, the others only where
        # it was found.
        self._seen = dict.fromkeys(filters.terms, 0)
        self.times: dict[int, tuple[int, int]] = {}

    def between(self, first: int, last: int) -> dict[int, int]:
        """The bits of each of the blocks ``first`` to ``last`` that has some."""
        found: dict[int, int] | None = None
        if self._filters.timed or not self._seen:
            self.times = self._in_time(first, last)
            found = dict.fromkeys(self.times, EVERY)
        for term in sorted(self._seen, key=lambda one: self._seen[one]):
            if found is not None:
                if not found:
                    break
                first, last = min(found), max(found)
            stored = self._index.of_term(term, first, last)
            self._seen[term] += len(stored)
            if found is None:
                found = {number: decode_bits(raw) for number, raw in stored.items()}
            else:
                found = {
                    number: found[number] & decode_bits(raw)
                    for number, raw in stored.items()
                    if found.get(number)
                }
        return {number: bits for number, bits in (found or {}).items() if bits}

    def _in_time(self, first: int, last: int) -> dict[int, tuple[int, int]]:
        """The first and the last time in each block that reaches into the time asked for."""
        where, values = "", [first, last]
        if self._filters.since is not None:
            where += " AND latest >= ?"
            values.append(self._filters.since)
        if self._filters.until is not None:
            where += " AND earliest < ?"
            values.append(self._filters.until)
        sql = f"SELECT block, earliest, latest FROM blocks WHERE block BETWEEN ? AND ?{where}"  # noqa: S608 - made of constants; values are bound
        return {number: _spanned(*times) for number, *times in self._reader.rows(sql, values)}


def _by_columns(reader: Reader, filters: Filters, floor: int, before: int) -> Iterator[int]:
    """Those after ``floor``, in windows."""
    (conditions, values), (times, moments) = filters.conditions(timed=False), _times(filters)
    where = " AND ".join(["seq > ?", "seq <= ?", *conditions, *times])
    # Upwards, although the newest come first: only so does a disk read ahead.
    sql = f"SELECT seq FROM records WHERE {where} ORDER BY seq"  # noqa: S608 - made of constants; values are bound
    top, size = before - 1, _FIRST_RECORDS
    while top > floor:
        bottom = max(floor, top - size)
        rows = reader.rows(sql, (bottom, top, *values, *moments))
        yield from (seq for (seq,) in reversed(rows))
        top, size = bottom, min(_GROWTH * size, _MOST_RECORDS)


def _by_bits(reader: Reader, filters: Filters, before: int) -> Iterator[int]:
    """Those in the index, in windows of blocks."""
    blocks, top, size = _Blocks(reader, filters), block_of(before - 1), _FIRST_BLOCKS
    while top >= 0:
        found = blocks.between(max(0, top - size + 1), top)
        for number in sorted(found, reverse=True):
            bits = found[number]
            if filters.timed and not _within(filters, *blocks.times[number]):
                bits &= _timely(reader, filters, number, *blocks.times[number])
            start = number * BLOCK + 1
            yield from (start + at for at in descending(bits) if start + at < before)
        top, size = top - size, min(_GROWTH * size, _MOST_BLOCKS)


def _spanned(earliest: object, latest: object) -> tuple[int, int]:
    """A block's first and last time; all there can be where something else stands there."""
    if isinstance(earliest, int) and isinstance(latest, int):
        return earliest, latest
    return 0, _LATEST


def _within(filters: Filters, earliest: int, latest: int) -> bool:
    """Whether every record of a block is of the time that is asked for."""
    return (filters.since is None or earliest >= filters.since) and (
        filters.until is None or latest < filters.until
    )


def _timely(reader: Reader, filters: Filters, number: int, earliest: int, latest: int) -> int:
    """The records of a block that are of the time that is asked for, as bits."""
    start, bits = number * BLOCK + 1, 0
    found = _of_time(reader, filters, earliest, latest)
    for seq in _in_block(reader, filters, start) if found is None else found:
        if 0 <= seq - start < BLOCK:
            bits |= 1 << (seq - start)
    return bits


def _of_time(reader: Reader, filters: Filters, earliest: int, latest: int) -> list[int] | None:
    """The records of all blocks of that time which is a block's as well, by the index on ids.

    None where it does not say: one record of a clock that was far ahead can make a block's time
    that of a large part of the log, and an id that is none has no time.
    """
    if earliest <= 0 or latest >= _LATEST:
        return None
    low = earliest if filters.since is None else max(earliest, filters.since)
    high = latest + 1 if filters.until is None else min(latest + 1, filters.until)
    rows = reader.rows(_IDS, (floor_id(low), floor_id(high), _MOST_IDS))
    return [seq for (seq,) in rows] if len(rows) < _MOST_IDS else None


def _in_block(reader: Reader, filters: Filters, start: int) -> list[int]:
    """The same, by looking at each record of the block."""
    times, values = _times(filters)
    where = " AND ".join(["seq >= ?", "seq < ?", *times])
    sql = f"SELECT seq FROM records WHERE {where}"  # noqa: S608 - made of constants; values are bound
    return [seq for (seq,) in reader.rows(sql, (start, start + BLOCK, *values))]


def _times(filters: Filters) -> tuple[list[str], list[str]]:
    """The conditions on the time within a window, and their values."""
    # An expression, so that no store walks the index on ids instead of the window.
    found = []
    if filters.since is not None:
        found.append(("id || '' >= ?", floor_id(filters.since)))
    if filters.until is not None:
        found.append(("id || '' < ?", floor_id(filters.until)))
    return [condition for condition, _ in found], [value for _, value in found]
