from __future__ import annotations

import re
import shutil
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sequencing import record, sequencing, until, write

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.ledger import Item
from gateway.audit.note import Signer, sign
from gateway.audit.sequencer import Duty, Sequencer
from gateway.audit.store.opening import open_reader, open_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from gateway.audit.record import Record
    from gateway.audit.store.tree import Kept
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def test_what_is_committed_is_ordered_and_signed(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    seen: list[Kept] = []
    write(house, new_record, 3)
    with sequencing(house) as sequencer:
        sequencer.listeners.append(seen.append)
        until(lambda: sequencer.size == 5)
        write(house, new_record, 2000)
        sequencer.wake()
        until(lambda: bool(seen) and seen[-1].size == 2007)
        assert sequencer.leads
        assert sequencer.problem is None
        assert sequencer.newest == seen[-1]
        assert sequencer.age < 60
    assert read_checkpoint(seen[-1].note, [house.vkey]).checkpoint.size == 2007


def test_at_its_end_everything_is_signed_and_the_lead_is_free(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    write(house, new_record, 1)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.newest is not None)
        write(house, new_record, 50)
    assert sequencer.newest is not None
    assert sequencer.newest.size == 55
    with closing(open_tree(house.url, 0.2)) as store:
        assert store.lead("another", 60.0) is not None


def test_one_of_several_leads_and_another_takes_over(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    write(house, new_record, 1)
    with sequencing(house) as first:
        until(lambda: first.leads)
        with sequencing(house) as second:
            until(lambda: second.newest is not None)
            assert not second.leads
            first.stop(10.0)
            until(lambda: second.leads)
            write(house, new_record, 1)
            second.wake()
            until(lambda: second.size == 6)
            assert second.problem is None


def test_cosignatures_are_stored(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    witness = Signer.of("witness", Ed25519PrivateKey.generate()).cosigner

    def stored() -> str:
        with open_reader(house.url) as reader:
            return str(reader.rows("SELECT note FROM checkpoints WHERE number = 1")[0][0])

    write(house, new_record, 1)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.newest is not None)
        kept = sequencer.newest
        assert kept is not None
        text = kept.note.partition("\n\n")[0] + "\n"
        line = sign(text, witness, time=5).partition("\n\n")[2]
        sequencer.cosign(kept, line)
        until(lambda: stored() == kept.note + line)
        assert sequencer.problem is None


def test_a_new_store_is_a_new_log(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    write(house, new_record, 1)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.newest is not None)
        first = sequencer.newest
        house.remove()
        write(house, new_record, 7)
        until(lambda: sequencer.newest is not None and sequencer.newest.size == 9)
        assert sequencer.problem is None
    assert first is not None
    assert sequencer.newest is not None
    assert first.note.split("\n")[0] != sequencer.newest.note.split("\n")[0]


def test_a_missing_store_is_waited_for(house: House, new_record: NewRecord) -> None:
    with sequencing(house) as sequencer:
        time.sleep(0.1)
        write(house, new_record, 1)
        until(lambda: sequencer.size == 3)


def test_a_store_that_fails_for_long_is_a_problem_and_is_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("gateway.audit.trouble.TOLERATED", 0.3)
    with sequencing(house, on_incident=told.append) as sequencer:
        assert sequencer.problem is None
        until(lambda: sequencer.problem is not None)
        assert "gone" in str(sequencer.problem)
        until(lambda: bool(told))
        time.sleep(0.5)
    assert told == ["the log's tree does not grow: the store's file is gone"]


def test_an_error_that_nobody_expects_is_named_by_its_type_and_place_only(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_arguments: object) -> None:
        raise RuntimeError("secret")

    write(house, new_record, 1)
    monkeypatch.setattr("gateway.audit.trouble.TOLERATED", 0.1)
    monkeypatch.setattr("gateway.audit.watch.Watch.look", burst)
    with sequencing(house) as sequencer:
        until(lambda: sequencer.problem is not None)
        found = re.fullmatch(
            r"unexpected RuntimeError at test_sequencer\.py:\d+", str(sequencer.problem)
        )
        assert found
        monkeypatch.undo()
        until(lambda: sequencer.problem is None and sequencer.size == 3)


def test_a_tree_that_does_not_grow_is_a_problem(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.sequencer._STALE", 0.0)
    sequencer = Sequencer(Duty(house.url, house.keys.signer), record)
    time.sleep(0.01)
    assert sequencer.problem == "no checkpoint was signed for more than three minutes"


def test_a_copy_goes_on_as_the_same_log(house: House, new_record: NewRecord) -> None:
    write(house, new_record, 3)
    house.order()
    shutil.copy(house.path, house.folder / "copy.db")
    url = f"sqlite:///{house.folder}/copy.db"
    with sequencing(house, url=url) as sequencer:
        until(lambda: sequencer.leads)
        assert sequencer.problem is None


def test_a_leader_that_died_is_replaced(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    write(house, new_record, 1)
    with closing(open_tree(house.url, 0.2)) as dead:
        assert dead.lead("dead", 1.0) == 1
    with sequencing(house) as sequencer:
        until(lambda: sequencer.leads)
        assert sequencer.size == 3


def test_a_log_that_is_written_and_ordered_holds_at_every_moment(
    any_house: House, new_record: NewRecord
) -> None:
    house, done = any_house, threading.Event()

    def write() -> None:
        while not done.is_set():
            ledger = house.ledger()
            for count in (1, 40, 3):
                ledger.commit([Item(new_record(), b'{"prompt":"x"}') for _ in range(count)])
                time.sleep(0.01)
            ledger.close()

    writer = threading.Thread(target=write)
    with sequencing(house) as sequencer:
        writer.start()
        try:
            for _ in range(8):
                until(lambda: sequencer.newest is not None)
                kept = sequencer.newest
                assert kept is not None
                sequencer.wake()
                report = house.verify(known=[("the newest", kept.note)])
                assert report.flaws == ()
                assert report.tree.size >= kept.size
        finally:
            done.set()
            writer.join()
