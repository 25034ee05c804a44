from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit import leading
from gateway.audit.chain import leaf
from gateway.audit.checkpoint import Checkpoint, read_checkpoint
from gateway.audit.leading import Leader, checkpoint_of
from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader, open_tree
from gateway.audit.store.tree import Kept
from gateway.audit.tiles import Growth
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.leading import Progress
    from gateway.audit.record import Record
    from gateway.audit.store.tree import TreeStore
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _write(house: House, new_record: NewRecord, count: int) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record()) for _ in range(count)])
    ledger.close()


def _turn(house: House, store: TreeStore, *, final: bool = False) -> Progress:
    token = store.lead("test", 60.0) or 0
    with store.turn(token) as turn:
        leader = Leader(turn, house.keys.signer, store.id, store.newest(), [])
        return leader.advance(turn, final=final)


def test_the_tree_is_that_of_all_headers_in_order(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    _write(house, new_record, 300)
    kept = house.order()
    with open_reader(house.url) as reader:
        headers = [header for (header,) in reader.rows("SELECT header FROM records ORDER BY seq")]
        tiles = {row[:2]: row[2] for row in reader.rows("SELECT * FROM tiles")}
    growth = Growth()
    assert tiles == growth.extend(map(leaf, headers))
    signed = read_checkpoint(kept.note, [house.vkey])
    assert (signed.checkpoint.size, signed.checkpoint.root) == (302, growth.root())
    assert abs((signed.time or 0) - time.time()) < 60


@pytest.mark.parametrize("moment", [1_795_980_035.9996, 1_795_980_036.0])
def test_a_checkpoint_at_the_very_end_of_a_second_was_stored_with_the_next_one(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    _write(house, new_record, 2)
    monkeypatch.setattr("gateway.audit.leading.time.time", lambda: moment)
    kept = house.order()
    monkeypatch.undo()
    assert read_checkpoint(kept.note, [house.vkey]).time == kept.time // 1000
    assert house.verify().flaws == ()


def test_records_beyond_one_turn_are_left_for_the_next(
    any_house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = any_house
    monkeypatch.setattr(leading, "LIMIT", 4)
    _write(house, new_record, 8)
    with closing(open_tree(house.url, 0.2)) as store:
        progress = [_turn(house, store, final=True) for _ in range(4)]
    assert [(one.size, one.more) for one in progress] == [
        (4, True), (8, True), (10, False), (10, False),
    ]  # fmt: skip


def test_a_checkpoint_is_signed_at_most_each_second_and_at_least_each_minute(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(house, new_record, 1)
    now = [1000.0]
    monkeypatch.setattr("gateway.audit.leading.time.monotonic", lambda: now[0])
    with closing(open_tree(house.url, 0.2)) as store:
        token = store.lead("test", 10.0**6) or 0
        with store.turn(token) as turn:
            leader = Leader(turn, house.keys.signer, store.id, None, [])
        signed = []
        for step in (0.0, 0.9, 0.1, 58.9, 0.1, 0.1, 0.8, 0.2, 59.0):
            now[0] += step
            if step in (0.1, 0.9):
                _write(house, new_record, 1)
            with store.turn(token) as turn:
                progress = leader.advance(turn)
            signed.append((round(now[0] - 1000, 1), progress.size if progress.signed else None))
    assert signed == [
        (0.0, 3), (0.9, None), (1.0, 9), (59.9, None), (60.0, 12), (60.1, None), (60.9, None),
        (61.1, 15), (120.1, None),
    ]  # fmt: skip


def test_nothing_is_signed_over_nothing(house: House) -> None:
    house.ledger().close()
    house.execute("DELETE FROM records")
    with closing(open_tree(house.url, 0.2)) as store:
        assert _turn(house, store, final=True).signed is None


def test_a_leader_goes_on_where_the_last_one_stopped(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    kept = []
    for _ in range(3):
        _write(house, new_record, 200)
        kept.append(house.order())
    assert [(one.number, one.size) for one in kept] == [(1, 202), (2, 404), (3, 606)]
    assert house.order() == kept[-1]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM records WHERE seq = 4", "records 3 to 3 are missing"),
        ("UPDATE records SET header = 'text' WHERE seq = 4", "record 3 of the store is no record"),
    ],
)
def test_what_is_missing_before_it_was_ordered_is_not_passed_over(
    house: House, new_record: NewRecord, statement: str, words: str
) -> None:
    _write(house, new_record, 5)
    house.execute("DELETE FROM sealed")
    house.execute(statement)
    with pytest.raises(VerificationError, match=words):
        house.order()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE tiles SET hashes = zeroblob(32 * 7)", "does not begin with the 7 records"),
        ("UPDATE tiles SET hashes = zeroblob(32 * 6)", "tile 0/000 is missing or too short"),
        ("DELETE FROM tiles", "tile 0/000 is missing or too short"),
        ("UPDATE lease SET size = 0", "an older copy was put back"),
        ("UPDATE checkpoints SET note = 'note'", "no signed note"),
        ("DELETE FROM records WHERE seq > 5", "store only 5: it was cut off"),
        ("DELETE FROM records", "store only 0: it was cut off"),
        ("UPDATE records SET header = x'00' WHERE seq = 7", "record 6 is not the one in the tree"),
    ],
)
def test_nothing_is_signed_over_a_store_that_does_not_hold_what_was_signed(
    house: House, new_record: NewRecord, statement: str, words: str
) -> None:
    _write(house, new_record, 5)
    house.order()
    house.execute(statement)
    house.execute("UPDATE checkpoints SET time = 0")
    with pytest.raises(VerificationError, match=words):
        house.order()


def test_nothing_is_signed_against_a_checkpoint_from_elsewhere(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 5)
    tree = checkpoint_of(house.order())
    house.order(tree, Checkpoint("log.example/another", 99, bytes(32)))
    for other, words in (
        (Checkpoint(tree.origin, 8, tree.root), "8 records is known"),
        (Checkpoint(tree.origin, 6, tree.root), "does not begin with the 6 records"),
        (Checkpoint(tree.origin, 7, bytes(32)), "does not begin with the 7 records"),
    ):
        with pytest.raises(VerificationError, match=words):
            house.order(other)


def test_a_new_leader_keeps_the_pace_of_the_last(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    _write(house, new_record, 1)
    with closing(open_tree(house.url, 0.2)) as store:
        assert _turn(house, store).signed is not None
        _write(house, new_record, 1)
        assert _turn(house, store).signed is None
        # A time that lies ahead says nothing: the clock was set back.
        house.execute("UPDATE checkpoints SET time = time + 1000000")
        assert _turn(house, store).signed is not None


def test_a_stored_checkpoint_must_be_one() -> None:
    with pytest.raises(VerificationError):
        checkpoint_of(Kept(1, 1, 1, "text\n\n\u2014 x AAAAAAA=\n"))
