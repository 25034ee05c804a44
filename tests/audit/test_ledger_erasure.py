"""A writer goes on when somebody is erased: nobody's new records depend on an erased salt."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.ledger import Item, Ledger
from gateway.audit.record import Actor, Record
from gateway.audit.store.base import SaltsErased
from gateway.audit.store.opening import open_reader
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.store.base import Batch, Work
    from tests.audit.conftest import House


def _erased() -> Record:
    return Record("audit.erased", detail={"subject": "alice", "issuer": None, "tenant": None})


def _erase(house: House) -> None:
    """What an erasure does to the tables."""
    house.execute("DELETE FROM salts WHERE subject = 'alice'")
    house.execute(
        "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'erasures'"
    )


def _segments(house: House) -> list[str]:
    sql = "SELECT g.id FROM sealed s JOIN segments g ON g.number = s.segment ORDER BY s.seq"
    with open_reader(house.url) as reader:
        return [one for (one,) in reader.rows(sql)]


def _item(text: bytes | bytearray = b"{}") -> Item:
    return Item(Record("intent", actor=Actor("alice")), text)


def _holds_salts(ledger: Ledger) -> bool:
    return ledger._sealing._segment is not None


def _just_before(ledger: Ledger, act: Callable[[], None], times: int = 1) -> None:
    """Does something between the sealing of a batch and its transaction."""
    store: Any = ledger._store
    write, left = store.write, [act] * times

    def write_late(batch: Batch) -> None:
        if left:
            left.pop()()
        write(batch)

    store.write = write_late


def test_the_next_batch_begins_a_segment(any_house: House) -> None:
    ledger = any_house.ledger()
    ledger.commit([_item()])
    _erase(any_house)
    ledger.commit([Item(_erased())])
    ledger.commit([_item()])
    one, two = _segments(any_house)
    assert one != two
    report = any_house.verify()
    assert (report.flaws, report.erased, report.opened) == ((), 1, 1)


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_a_batch_that_was_sealed_already_is_sealed_anew(
    any_house: House, kind: Callable[[bytes], bytes | bytearray]
) -> None:
    ledger = any_house.ledger()
    ledger.commit([_item()])
    ledger.commit([Item(_erased())])
    _just_before(ledger, lambda: _erase(any_house))
    ledger.commit([_item(kind(b'{"prompt": "one"}')), _item(kind(b'{"prompt": "two"}'))])
    assert len(set(_segments(any_house)[1:])) == 1
    report = any_house.verify()
    assert (report.flaws, report.erased, report.opened) == ((), 1, 2)
    assert ledger.head.wseq == 4


def test_who_is_erased_before_every_attempt_does_not_hold_it_up_for_ever(any_house: House) -> None:
    ledger = any_house.ledger()
    ledger.commit([_item()])
    _just_before(ledger, lambda: _erase(any_house), times=9)
    with pytest.raises(SaltsErased):
        ledger.commit([_item()])
    ledger.commit([_item()])
    assert ledger.head.wseq == 2


def test_what_is_not_sealed_waits_for_nothing(any_house: House) -> None:
    ledger = any_house.ledger()
    ledger.commit([_item()])
    _just_before(ledger, lambda: _erase(any_house))
    ledger.commit([Item(_erased())])
    assert ledger.head.wseq == 2


def test_an_idle_writer_lets_go_of_its_salts(any_house: House) -> None:
    ledger = any_house.ledger()
    ledger.commit([_item()])
    ledger.check()
    assert _holds_salts(ledger)
    _erase(any_house)
    ledger.check()
    assert not _holds_salts(ledger)
    ledger.commit([Item(_erased()), _item()])
    report = any_house.verify()
    assert (report.flaws, report.erased, report.opened) == ((), 1, 1)


def test_what_else_happens_counts_only_with_the_records(any_house: House) -> None:
    ledger = any_house.ledger()
    ledger.commit([_item()])

    def delete_and_fail(work: Work) -> None:
        assert work.run("DELETE FROM salts") == 1
        raise ValueError

    with pytest.raises(AuditUnavailable, match="cannot be written: ValueError"):
        ledger.commit([Item(_erased())], delete_and_fail)
    ledger.commit([_item()])
    report = any_house.verify()
    assert (report.flaws, report.erased, report.opened) == ((), 0, 2)


@pytest.mark.parametrize("size", [10, 300_000], ids=["small", "large"])
def test_a_batch_that_comes_while_somebody_is_erased_waits_and_is_sealed_anew(
    any_house: House, size: int
) -> None:
    ledger = Ledger(any_house.url, any_house.keys, 10.0)
    eraser = Ledger(any_house.url, any_house.keys, 10.0)
    text = b'{"prompt": "%s"}' % (b"x" * size)
    ledger.commit([_item(text)])
    writer = threading.Thread(target=ledger.commit, args=([_item(bytearray(text))],))

    def erase_slowly(work: Work) -> None:
        assert work.run("DELETE FROM salts") == 1
        work.run(
            "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
            " WHERE key = 'erasures'"
        )
        writer.start()
        writer.join(0.5)
        assert writer.is_alive()

    eraser.commit([Item(_erased())], erase_slowly)
    writer.join(10.0)
    assert ledger.head.wseq == 2
    ledger.close()
    eraser.close()
    report = any_house.verify()
    assert (report.flaws, report.erased, report.opened) == ((), 1, 1)
