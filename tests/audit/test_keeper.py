from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pruning import DAY, write_days

from gateway.audit.keeper import Keeper, Retention
from gateway.audit.ledger import Item
from gateway.audit.postings import BLOCK
from gateway.audit.pruning import Periods
from gateway.audit.search import indexed
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from tests.audit.conftest import House


@pytest.fixture
def keeper(any_house: House) -> Iterator[Keeper]:
    keeper = Keeper(any_house.url, 5.0)
    keeper.start()
    yield keeper
    keeper.close()


@pytest.mark.parametrize("leads", [True, False])
def test_what_has_expired_is_pruned_by_the_one_that_leads(house: House, *, leads: bool) -> None:
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
    end = time.monotonic() + (20 if leads else 1.5)
    while not told and time.monotonic() < end:
        time.sleep(0.05)
    keeper.close()
    assert told == (["audit.pruned"] if leads else [])
    assert house.verify().flaws == ()


def _fill(house: House, new_record: Callable[..., Record]) -> None:
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(new_record()) for _ in range(BLOCK)])


def _wait(house: House) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with open_reader(house.url) as reader:
            if indexed(reader):
                return
        time.sleep(0.05)
    pytest.fail("the block was not indexed")


@pytest.mark.usefixtures("keeper")
def test_full_blocks_are_indexed_also_of_a_store_that_comes_later(
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
    keeper = Keeper(house.url, 1.0, retention, told.append)
    keeper.start()
    end = time.monotonic() + 20
    while len(asked) < 5 and time.monotonic() < end:
        time.sleep(0.01)
    keeper.close()
    assert len(asked) >= 5
    (sentence,) = told
    assert sentence.startswith("the log is not indexed and pruned: unexpected RuntimeError")
    assert "anything" not in sentence
