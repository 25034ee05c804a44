"""Merges the index of blocks into that of spans, off the way of writers; see ``levels``.

One step moves one piece of a span: the rows of a part of all terms, in one short transaction that
also says that they have moved. Whenever it is cut off, each row is in one place and is found there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.audit.levels import levels_of
from gateway.audit.postings import BLOCK
from gateway.audit.search import indexed

if TYPE_CHECKING:
    from gateway.audit.levels import Level
    from gateway.audit.store.base import Reader, Store, Work

__all__ = ["merge"]

_EMPTY: Final = "DELETE FROM merged WHERE level = ? AND span = ? AND term BETWEEN ? AND ?"
_MOVED: Final = "UPDATE merging SET blocks = ?, piece = ? WHERE level = ?"


def merge(reader: Reader, store: Store) -> bool:
    """Moves the next piece, where a span is full that is not merged yet.

    Args:
        reader: Says whether there is one, without holding up who writes.
        store: Is written in one short transaction.

    Returns:
        Whether there was one; another may be due too.

    Raises:
        AuditUnavailable: The store cannot be read or written.
    """
    if _due(reader) is None:
        return False
    with store.work() as work:
        # Somebody else may have moved it meanwhile; two works are never done at once.
        level = _due(work)
        if level is not None:
            _move(work, level)
    return True


def _due(source: Reader | Work) -> Level | None:
    """The level that has a span to be merged into it, the lowest first."""
    there = indexed(source) // BLOCK
    for level in levels_of(source):
        if level.blocks + level.size <= there:
            return level
        there = level.blocks
    return None


def _move(work: Work, level: Level) -> None:
    span, terms = level.blocks // level.size, level.terms
    table, values = _below(level)
    # Nothing is there, unless somebody has put it there.
    work.run(_EMPTY, (level.level, span, *terms))
    work.run(
        "INSERT INTO merged (level, span, term, block, bits)"  # noqa: S608 - made of constants and question marks
        f" SELECT ?, ?, term, block, bits FROM {table} AND term BETWEEN ? AND ?"
        " ORDER BY term, block",
        (level.level, span, *values, *terms),
    )
    work.run(f"DELETE FROM {table} AND term BETWEEN ? AND ?", (*values, *terms))  # noqa: S608 - made of constants and question marks
    piece = level.piece + 1
    if piece >= level.pieces:
        work.run(_MOVED, (level.blocks + level.size, 0, level.level))
    else:
        work.run(_MOVED, (level.blocks, piece, level.level))


def _below(level: Level) -> tuple[str, tuple[int, ...]]:
    """Where the rows of the span that is next are now."""
    parts = level.parts
    marks = ", ".join("?" * len(parts))
    if level.level == 1:
        return f"postings WHERE block IN ({marks})", parts
    return f"merged WHERE level = ? AND span IN ({marks})", (level.level - 1, *parts)
