from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.keeper import Keeper
from gateway.audit.ledger import Item
from gateway.audit.postings import BLOCK
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
