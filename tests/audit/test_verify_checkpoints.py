"""Checkpoints: signed, true of the tree, and what those that were kept elsewhere make visible."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import leaf, link
from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.head import Head, sign_head
from gateway.audit.leading import checkpoint_of
from gateway.audit.ledger import Item
from gateway.audit.note import Signer, sign
from gateway.audit.store.opening import open_reader
from gateway.audit.tiles import Growth

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.ledger import Ledger
    from gateway.audit.record import Record
    from gateway.audit.store.tree import Kept
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _commit(ledger: Ledger, new_record: NewRecord, count: int) -> None:
    ledger.commit([Item(new_record()) for _ in range(count)])


def _rewrite(house: House, signer: Signer | None = None) -> None:
    """Changes record 3 and makes everything fit, up to what only the log's key can sign."""
    with open_reader(house.url) as reader:
        headers = [raw for (raw,) in reader.rows("SELECT header FROM records ORDER BY seq")]
        (writer,) = reader.rows("SELECT id FROM writers")[0]
        notes = reader.rows("SELECT number, size, note FROM checkpoints")
    headers[3] = headers[3].replace(b"alice", b"mally")
    house.execute("UPDATE records SET subject = 'mally' WHERE seq = 4")
    chain, growth, roots = bytes(32), Growth(), {}
    for seq, header in enumerate(headers, 1):
        chain = link(chain, header)
        values = (header, chain, seq)
        house.execute("UPDATE records SET header = ?, chain = ? WHERE seq = ?", *values)
        for tile, hashes in growth.extend([leaf(header)]).items():
            house.execute("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?)", *tile, hashes)
        roots[seq] = growth.root()
    house.execute("UPDATE writers SET chain = ?", chain)
    if signer is None:
        return
    note = sign_head(Head(writer, len(headers) - 1, chain), signer)
    house.execute("UPDATE writers SET head = ?", note)
    for number, size, former in notes:
        tree = Checkpoint(former.split("\n")[0], size, roots[size])
        note = sign_checkpoint(tree, signer, 1_900_000_000)
        moved = (note, 1_900_000_000_000, number)
        house.execute("UPDATE checkpoints SET note = ?, time = ? WHERE number = ?", *moved)


def _three(house: House, new_record: NewRecord) -> list[Kept]:
    ledger, kept = house.ledger(), []
    for _ in range(3):
        _commit(ledger, new_record, 5)
        kept.append(house.order())
    return kept


def _words(house: House, known: str | None = None) -> list[str]:
    places = [] if known is None else [("checkpoint kept.txt", known)]
    return [flaw.what for flaw in house.verify(known=places).flaws]


def test_a_tree_that_was_rewritten_with_everything_else_has_other_roots(
    house: House, new_record: NewRecord
) -> None:
    _three(house, new_record)
    _rewrite(house)
    words = _words(house)
    for number, size in ((1, 6), (2, 11), (3, 16)):
        assert (
            f"checkpoint {number} of {size} records is not the root of the tree: something from 0"
            " on was changed in records and tree"
        ) in words
    assert "its head differs from the signed one" in words


def test_between_which_checkpoints_something_was_changed_is_named(
    house: House, new_record: NewRecord
) -> None:
    _three(house, new_record)
    house.execute(
        "UPDATE tiles SET hashes = CAST(substr(hashes, 1, 32 * 8) || zeroblob(32)"
        " || substr(hashes, 32 * 9 + 1) AS BLOB)"
    )
    words = _words(house)
    assert words[0] == "it is not the record that stands in the tree at 8"
    assert "checkpoint 2 of 11 records is not the root of the tree: something from 6 on" in words[1]


def test_a_history_that_was_forged_with_the_logs_own_key_is_seen_by_who_kept_a_checkpoint(
    house: House, new_record: NewRecord
) -> None:
    kept = _three(house, new_record)
    _rewrite(house, house.keys.signer)
    assert _words(house) == []
    assert _words(house, kept[1].note) == [
        "checkpoint kept.txt is not of this tree: the log was rewritten or forked"
    ]


def test_an_older_copy_of_the_store_is_seen_by_who_kept_a_checkpoint(
    house: House, new_record: NewRecord
) -> None:
    ledger = house.ledger()
    _commit(ledger, new_record, 5)
    house.order()
    house.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(house.path, house.folder / "older.db")
    _commit(ledger, new_record, 5)
    kept = house.order().note
    older = f"sqlite:///{house.folder}/older.db"
    assert house.verify(store_url=older).ok
    assert house.verify(known=[("kept", kept)]).ok
    (flaw,) = house.verify(store_url=older, known=[("kept", kept)]).flaws
    assert flaw.what.startswith("kept is of 11 records at 2")
    assert "the store's tree has only 6: an older copy was put back" in flaw.what


