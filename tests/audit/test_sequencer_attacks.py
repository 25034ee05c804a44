"""What the owner of the database does to the tree under a sequencer."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sequencing import forget, record, sequencing, until, write

from gateway.audit.chain import leaf
from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.note import Signer, sign
from gateway.audit.sequencer import Duty, Sequencer
from gateway.audit.store.opening import open_reader
from gateway.audit.store.tree import Kept
from gateway.audit.tiles import Growth
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def test_a_leader_that_was_overtaken_writes_nothing_more(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    write(house, new_record, 1)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.leads)
        house.execute("UPDATE lease SET holder = 'x', token = token + 1, until = until + 9999999")
        write(house, new_record, 1)
        sequencer.wake()
        until(lambda: not sequencer.leads)
        assert sequencer.size == 3


def test_a_store_that_was_put_back_is_told_and_not_signed(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    told: list[str] = []
    write(house, new_record, 1)
    with sequencing(house, on_incident=told.append) as sequencer:
        until(lambda: sequencer.newest is not None)
        for statement in (
            "DELETE FROM tiles",
            "DELETE FROM checkpoints",
            "UPDATE lease SET size=0",
        ):
            house.execute(statement)
        until(lambda: sequencer.problem is not None)
        time.sleep(0.5)
        (sentence,) = told
        assert sentence.startswith("the log's tree is not what was signed: a checkpoint of 3 rec")
        assert sentence.endswith("is not in the store any more: an older copy was put back")
    with open_reader(house.url) as reader:
        assert reader.rows("SELECT count(*) FROM checkpoints") == [(0,)]


def test_a_forged_history_with_a_forged_checkpoint_is_not_signed_over(
    house: House, new_record: NewRecord
) -> None:
    """Everything in the store fits, but for what this process has seen of it."""
    write(house, new_record, 3)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.newest is not None)
        genuine = sequencer.newest
        assert genuine is not None
        with open_reader(house.url) as reader:
            rows = reader.rows("SELECT seq, header FROM records ORDER BY seq")
        headers = [raw.replace(b"alice", b"mally") for _, raw in rows]
        growth = Growth()
        tiles = growth.extend(map(leaf, [*headers, headers[-1]]))
        tree = Checkpoint(genuine.note.split("\n")[0], len(rows) + 1, growth.root())
        stranger = Signer.of("log.example", Ed25519PrivateKey.generate())
        note = sign_checkpoint(tree, stranger, int(time.time()))
        with closing(sqlite3.connect(house.path)) as db, db:
            for seq, header in enumerate(headers, 1):
                db.execute("UPDATE records SET header = ? WHERE seq = ?", (header, seq))
            db.execute(
                "INSERT INTO records (id, writer, wseq, header, chain, stage)"
                " VALUES ('x', 1, 99, ?, x'00', 'intent')",
                (headers[-1],),
            )
            db.execute("UPDATE lease SET size = ?", (tree.size,))
            for tile, hashes in tiles.items():
                db.execute("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?)", (*tile, hashes))
            values = (genuine.number + 1, tree.size, genuine.time, note)
            db.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", values)
        until(lambda: sequencer.problem is not None)
        assert sequencer.problem == "the tree does not begin with the 5 records of a checkpoint"
        time.sleep(0.5)
        assert sequencer.newest == Kept(*values)


def test_a_store_that_is_moved_away_ends_the_trouble(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    write(house, new_record, 1)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.newest is not None)
        forget(house)
        until(lambda: sequencer.problem is not None)
        house.remove()
        write(house, new_record, 5)
        until(lambda: sequencer.problem is None and sequencer.size == 7)


def test_a_follower_remembers_what_the_leader_signed(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    write(house, new_record, 1)
    kept = house.order()
    house.execute("UPDATE lease SET holder = 'x', token = 9, until = ?", time.time() * 2000)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.newest == kept)
        house.execute("DELETE FROM checkpoints")
        until(lambda: sequencer.problem is not None)
        assert not sequencer.leads


def test_nothing_is_signed_against_the_anchor(house: House, new_record: NewRecord) -> None:
    write(house, new_record, 3)
    ahead = house.order().note
    forget(house)
    house.execute("DELETE FROM records WHERE seq > 3")
    with sequencing(house, anchor=lambda _: ahead) as sequencer:
        until(lambda: sequencer.problem is not None)
        assert "5 records is known" in str(sequencer.problem)
    with open_reader(house.url) as reader:
        assert reader.rows("SELECT count(*) FROM checkpoints") == [(0,)]


def test_nothing_is_signed_while_the_anchor_cannot_be_asked(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    asked, up = threading.Event(), threading.Event()

    def anchor(_store: str) -> str | None:
        asked.set()
        if not up.is_set():
            raise AuditUnavailable("the mirror is down")
        return None

    write(house, new_record, 1)
    with sequencing(house, anchor=anchor) as sequencer:
        asked.wait()
        assert sequencer.newest is None
        up.set()
        until(lambda: sequencer.newest is not None)


def test_an_anchor_of_another_key_is_no_anchor(house: House, new_record: NewRecord) -> None:
    write(house, new_record, 1)
    stranger = Signer.of("log.example", Ed25519PrivateKey.generate())
    note = sign("log.example/0123456789abcdef\n0\n" + "A" * 43 + "=\n", stranger)
    with sequencing(house, anchor=lambda _: note) as sequencer:
        until(lambda: sequencer.problem is not None)
        assert sequencer.problem == "no known key has signed this"


def test_a_log_whose_key_has_another_name_goes_on_from_its_old_checkpoints(
    house: House, new_record: NewRecord
) -> None:
    write(house, new_record, 3)
    house.order()
    other = Signer.of("new.example", Ed25519PrivateKey.generate())
    house.execute("UPDATE lease SET size = 0")
    house.execute("DELETE FROM tiles")
    sequencer = Sequencer(Duty(house.url, other), record)
    sequencer.start()
    until(lambda: sequencer.problem is not None)
    sequencer.stop(10.0)
    assert "an older copy was put back" in str(sequencer.problem)
