"""The hashes of the tree in tiles of 256 (c2sp.org/tlog-tiles).

Tile n of level l holds the hashes of 256 perfect subtrees of 256^l leaves each, 32 bytes per hash,
from number 256 n on; level 0 holds leaves. The last tile of a level may be partial: its *width*
is how many hashes it has. Tiles of entries hold the entries themselves, beside level 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.audit.merkle import Frontier, node
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    ReadTile = Callable[[int, int], bytes]

__all__ = ["ENTRIES", "Growth", "Hashes", "Tile", "bundle", "partial", "width"]

ENTRIES: Final = "entries"
"""Stands for the level in the path of a tile of entries."""

_WIDTH: Final = 256
_HASH: Final = 32
_MAX_LEVEL: Final = 7
_PATH: Final = re.compile(
    r"(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Tile:
    """The name of a tile: ``level`` is None for entries."""

    level: int | None
    number: int
    width: int = _WIDTH

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """The tile of a path such as ``0/x001/x234/067`` or ``entries/000.p/12``, or None."""
        found = _PATH.fullmatch(path) if len(path) < _WIDTH else None
        if found is None:
            return None
        level = None if found[1] == ENTRIES else int(found[1])
        number = int(found[2].replace("/", "").replace("x", ""))
        tile = cls(level, number, int(found[3] or _WIDTH))
        # Paths with leading groups of zeros, or with the width of a full tile, are not canonical.
        return tile if tile.path == path else None

    @property
    def path(self) -> str:
        """As it stands behind ``tile/``."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = ENTRIES if self.level is None else self.level
        suffix = "" if self.width == _WIDTH else f".p/{self.width}"
        return f"{level}/{'/'.join(reversed(groups))}{suffix}"

    @property
    def start(self) -> int:
        """The number, within its level, of the tile's first hash or entry."""
        return self.number * _WIDTH

    def within(self, size: int) -> bool:
        """Whether a tree of this many leaves has all of the tile."""
        return self.start + self.width <= _hashes(size, self.level or 0)


def width(size: int, level: int, number: int) -> int:
    """How many hashes a tile has in a tree of a size: 0 to 256."""
    return max(0, min(_WIDTH, _hashes(size, level) - number * _WIDTH))


def partial(size: int) -> Iterator[tuple[int, int]]:
    """Levels and numbers of the tiles that a tree of a size has only in part."""
    for level in range(_MAX_LEVEL + 1):
        count = _hashes(size, level)
        if count % _WIDTH:
            yield level, count // _WIDTH


def bundle(entries: Iterable[bytes]) -> bytes:
    """A tile of entries: each behind its length in two bytes.

    Raises:
        OverflowError: An entry has more than 65 535 bytes.
    """
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def _nothing(_level: int, _number: int) -> bytes:
    return b""


class Hashes:
    """The perfect subtrees of a tree of a size, read from tiles; each tile is read once.

    Args:
        size: How many leaves the tree has.
        read: Gives a tile's hashes by level and number; a partial one may hold more of them than
            the tree has.
    """

    def __init__(self, size: int, read: ReadTile) -> None:
        self._size, self._read = size, read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, number: int) -> bytes:
        """The hash of the perfect subtree of a level and a number.

        Raises:
            VerificationError: The tile does not hold it.
        """
        tile_level, height = divmod(level, 8)
        first = number << height
        hashes = self.tile(tile_level, first // _WIDTH)
        first %= _WIDTH
        return _fold(_cut(hashes, first, 1 << height))

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile.

        Raises:
            VerificationError: It holds fewer than the tree has of it.
        """
        hashes = self._tiles.get((level, number))
        if hashes is None:
            hashes = self._tiles[level, number] = self._read(level, number)
            if len(hashes) < _HASH * width(self._size, level, number):
                raise VerificationError(f"tile {Tile(level, number).path} is missing or too short")
        return hashes


class Growth:
    """A tree that grows in tiles: leaves go in, and the tiles that they change come out.

    Args:
        size: How many leaves the tree has by now.
        read: Gives a tile's hashes by level and number; asked for those that are partial.

    Raises:
        VerificationError: A tile does not hold what a tree of this size needs.
    """

    def __init__(self, size: int = 0, read: ReadTile = _nothing) -> None:
        hashes = Hashes(size, read)
        self._frontier = Frontier(size, hashes)
        self._partial = {
            level: bytearray(hashes.tile(level, number)[: _HASH * width(size, level, number)])
            for level, number in partial(size)
        }

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._frontier.size

    def root(self) -> bytes:
        """The root of the tree as it is."""
        return self._frontier.root()

    def extend(self, leaves: Iterable[bytes]) -> dict[tuple[int, int], bytes]:
        """Adds leaves; gives the tiles that changed as they are now, by level and number."""
        changed: dict[tuple[int, int], bytes] = {}
        touched: set[int] = set()
        for leaf in leaves:
            index = self._frontier.size
            for level, hash_ in enumerate(self._frontier.append(leaf)[::8]):
                tile = self._partial.setdefault(level, bytearray())
                tile += hash_
                touched.add(level)
                if len(tile) == _WIDTH * _HASH:
                    changed[level, index >> 8 * (level + 1)] = bytes(tile)
                    tile.clear()
        for level in touched:
            if self._partial[level]:
                number = _hashes(self.size, level) // _WIDTH
                changed[level, number] = bytes(self._partial[level])
        return changed


def _hashes(size: int, level: int) -> int:
    """How many hashes a level of tiles has in all."""
    return size >> 8 * level


def _cut(hashes: bytes, first: int, count: int) -> list[bytes]:
    found = [hashes[_HASH * at : _HASH * (at + 1)] for at in range(first, first + count)]
    if len(found[-1]) != _HASH:
        raise VerificationError("a tile is too short")
    return found


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The hash above a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
