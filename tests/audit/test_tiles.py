from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import naive_tree
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.merkle import consistency, inclusion, root
from gateway.audit.tiles import Growth, Hashes, Tile, bundle, partial, width
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAVES = [sha256(b"%d" % number).digest() for number in range(1500)]

Stored = dict[tuple[int, int], bytes]


def _grown(size: int, leaves: Sequence[bytes] = _LEAVES) -> Stored:
    return Growth().extend(leaves[:size])


def _reader(tiles: Stored) -> Hashes:
    return Hashes(1500, lambda level, number: tiles[level, number])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "0/x001/x234/067"),
        (Tile(0, 0), "0/000"),
        (Tile(1, 999, 17), "1/999.p/17"),
        (Tile(2, 1000), "2/x001/000"),
        (Tile(None, 273, 112), "entries/273.p/112"),
    ],
)
def test_tiles_have_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_every_tile_is_read_from_its_path(level: int, number: int, wide: int) -> None:
    tile = Tile(level, number, wide)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/", "0/00", "0/0000", "00/000", "0/x000/001", "0/001/002", "0/x001", "0/000.p/0",
     "0/000.p/256", "0/000.p/007", "0/000.p/", "0/000.p", "-1/000", "entries", "/000",
     "0/\u0660\u0660\u0660", "0/000/", "0/../000", "100/000", "0/" + "x000/" * 60 + "000"],
)  # fmt: skip
def test_what_is_no_canonical_path_is_no_tile(path: str) -> None:
    assert Tile.parse(path) is None


def test_a_tree_of_70_000_has_the_tiles_of_the_specification() -> None:
    assert list(partial(70_000)) == [(0, 273), (1, 1), (2, 0)]
    assert [width(70_000, *tile) for tile in partial(70_000)] == [112, 17, 1]
    assert [width(70_000, 0, 272), width(70_000, 0, 274), width(70_000, 1, 0)] == [256, 0, 256]


@given(st.integers(0, 2000), st.integers(0, 3), st.integers(0, 8), st.integers(1, 256))
def test_a_tile_is_within_a_tree_that_has_all_its_hashes(
    size: int, level: int, number: int, wide: int
) -> None:
    assert Tile(level, number, wide).within(size) == (width(size, level, number) >= wide)


@given(st.lists(st.integers(0, 400), max_size=6).map(sorted))
def test_a_tree_grows_as_if_it_was_made_at_once(steps: list[int]) -> None:
    tiles: Stored = {}

    def read(level: int, number: int) -> bytes:
        return tiles[level, number]

    growth = Growth()
    for step in steps:
        tiles |= growth.extend(_LEAVES[growth.size : growth.size + step])
        tiles |= growth.extend([])
        growth = Growth(growth.size, read)
        assert growth.root() == naive_tree.tree_hash(_LEAVES[: growth.size])
    size = growth.size
    assert tiles == _grown(size)
    assert {tile: len(hashes) // 32 for tile, hashes in tiles.items()} == {
        (level, number): width(size, level, number)
        for level in range(4)
        for number in range(10)
        if width(size, level, number)
    }


def test_tiles_hold_the_subtrees_that_the_specification_says() -> None:
    tiles = _grown(1500)
    assert tiles[0, 5] == b"".join(_LEAVES[1280:])
    assert tiles[1, 0] == b"".join(
        naive_tree.tree_hash(_LEAVES[256 * n : 256 * n + 256]) for n in range(5)
    )


@given(st.data())
def test_proofs_come_from_tiles(data: st.DataObject) -> None:
    hashes = _reader(_grown(1500))
    size = data.draw(st.integers(1, 1500))
    index = data.draw(st.integers(0, size - 1))
    assert inclusion(index, size, hashes) == naive_tree.path(index, _LEAVES[:size])
    assert root(size, hashes) == naive_tree.tree_hash(_LEAVES[:size])
    if index:
        assert consistency(index, size, hashes) == naive_tree.proof(index, _LEAVES[:size])


def test_a_proof_in_a_tree_of_a_million_reads_few_tiles() -> None:
    read = []

    def tile(level: int, number: int) -> bytes:
        read.append((level, number))
        return bytes(8192)

    assert len(inclusion(123_456, 10**6, Hashes(10**6, tile))) == 20
    assert len(read) == len(set(read)) <= 6


@pytest.mark.parametrize("kept", [0, 31, 32 * 219])
def test_a_tile_that_is_too_short_is_named(kept: int) -> None:
    tiles = _grown(1500)
    tiles[0, 5] = tiles[0, 5][:kept]
    with pytest.raises(VerificationError, match=r"tile 0/005 is missing or too short"):
        root(1500, _reader(tiles))
    with pytest.raises(VerificationError, match=r"tile 0/005 is missing or too short"):
        Growth(1500, lambda level, number: tiles[level, number])


def test_a_stored_tile_that_is_longer_than_the_tree_is_read_up_to_it() -> None:
    tiles = _grown(1500)
    growth = Growth(300, lambda level, number: tiles[level, number])
    assert growth.root() == naive_tree.tree_hash(_LEAVES[:300])
    assert growth.extend(_LEAVES[300:1500]) | {(0, 0): tiles[0, 0]} == tiles


def test_entries_stand_behind_their_lengths() -> None:
    assert bundle([b"", b"ab", bytes(65_535)]) == b"\0\0\0\x02ab\xff\xff" + bytes(65_535)
    with pytest.raises(OverflowError):
        bundle([bytes(65_536)])
