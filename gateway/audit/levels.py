"""Where the index keeps the bits of a block: by themselves at first, later in larger spans.

A block's index is written in one place, so a term that few blocks have, or none, costs a page for
each block. Full blocks are therefore merged (``gateway.audit.merging``): ``FAN`` blocks into a span
of level 1, ``FAN`` of these into one of level 2. In a span a term's rows stand together, each still
one block's, so that whoever asks for it reads one place per span.

A row moves from level to level and is never in two of them. A span is merged piece by piece, each
piece an equal part of all the terms there can be, so the table ``merging`` says of each term where
its rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.audit.store.base import Reader, Work

__all__ = ["FAN", "Home", "Index", "Level", "levels_of"]

FAN: Final = 16
"""Spans of one level, or blocks, that a span of the next one takes in; a power of two."""

_PIECES: Final = 2
"""Pieces of a span for each of its blocks: a piece has some thousand rows on every level."""
_TERMS: Final = 2**64
_LOWEST: Final = -(2**63)
_AT_ONCE: Final = 500
"""Terms in one statement."""
_LEVELS: Final = "SELECT level, blocks, piece FROM merging ORDER BY level"
_ALONE: Final = (
    "SELECT b.block, p.bits FROM blocks b JOIN postings p ON p.block = b.block"
    " WHERE p.term = ? AND b.block >= ? AND b.block < ?"
)


@dataclass(frozen=True, slots=True)
class Level:
    """How far merging has come on one level.

    Attributes:
        level: From 1.
        blocks: The blocks before this one are merged, on this level or on a higher one.
        piece: So many pieces of the following span are as well.
    """

    level: int
    blocks: int
    piece: int

    @property
    def size(self) -> int:
        """Blocks of a span."""
        return int(FAN**self.level)

    @property
    def parts(self) -> tuple[int, ...]:
        """The spans of the level below, or the blocks, that the span that is next takes in."""
        first = self.blocks * FAN // self.size
        return tuple(range(first, first + FAN))

    @property
    def pieces(self) -> int:
        """Pieces in which a span is merged."""
        return _PIECES * self.size

    @property
    def terms(self) -> tuple[int, int]:
        """The first and the last term of the piece that is next."""
        first, end = (number * _TERMS // self.pieces for number in (self.piece, self.piece + 1))
        return _LOWEST + first, _LOWEST + end - 1

    def end(self, term: int) -> int:
        """The block before which a term's rows are on this level or on a higher one."""
        moved = (term - _LOWEST) * self.pieces // _TERMS < self.piece
        return self.blocks + (self.size if moved else 0)


@dataclass(frozen=True, slots=True)
class Home:
    """The place that holds rows of one block.

    Attributes:
        table: Its table, with the condition that finds the block's rows.
        values: Those of the condition.
        insertion: The statement that puts a row there, after ``values`` its term and bits.
    """

    table: str
    values: tuple[int, ...]
    insertion: str


class Index:
    """The rows of the index, wherever they are while one snapshot or one transaction lasts.

    Args:
        source: Reads the store, and reads all that is asked for from the same state of it.
    """

    def __init__(self, source: Reader | Work) -> None:
        self._source = source
        self._levels = levels_of(source)

    def of_term(self, term: int, first: int, last: int) -> dict[int, bytes]:
        """A term's bits in each of the blocks ``first`` to ``last`` that has it."""
        statements, values, end = list[str](), list[Any](), last + 1
        # From the newest on: what no level has is by itself.
        for level, start in self._starts(term):
            low = max(first, start)
            if low < end:
                statement, given = _rows(level, term, low, end)
                statements.append(statement)
                values += given
                end = low
        if not statements:
            return {}
        rows = self._source.rows(" UNION ALL ".join(statements), values)
        return {block: bits for block, bits in rows if isinstance(bits, bytes)}

    def of_block(self, block: int, terms: Iterable[int]) -> dict[int, bytes]:
        """The bits of those of some terms that a block has."""
        found: dict[int, Any] = {}
        for home, some in self.homes(block, terms):
            marks = ", ".join("?" * len(some))
            sql = f"SELECT term, bits FROM {home.table} AND term IN ({marks})"  # noqa: S608 - made of constants and question marks
            found.update(self._source.rows(sql, (*home.values, *some)))
        return {term: bits for term, bits in found.items() if isinstance(bits, bytes)}

    def homes(self, block: int, terms: Iterable[int]) -> Iterator[tuple[Home, Sequence[int]]]:
        """Where some terms' rows of a block are, or would be; a few hundred terms at a time."""
        merged = max((one.blocks + one.size for one in self._levels), default=0)

        def home(term: int) -> int:
            if block >= merged:
                return 0
            return next((one.level for one in reversed(self._levels) if block < one.end(term)), 0)

        for level, some in groupby(sorted(terms, key=home), home):
            found = list(some)
            for start in range(0, len(found), _AT_ONCE):
                yield _home(level, block), found[start : start + _AT_ONCE]

    def _starts(self, term: int) -> Iterator[tuple[int, int]]:
        """Each level, and the block with which its rows begin."""
        for level, above in enumerate(self._levels):
            yield level, above.end(term)
        yield len(self._levels), 0


def levels_of(source: Reader | Work) -> tuple[Level, ...]:
    """How far merging has come on each level, from the lowest on."""
    rows = source.rows(_LEVELS)
    # Whoever tampers may have put anything there; what cannot be is that nothing is merged.
    sound = all(isinstance(one, int) and 0 <= one < 2**62 for row in rows for one in row)
    if not sound or [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        return ()
    levels = tuple(Level(*row) for row in rows)
    return levels if all(one.piece < one.pieces for one in levels) else ()


def _home(level: int, block: int) -> Home:
    if level == 0:
        return Home(
            "postings WHERE block = ?",
            (block,),
            "INSERT INTO postings (block, term, bits) VALUES (?, ?, ?)",
        )
    return Home(
        "merged WHERE level = ? AND span = ? AND block = ?",
        (level, block // Level(level, 0, 0).size, block),
        "INSERT INTO merged (level, span, block, term, bits) VALUES (?, ?, ?, ?, ?)",
    )


def _rows(level: int, term: int, first: int, end: int) -> tuple[str, list[int]]:
    """The query for a term's rows on a level, of the blocks from ``first`` to before ``end``."""
    if level == 0:
        return _ALONE, [term, first, end]
    size = Level(level, 0, 0).size
    spans = range(first // size, (end - 1) // size + 1)
    marks = ", ".join("?" * len(spans))
    sql = (
        f"SELECT block, bits FROM merged WHERE level = ? AND span IN ({marks})"  # noqa: S608 - made of question marks
        " AND term = ? AND block >= ? AND block < ?"
    )
    return sql, [level, *spans, term, first, end]