def test_a_checkpoint_that_is_no_longer_than_the_log_holds(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    for kept in _three(house, new_record):
        assert _words(house, kept.note) == []


def test_a_checkpoint_of_a_store_that_was_begun_anew_is_not_of_this_one(
    house: House, new_record: NewRecord
) -> None:
    kept = _three(house, new_record)[0].note
    for file in house.folder.glob("audit.db*"):
        file.unlink()
    _three(house, new_record)
    assert _words(house, kept) == [
        "checkpoint kept.txt does not hold: the checkpoint is that of another store"
    ]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE checkpoints SET note = replace(note, '\n11\n', '\n12\n')",
         "checkpoint 2 does not hold: the signature of log.example is wrong"),
        ("UPDATE checkpoints SET note = 'note' WHERE number = 2",
         "checkpoint 2 does not hold: this is no signed note"),
        ("UPDATE checkpoints SET size = 12 WHERE number = 2",
         "checkpoint 2 is stored as another one"),
        ("UPDATE checkpoints SET time = time - 5000 WHERE number = 2",
         "checkpoint 2 is stored as another one"),
        ("UPDATE checkpoints SET number = 9 WHERE number = 1",
         "checkpoint 9 has fewer records than one before it"),
        ("UPDATE lease SET size = 11",
         "checkpoint 3 is of 16 records, the store's tree has only 11: its tail was cut off"),
    ],
)  # fmt: skip
def test_a_stored_checkpoint_that_does_not_hold_is_named(
    any_house: House, new_record: NewRecord, statement: str, words: str
) -> None:
    house = any_house
    _three(house, new_record)
    house.execute(statement)
    assert words in _words(house)


