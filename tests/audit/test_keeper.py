from __future__ import annotations

import threading
import time
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pruning import DAY, write_days

from gateway.audit.indexing import STEP
from gateway.audit.keeper import Keeper, Retention, Telling
from gateway.audit.ledger import Item
from gateway.audit.pruning import Periods
from gateway.audit.search import indexed
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from gateway.audit.store.base import Reader, Store
    from tests.audit.conftest import House


@pytest.fixture
def keeper(any_house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    monkeypatch.setattr("gateway.audit.keeper._PAUSE", 0.05)
    keeper = Keeper(any_house.url, 5.0)
    keeper.start()
    yield keeper
    keeper.close()


@pytest.mark.parametrize("leads", [True, False])
def test_what_has_expired_is_pruned_by_the_one_that_leads(
    house: House, monkeypatch: pytest.MonkeyPatch, *, leads: bool
) -> None:
    monkeypatch.setattr("gateway.audit.keeper._PAUSE", 0.05)
    ledger = house.ledger()
    write_days(ledger, 1)
    house.order()
    told: list[str] = []

    def record(one: Record) -> None:
        told.append(one.stage)
        ledger.commit([Item(one)])

    # Everything is a day old, or will be before a second has passed.
    retention = Retention(Periods(sealed=-2 * DAY), record, lambda: leads)
    keeper = Keeper(house.url, 1.0, retention)
    keeper.start()
    end = time.monotonic() + (20 if leads else 0.5)
    while not told and time.monotonic() < end:
        time.sleep(0.05)
    keeper.close()
    assert told == (["audit.pruned"] if leads else [])
    assert house.verify().flaws == ()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _fill(house: House, new_record: Callable[..., Record]) -> None:
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(new_record()) for _ in range(STEP)])


def _wait(house: House) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with open_reader(house.url) as reader:
            if indexed(reader):
                return
        time.sleep(0.05)
    pytest.fail("the records were not indexed")


@pytest.mark.usefixtures("keeper")
def test_records_are_indexed_also_of_a_store_that_comes_later(
    any_house: House, new_record: Callable[..., Record]
) -> None:
    # The keeper has begun before there was a store.
    _fill(any_house, new_record)
    _wait(any_house)


@pytest.mark.usefixtures("keeper")
def test_a_store_that_replaces_another_is_kept_too(
    any_house: House, new_record: Callable[..., Record]
) -> None:
    _fill(any_house, new_record)
    _wait(any_house)
    any_house.remove()
    _fill(any_house, new_record)
    _wait(any_house)


