from __future__ import annotations

import re
import shutil
import threading
import time
from concurrent.futures import Future
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.ledger import Item
from gateway.audit.note import Signer, sign
from gateway.audit.sequencer import Duty, Sequencer
from gateway.audit.store.opening import open_reader, open_tree
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from gateway.audit.record import Record
    from gateway.audit.store.tree import Kept
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _record(_record: Record) -> Future[str]:
    done: Future[str] = Future()
    done.set_result("id")
    return done


@contextmanager
def _sequencing(house: House, **changes: Any) -> Iterator[Sequencer]:
    duty = Duty(changes.pop("url", house.url), house.keys.signer)
    sequencer = Sequencer(duty, _record, **changes)
    sequencer.start()
    try:
        yield sequencer
    finally:
        sequencer.stop(10.0)


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def _write(house: House, new_record: NewRecord, count: int) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record()) for _ in range(count)])
    ledger.close()


def _forget(house: House) -> None:
    for statement in ("DELETE FROM tiles", "DELETE FROM checkpoints", "UPDATE lease SET size = 0"):
        house.execute(statement)


def test_what_is_committed_is_ordered_and_signed(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    seen: list[Kept] = []
    _write(house, new_record, 3)
    with _sequencing(house) as sequencer:
        sequencer.listeners.append(seen.append)
        _until(lambda: sequencer.size == 5)
        _write(house, new_record, 2000)
        sequencer.wake()
        _until(lambda: bool(seen) and seen[-1].size == 2007)
        assert sequencer.leads
        assert sequencer.problem is None
        assert sequencer.newest == seen[-1]
        assert sequencer.age < 60
    assert read_checkpoint(seen[-1].note, [house.vkey]).checkpoint.size == 2007


def test_at_its_end_everything_is_signed_and_the_lead_is_free(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 1)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.newest is not None)
        _write(house, new_record, 50)
    assert sequencer.newest is not None
    assert sequencer.newest.size == 55
    with closing(open_tree(house.url, 0.2)) as store:
        assert store.lead("another", 60.0) is not None


def test_one_of_several_leads_and_another_takes_over(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 1)
    with _sequencing(house) as first:
        _until(lambda: first.leads)
        with _sequencing(house) as second:
            _until(lambda: second.newest is not None)
            assert not second.leads
            first.stop(10.0)
            _until(lambda: second.leads)
            _write(house, new_record, 1)
            second.wake()
            _until(lambda: second.size == 6)
            assert second.problem is None


def test_a_leader_that_was_overtaken_writes_nothing_more(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 1)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.leads)
        house.execute("UPDATE lease SET holder = 'x', token = token + 1, until = until + 9999999")
        _write(house, new_record, 1)
        sequencer.wake()
        _until(lambda: not sequencer.leads)
        assert sequencer.size == 3


def test_a_store_that_was_put_back_is_told_and_not_signed(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    told: list[str] = []
    _write(house, new_record, 1)
    with _sequencing(house, on_incident=told.append) as sequencer:
        _until(lambda: sequencer.newest is not None)
        for statement in (
            "DELETE FROM tiles",
            "DELETE FROM checkpoints",
            "UPDATE lease SET size=0",
        ):
            house.execute(statement)
        _until(lambda: sequencer.problem is not None)
        time.sleep(1.2)
        (sentence,) = told
        assert sentence.startswith("the log's tree is not what was signed: a checkpoint of 3 rec")
        assert sentence.endswith("is not in the store any more: an older copy was put back")
    with open_reader(house.url) as reader:
        assert reader.rows("SELECT count(*) FROM checkpoints") == [(0,)]


def test_a_store_that_is_moved_away_ends_the_trouble(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 1)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.newest is not None)
        _forget(house)
        _until(lambda: sequencer.problem is not None)
        house.remove()
        _write(house, new_record, 5)
        _until(lambda: sequencer.problem is None and sequencer.size == 7)


def test_a_follower_remembers_what_the_leader_signed(
    any_house: House, new_record: NewRecord
) -> None:
    house = any_house
    _write(house, new_record, 1)
    kept = house.order()
    house.execute("UPDATE lease SET holder = 'x', token = 9, until = ?", time.time() * 2000)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.newest == kept)
        house.execute("DELETE FROM checkpoints")
        _until(lambda: sequencer.problem is not None)
        assert not sequencer.leads


def test_nothing_is_signed_against_the_anchor(house: House, new_record: NewRecord) -> None:
    _write(house, new_record, 3)
    ahead = house.order().note
    _forget(house)
    house.execute("DELETE FROM records WHERE seq > 3")
    with _sequencing(house, anchor=lambda _: ahead) as sequencer:
        _until(lambda: sequencer.problem is not None)
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

    _write(house, new_record, 1)
    with _sequencing(house, anchor=anchor) as sequencer:
        asked.wait()
        assert sequencer.newest is None
        up.set()
        _until(lambda: sequencer.newest is not None)


