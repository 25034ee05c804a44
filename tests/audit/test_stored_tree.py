from __future__ import annotations

from typing import TYPE_CHECKING

import c2sp
import pytest

from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.leading import checkpoint_of
from gateway.audit.ledger import Item
from gateway.audit.merkle import verify_consistency
from gateway.audit.proof import verify_proof
from gateway.audit.store.opening import open_reader
from gateway.audit.stored_tree import consistency_proof, newest_checkpoint, prove, tile_of
from gateway.audit.tiles import Tile
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _write(house: House, new_record: NewRecord, count: int) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record()) for _ in range(count)])
    ledger.close()


def _ids(house: House) -> list[str]:
    with open_reader(house.url) as reader:
        return [str(id_) for (id_,) in reader.rows("SELECT id FROM records ORDER BY seq")]


def _get(house: House) -> Callable[[str], bytes]:
    def get(path: str) -> bytes:
        tile = Tile.parse(path.removeprefix("tile/"))
        assert tile is not None
        found = tile_of(house.url, tile)
        assert found is not None
        return found

    return get


def test_a_stranger_reads_the_whole_log_and_finds_it_whole(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 600)
    house.order()
    note = newest_checkpoint(house.url)
    assert note is not None
    tree = c2sp.tree_of(note, str(house.vkey))
    assert tree.size == 602
    assert c2sp.whole_tree(_get(house), tree.size) == tree.root
    entries = c2sp.entries(_get(house), tree.size)
    with open_reader(house.url) as reader:
        headers = [header for (header,) in reader.rows("SELECT header FROM records ORDER BY seq")]
    assert entries == headers


def test_a_stranger_checks_the_proof_of_each_record(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 300)
    house.order()
    ids = _ids(house)
    for index in sorted({*range(0, len(ids), 13), 255, 256, len(ids) - 1}):
        proof = prove(house.url, ids[index])
        assert proof is not None
        assert proof.extra is not None
        assert verify_proof(proof, proof.extra, [house.vkey]).checkpoint.size == 302
        assert c2sp.proved(proof.text, str(house.vkey)) == (index, proof.extra)
        assert ids[index].encode() in proof.extra


def test_an_older_checkpoint_is_shown_to_be_the_beginning_of_a_newer_one(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    trees = []
    for _ in range(3):
        _write(house, new_record, 150)
        trees.append(checkpoint_of(house.order()))
    for old in trees:
        new = trees[-1]
        proof = consistency_proof(house.url, old.size, new.size)
        verify_consistency(old.size, new.size, proof, old.root, new.root)


def test_what_no_checkpoint_covers_is_not_given_away(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    house.ledger().close()
    assert newest_checkpoint(house.url) is None
    assert tile_of(house.url, Tile(0, 0, 1)) is None
    house.order()
    _write(house, new_record, 5)
    assert tile_of(house.url, Tile(0, 0, 2)) is not None
    for tile in (Tile(0, 0, 3), Tile(0, 0), Tile(None, 0, 3), Tile(1, 0, 1), Tile(0, 1, 1)):
        assert tile_of(house.url, tile) is None
    assert prove(house.url, _ids(house)[-1]) is None
    with pytest.raises(LookupError):
        prove(house.url, "00000000-0000-7000-8000-000000000000")


def test_a_narrower_tile_is_the_beginning_of_a_wider_one(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 300)
    house.order()
    whole = tile_of(house.url, Tile(0, 0))
    assert whole is not None
    assert len(whole) == 8192
    assert tile_of(house.url, Tile(0, 0, 7)) == whole[: 7 * 32]


def test_entries_that_are_gone_are_not_there(house: House, new_record: NewRecord) -> None:
    _write(house, new_record, 300)
    house.order()
    house.execute("DELETE FROM records WHERE seq = 3")
    assert tile_of(house.url, Tile(None, 0)) is None
    assert tile_of(house.url, Tile(None, 1, 46)) is not None


def test_of_recent_checkpoints_that_with_most_signatures_is_taken(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 3)
    first = house.order()
    _write(house, new_record, 3)
    house.order()
    event = _ids(house)[0]
    newest = prove(house.url, event)
    assert newest is not None
    assert newest.checkpoint.split("\n")[1] == "10"
    line = "\u2014 witness AAAAAAA=\n"
    house.execute("UPDATE checkpoints SET note = note || ? WHERE number = 1", line)
    proof = prove(house.url, event)
    assert proof is not None
    assert proof.checkpoint == first.note + line


def test_a_tree_that_was_changed_gives_no_proof_that_holds(
    house: House, new_record: NewRecord
) -> None:
    _write(house, new_record, 300)
    kept = house.order()
    house.execute("UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND number = 0")
    proof = prove(house.url, _ids(house)[5])
    assert proof is not None
    assert proof.extra is not None
    with pytest.raises(VerificationError, match="root"):
        verify_proof(proof, proof.extra, [house.vkey])
    house.execute("DELETE FROM tiles")
    with pytest.raises(VerificationError, match="missing or too short"):
        prove(house.url, _ids(house)[5])
    tree = checkpoint_of(kept)
    forged = sign_checkpoint(Checkpoint(tree.origin, 2**40, tree.root), house.keys.signer, 1)
    house.execute("UPDATE checkpoints SET note = ?", forged)
    with pytest.raises(VerificationError, match="missing or too short"):
        prove(house.url, _ids(house)[5])