def test_a_keeper_that_cannot_prune_ended_without_a_word(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.trouble.TOLERATED", 0.0)
    monkeypatch.setattr("gateway.audit.keeper._PAUSE", 0.01)
    ledger = house.ledger()
    write_days(ledger, 1)
    house.order()
    asked: list[Record] = []
    told: list[str] = []

    def refuse(one: Record) -> None:
        asked.append(one)
        raise RuntimeError("words that may be anything")

    retention = Retention(Periods(sealed=-2 * DAY), refuse, lambda: True)
    keeper = Keeper(house.url, 1.0, retention, Telling(told.append, told.append))
    keeper.start()
    _until(lambda: len(asked) >= 5)
    keeper.close()
    (sentence,) = told
    assert sentence.startswith("the log is not pruned: unexpected RuntimeError")
    assert "anything" not in sentence


def test_a_keeper_that_could_not_prune_opened_the_store_each_second(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause, longest = 0.02, 0.2
    monkeypatch.setattr("gateway.audit.keeper._PAUSE", pause)
    monkeypatch.setattr("gateway.audit.keeper._LONGEST", longest)
    opened: list[float] = []

    def opening(*arguments: Any) -> Store:
        opened.append(time.monotonic())
        return open_store(*arguments)

    monkeypatch.setattr("gateway.audit.keeper.open_store", opening)
    ledger = house.ledger()
    write_days(ledger, 1)
    house.order()
    asked: list[float] = []

    def refuse(_one: Record) -> None:
        asked.append(time.monotonic())
        raise AuditUnavailable("the log is full")

    keeper = Keeper(house.url, 1.0, Retention(Periods(sealed=-2 * DAY), refuse, lambda: True))
    keeper.start()
    _until(lambda: len(asked) >= 7)
    keeper.close()
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    # Each try waits twice as long as the one before, up to the longest.
    for gap, least in zip(
        gaps, (pause, 2 * pause, 4 * pause, 8 * pause, longest, longest), strict=False
    ):
        assert gap >= least
    assert len(opened) <= len(asked) + 1


def test_what_could_not_be_pruned_is_told_again_and_pruned_as_soon_as_it_can_be(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.trouble.TOLERATED", 0.0)
    monkeypatch.setattr("gateway.audit.keeper._PAUSE", 0.02)
    monkeypatch.setattr("gateway.audit.keeper._LONGEST", 0.1)
    monkeypatch.setattr("gateway.audit.keeper._AGAIN", 0.15)
    ledger = any_house.ledger()
    write_days(ledger, 1)
    any_house.order()
    broken, told = threading.Event(), list[str]()
    broken.set()

    def record(one: Record) -> None:
        if broken.is_set():
            raise AuditUnavailable("the log is full")
        ledger.commit([Item(one)])

    retention = Retention(Periods(sealed=-2 * DAY), record, lambda: True)
    keeper = Keeper(any_house.url, 5.0, retention, Telling(told.append, told.append))
    keeper.start()
    _until(lambda: len(told) >= 3)
    broken.clear()
    _until(lambda: told[-1] == "the log is pruned again")
    keeper.close()
    assert set(told[:-1]) == {"the log is not pruned: the log is full"}
    report = any_house.verify()
    assert (report.flaws, report.pruned_parts) == ((), 3)


def test_a_log_that_cannot_be_pruned_is_indexed_and_the_other_way_round(
    house: House, new_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.keeper._PAUSE", 0.02)
    pruned: list[str] = []

    def record(one: Record) -> None:
        pruned.append(one.stage)

    with closing(house.ledger()) as ledger:
        write_days(ledger, 1)
        ledger.commit([Item(new_record()) for _ in range(STEP)])
    house.order()
    house.execute("DROP TABLE holds")
    retention = Retention(Periods(sealed=-2 * DAY), record, lambda: True)
    keeper = Keeper(house.url, 1.0, retention)
    keeper.start()
    _wait(house)
    keeper.close()
    assert pruned == []
    house.execute(
        "CREATE TABLE holds (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL,"
        " reason TEXT NOT NULL, by TEXT NOT NULL, since INTEGER NOT NULL)"
    )
    house.execute("DROP TABLE postings")
    house.execute("DELETE FROM blocks")
    keeper = Keeper(house.url, 1.0, retention)
    keeper.start()
    _until(lambda: bool(pruned))
    keeper.close()


def test_a_keeper_that_was_told_to_end_long_ago_is_not_waited_for_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A store that had gone silent took five seconds of a stop, after all that the others took.
    house.ledger()
    stuck, go_on = threading.Event(), threading.Event()

    def work(_reader: Reader, _store: Store) -> bool:
        stuck.set()
        return go_on.wait(60)

    monkeypatch.setattr("gateway.audit.keeper.index", work)
    keeper = Keeper(house.url, 1.0)
    keeper.start()
    assert stuck.wait(10)
    monkeypatch.setattr("gateway.audit.keeper._PATIENCE", 0.01)
    keeper.end()
    monkeypatch.setattr("gateway.audit.keeper._PATIENCE", 3600)
    keeper.close()
    assert keeper._thread.is_alive()
    go_on.set()
    keeper._thread.join(10)
    assert not keeper._thread.is_alive()