def test_an_anchor_of_another_key_is_no_anchor(house: House, new_record: NewRecord) -> None:
    _write(house, new_record, 1)
    stranger = Signer.of("log.example", Ed25519PrivateKey.generate())
    note = sign("log.example/0123456789abcdef\n0\n" + "A" * 43 + "=\n", stranger)
    with _sequencing(house, anchor=lambda _: note) as sequencer:
        _until(lambda: sequencer.problem is not None)
        assert sequencer.problem == "no known key has signed this"


def test_cosignatures_are_stored(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    witness = Signer.of("witness", Ed25519PrivateKey.generate()).cosigner

    def stored() -> str:
        with open_reader(house.url) as reader:
            return str(reader.rows("SELECT note FROM checkpoints WHERE number = 1")[0][0])

    _write(house, new_record, 1)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.newest is not None)
        kept = sequencer.newest
        assert kept is not None
        text = kept.note.partition("\n\n")[0] + "\n"
        line = sign(text, witness, time=5).partition("\n\n")[2]
        sequencer.cosign(kept, line)
        _until(lambda: stored() == kept.note + line)
        assert sequencer.problem is None


def test_a_new_store_is_a_new_log(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    _write(house, new_record, 1)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.newest is not None)
        first = sequencer.newest
        house.remove()
        _write(house, new_record, 7)
        _until(lambda: sequencer.newest is not None and sequencer.newest.size == 9)
        assert sequencer.problem is None
    assert first is not None
    assert sequencer.newest is not None
    assert first.note.split("\n")[0] != sequencer.newest.note.split("\n")[0]


def test_a_missing_store_is_waited_for(house: House, new_record: NewRecord) -> None:
    with _sequencing(house) as sequencer:
        time.sleep(0.1)
        _write(house, new_record, 1)
        _until(lambda: sequencer.size == 3)


def test_a_store_that_fails_for_long_is_a_problem_and_is_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("gateway.audit.sequencer._TOLERATED", 0.3)
    with _sequencing(house, on_incident=told.append) as sequencer:
        assert sequencer.problem is None
        _until(lambda: sequencer.problem is not None)
        assert "gone" in str(sequencer.problem)
        _until(lambda: bool(told))
        time.sleep(1.2)
    assert told == ["the log's tree does not grow: the store's file is gone"]


def test_an_error_that_nobody_expects_is_named_by_its_type_and_place_only(
    house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_arguments: object) -> None:
        raise RuntimeError("secret")

    _write(house, new_record, 1)
    monkeypatch.setattr("gateway.audit.sequencer._TOLERATED", 0.1)
    monkeypatch.setattr("gateway.audit.watch.Watch.look", burst)
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.problem is not None)
        found = re.fullmatch(
            r"unexpected RuntimeError at test_sequencer\.py:\d+", str(sequencer.problem)
        )
        assert found
        monkeypatch.undo()
        _until(lambda: sequencer.problem is None and sequencer.size == 3)


def test_a_log_whose_key_has_another_name_goes_on_from_its_old_checkpoints(
    house: House, new_record: NewRecord
) -> None:
    _write(house, new_record, 3)
    house.order()
    other = Signer.of("new.example", Ed25519PrivateKey.generate())
    house.execute("UPDATE lease SET size = 0")
    house.execute("DELETE FROM tiles")
    sequencer = Sequencer(Duty(house.url, other), _record)
    sequencer.start()
    _until(lambda: sequencer.problem is not None)
    sequencer.stop(10.0)
    assert "an older copy was put back" in str(sequencer.problem)


def test_a_tree_that_does_not_grow_is_a_problem(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.sequencer._STALE", 0.0)
    sequencer = Sequencer(Duty(house.url, house.keys.signer), _record)
    time.sleep(0.01)
    assert sequencer.problem == "no checkpoint was signed for more than three minutes"


def test_a_copy_goes_on_as_the_same_log(house: House, new_record: NewRecord) -> None:
    _write(house, new_record, 3)
    house.order()
    shutil.copy(house.path, house.folder / "copy.db")
    url = f"sqlite:///{house.folder}/copy.db"
    with _sequencing(house, url=url) as sequencer:
        _until(lambda: sequencer.leads)
        assert sequencer.problem is None


def test_a_leader_that_died_is_replaced(any_house: House, new_record: NewRecord) -> None:
    house = any_house
    _write(house, new_record, 1)
    with closing(open_tree(house.url, 0.2)) as dead:
        assert dead.lead("dead", 3.0) == 1
    with _sequencing(house) as sequencer:
        _until(lambda: sequencer.leads)
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
    with _sequencing(house) as sequencer:
        writer.start()
        try:
            for _ in range(12):
                _until(lambda: sequencer.newest is not None)
                kept = sequencer.newest
                assert kept is not None
                sequencer.wake()
                report = house.verify(known=[("the newest", kept.note)])
                assert report.flaws == ()
                assert report.tree.size >= kept.size
        finally:
            done.set()
            writer.join()
