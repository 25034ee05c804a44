"""Writers and leaders killed between statements to SQLite: nothing acknowledged is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest
from dying import Told, dying, published, see_one_history, see_that_it_holds

if TYPE_CHECKING:
    from tests.audit.conftest import House

_LOOK: Final = 12


@pytest.mark.slow
def test_kill_9_before_and_after_every_statement_loses_nothing(house: House) -> None:
    told, last = Told(), 1
    house.ledger().close()
    with dying(house) as one:
        while one.at(last, told):
            last += 1
            if last % _LOOK == 0:
                told.notes |= published(house)
                see_that_it_holds(house, told, last)
    assert last > 40
    see_that_it_holds(house, told, "at the end")
    told.notes |= published(house)
    assert len(told.notes) > 3
    see_one_history(house, told)


def _tables(house: House) -> int:
    with closing(sqlite3.connect(house.path)) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'")
    return int(count)


@pytest.mark.slow
def test_kill_9_while_the_tables_are_made_leaves_none_or_all(house: House) -> None:
    told, last, found = Told(), 1, [0]
    with dying(house) as one:
        while not found[-1]:
            assert one.at(last, told)
            last += 1
            found.append(_tables(house))
        assert not one.at(0, told)
    assert last > 60
    assert set(found) == {0, _tables(house)}
    see_that_it_holds(house, told, "at the end")
