"""Is the stored tree the one of the stored records?

Each record must be the leaf that the tree holds at its index, and each tile the one that the tiles
below make. Where a record is not its leaf, the check goes on with the leaf, so that signed roots
can still be compared: those say whether it was the record that was changed, or the tree too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.audit.chain import stored_leaf
from gateway.audit.merkle import Frontier, root
from gateway.audit.stored_tree import tile_hashes
from gateway.audit.tiles import Hashes, Tile
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.findings import Findings
    from gateway.audit.store.base import Reader
    from gateway.audit.verify_rows import Row

__all__ = ["TreeCheck"]

_HASH: Final = 32
_WIDTH: Final = 256
_LEVELS: Final = 8
"""More than any tree has."""


class TreeCheck:
    """Checks records against the tree as they pass.

    Args:
        reader: The store.
        findings: Takes what is found.
        grown: Called before each record that stands in the tree with the tree of those before.

    Attributes:
        size: How many records the stored tree holds.
    """

    def __init__(
        self, reader: Reader, findings: Findings, grown: Callable[[Frontier], None]
    ) -> None:
        self._reader, self._findings, self._grown = reader, findings, grown
        self.size = 0
        self._tiles: dict[int, tuple[int, bytes]] = {}
        self._frontier: Frontier | None = None
        self._bad_tiles: set[tuple[int, int]] = set()

    def begin(self, index: int) -> None:
        """Takes the tree before an index at its word: signed roots show whether it is right.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        rows = self._reader.rows("SELECT size FROM lease")
        self.size = rows[0][0] if rows and isinstance(rows[0][0], int) else 0
        self._frontier = self._before(min(index, self.size))

    def root(self, size: int) -> bytes:
        """The root of the stored tree at a size, from its tiles alone.

        Raises:
            VerificationError: The tiles that it needs are not there.
        """
        if size > self.size:
            raise VerificationError(f"the store's tree has only {self.size} records")
        return root(size, Hashes(self.size, self._tile))

    def record(self, row: Row, writer: str | None) -> None:
        """Checks the next record."""
        index, frontier = row.seq - 1, self._frontier
        if index >= self.size or frontier is None:
            return
        if index < frontier.size:
            self._findings.flaw("it has no place in the tree", writer, row.wseq)
            return
        if index > frontier.size:
            missing = _range(frontier.size, index)
            self._findings.flaw(f"{missing} of the tree are not in the store")
            frontier = self._frontier = self._before(index)
        kept = self._leaf(index)
        if frontier is None or kept is None:
            self._frontier = None
            return
        self._grown(frontier)
        if kept != (stored_leaf(row.header) if isinstance(row.header, bytes) else None):
            what = f"it is not the record that stands in the tree at {index}"
            self._findings.flaw(what, writer, row.wseq, row.fields.get("time"))
        self._extend(frontier, kept)

    def end(self) -> None:
        """The tree ends where the records do, or before."""
        self._strays()
        frontier = self._frontier
        if frontier is None:
            return
        if frontier.size < self.size:
            missing = _range(frontier.size, self.size)
            self._findings.flaw(f"{missing} of the tree are not in the store: its tail was cut off")
            return
        self._grown(frontier)

    def _strays(self) -> None:
        """Tiles that the tree does not have; nobody is served them, but somebody put them there."""
        for level in range(_LEVELS):
            width = self.size >> 8 * level
            beyond = self._reader.rows(
                "SELECT count(*) FROM tiles WHERE level = ? AND (number < 0 OR number >= ?)",
                (level, -(-width // _WIDTH)),
            )
            if beyond[0][0]:
                self._findings.flaw(f"tiles of level {level} stand beyond the tree")
        strange = self._reader.rows(
            "SELECT count(*) FROM tiles WHERE level < 0 OR level >= ?", (_LEVELS,)
        )
        if strange[0][0]:
            self._findings.flaw("tiles stand in levels that no tree has")

    def _before(self, index: int) -> Frontier | None:
        """The tree before an index, from its tiles."""
        try:
            return Frontier(index, Hashes(self.size, self._tile))
        except VerificationError as error:
            self._findings.flaw(f"the tree before record {index} cannot be read: {error}")
            return None

    def _extend(self, frontier: Frontier, kept: bytes) -> None:
        index = frontier.size
        for level, found in enumerate(frontier.append(kept)[::8]):
            if level and not self._has(level, index >> 8 * level, found):
                number = (index >> 8 * level) // _WIDTH
                if (level, number) not in self._bad_tiles:
                    self._bad_tiles.add((level, number))
                    path = Tile(level, number).path
                    self._findings.flaw(f"tile {path} of the tree is not the one of those below")

    def _leaf(self, index: int) -> bytes | None:
        hashes = self._tile(0, index // _WIDTH)
        at = _HASH * (index % _WIDTH)
        if len(hashes) < at + _HASH:
            path = Tile(0, index // _WIDTH).path
            self._findings.flaw(f"tile {path} of the tree is missing or too short")
            return None
        return hashes[at : at + _HASH]

    def _has(self, level: int, index: int, found: bytes) -> bool:
        at = _HASH * (index % _WIDTH)
        return self._tile(level, index // _WIDTH)[at : at + _HASH] == found

    def _tile(self, level: int, number: int) -> bytes:
        """A stored tile; the last one of each level is kept."""
        kept = self._tiles.get(level)
        if kept is None or kept[0] != number:
            kept = self._tiles[level] = number, tile_hashes(self._reader, level, number)
        return kept[1]


def _range(start: int, end: int) -> str:
    """Indexes in words; ``end`` is not among them."""
    return f"record {start}" if end == start + 1 else f"records {start} to {end - 1}"