def test_a_checkpoint_by_another_key_does_not_hold(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    tree = checkpoint_of(_three(house, new_record)[2])
    forged = sign_checkpoint(tree, Signer.of("log.example", Ed25519PrivateKey.generate()), 1)
    house.execute("UPDATE checkpoints SET note = ? WHERE number = 3", forged)
    assert "checkpoint 3 does not hold: no known key has signed this" in _words(house)
    assert house.verify(vkeys=None).ok, "without the key nobody can tell"


def test_a_checkpoint_must_say_when_it_was_signed(house: House, new_record: NewRecord) -> None:
    tree = checkpoint_of(_three(house, new_record)[1])
    house.execute(
        "UPDATE checkpoints SET note = ? WHERE number = 2", sign(tree.text, house.keys.signer)
    )
    assert "checkpoint 2 has no time that the log signed" in _words(house)


def test_a_checkpoint_that_cannot_be_compared_does_not_pass(
    house: House, new_record: NewRecord
) -> None:
    kept = _three(house, new_record)[1].note
    house.execute("DELETE FROM tiles")
    assert any(
        word.startswith("checkpoint kept.txt cannot be compared") for word in _words(house, kept)
    )


def _sign_again(house: House, times: dict[int, int]) -> None:
    """Moves the times of checkpoints, as if the log's clock had said so."""
    with open_reader(house.url) as reader:
        rows = reader.rows("SELECT number, note FROM checkpoints")
    for number, note in rows:
        tree = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
        moved = sign_checkpoint(tree, house.keys.signer, times[number])
        values = (moved, times[number] * 1000, number)
        house.execute("UPDATE checkpoints SET note = ?, time = ? WHERE number = ?", *values)


def _stretch(house: House, first: int) -> None:
    """Makes a record and the four after it lie a minute apart."""
    for number in range(5):
        _age(house, first + number, 60 * (5 - number))


def _age(house: House, seq: int, seconds: int) -> None:
    """Makes a record's id older; the chain check says so too, and is not asked here."""
    with open_reader(house.url) as reader:
        ((id_,),) = reader.rows("SELECT id FROM records WHERE seq = ?", (seq,))
    digits = f"{int(id_[:8] + id_[9:13], 16) - 1000 * seconds:012x}"
    moved = f"{digits[:8]}-{digits[8:]}{id_[13:]}"
    house.execute("UPDATE records SET id = ? WHERE seq = ?", moved, seq)


def test_a_silence_is_a_note(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    _three(house, new_record)
    _sign_again(house, {1: 1_900_000_000, 2: 1_900_000_150, 3: 1_900_000_301})
    report = house.verify()
    assert report.ok
    (note,) = report.notes
    assert note.startswith(
        "nothing was signed between 2030-03-17T17:49:10Z and 2030-03-17T17:51:41Z: the log stood"
    )


def test_a_writer_that_worked_for_long_without_a_checkpoint_is_a_flaw(
    house: House, new_record: NewRecord
) -> None:
    _three(house, new_record)
    _sign_again(house, {1: 1_900_000_000, 2: 1_900_000_001, 3: 1_900_001_000})
    _stretch(house, 12)
    assert (
        "records were written, but no checkpoint signed, between 2030-03-17T17:46:41Z and"
        " 2030-03-17T18:03:20Z"
    ) in _words(house)


def test_a_tail_that_grew_for_long_without_a_checkpoint_is_a_flaw(
    house: House, new_record: NewRecord
) -> None:
    _three(house, new_record)
    house.execute("DELETE FROM checkpoints WHERE number > 1")
    assert _words(house) == []
    _stretch(house, 8)
    assert any(
        word.startswith("no checkpoint covers the records from 6 on, which were written over ")
        for word in _words(house)
    )


def test_a_store_without_any_checkpoint_is_judged_likewise(
    house: House, new_record: NewRecord
) -> None:
    _commit(house.ledger(), new_record, 5)
    report = house.verify()
    assert (report.ok, report.notes) == (True, ("no checkpoint covers the last 6 records yet",))
    _stretch(house, 1)
    assert any(word.startswith("no checkpoint covers the records from 0") for word in _words(house))


def test_a_clock_that_was_set_back_is_a_note(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    _three(house, new_record)
    _sign_again(house, {1: 1_900_000_000, 2: 1_800_000_000, 3: 1_800_000_001})
    report = house.verify()
    assert report.ok
    (note,) = report.notes
    assert note.startswith("the clock was set back between checkpoints, from 2030-03-17T17:46:40Z")


def test_a_key_that_signs_again_after_it_was_replaced_is_a_note(
    house: House, new_record: NewRecord
) -> None:
    kept = _three(house, new_record)
    later = Signer.of("log.example", Ed25519PrivateKey.generate())
    keys = [later.verifier, house.vkey]
    for number in (2, 3):
        tree = checkpoint_of(kept[number - 1])
        note = sign_checkpoint(tree, later, kept[number - 1].time // 1000)
        house.execute("UPDATE checkpoints SET note = ? WHERE number = ?", note, number)
    report = house.verify(vkeys=keys)
    assert (report.ok, report.notes) == (True, ())
    house.execute("UPDATE checkpoints SET note = ? WHERE number = 3", kept[2].note)
    report = house.verify(vkeys=keys)
    assert report.ok
    (note,) = report.notes
    assert note.startswith(f"checkpoint 3 is signed by the key {house.vkey.key_id.hex()} again")


def _witness(name: str) -> Signer:
    return Signer.of(name, Ed25519PrivateKey.generate()).cosigner


def _cosign(house: House, kept: Kept, *witnesses: Signer) -> None:
    text = kept.note.partition("\n\n")[0] + "\n"
    lines = sign(text, *witnesses, time=5).partition("\n\n")[2]
    values = (lines, kept.number)
    house.execute("UPDATE checkpoints SET note = note || ? WHERE number = ?", *values)


def test_a_quorum_of_witnesses_is_asked_for(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    one, two = _witness("one"), _witness("two")
    keys = [one.verifier, two.verifier]
    kept = _three(house, new_record)
    (flaw,) = house.verify(witnesses=keys, quorum=2).flaws
    assert flaw.what == "no checkpoint was cosigned by 2 of the witnesses"
    _cosign(house, kept[1], one)
    assert not house.verify(witnesses=keys, quorum=2).ok
    assert house.verify(witnesses=keys, quorum=1).ok
    _cosign(house, kept[1], two)
    report = house.verify(witnesses=keys, quorum=2)
    assert (report.ok, report.tree.witnessed) == (True, 11)
    assert report.notes == ("witnesses have seen the first 11 records of 16",)
    _cosign(house, kept[2], one, two)
    assert house.verify(witnesses=keys, quorum=2).notes == ()


def test_one_witness_that_signs_twice_is_one(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    one, two = _witness("one"), _witness("two")
    _cosign(house, _three(house, new_record)[2], one, one)
    assert not house.verify(witnesses=[one.verifier, two.verifier], quorum=2).ok


def test_a_wrong_cosignature_is_a_flaw(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    one = _witness("one")
    kept = _three(house, new_record)
    line = sign("other\n", one, time=5).partition("\n\n")[2]
    house.execute("UPDATE checkpoints SET note = note || ? WHERE number = 3", line)
    _cosign(house, kept[1], one)
    (flaw,) = house.verify(witnesses=[one.verifier], quorum=1).flaws
    assert flaw.what == "checkpoint 3 does not hold: the signature of one is wrong"
