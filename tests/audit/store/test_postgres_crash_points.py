"""Writers and leaders killed between messages to PostgreSQL: nothing acknowledged is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from dying import Told, dying, published, see_one_history, see_that_it_holds

if TYPE_CHECKING:
    from tests.audit.conftest import House

_STEP: Final = 7
"""Of the places every seventh, so that all three kinds of them come in turn."""
_MAKING: Final = 20
_LOOK: Final = 10
_MADE: Final = (
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relname IN ('meta', 'migrations', 'entries', 'leaves', 'holds')"
)
_TABLES: Final = 5


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_kill_9_between_messages_to_the_server_loses_nothing(postgres_house: House) -> None:
    told, last = Told(), 1
    postgres_house.ledger().close()
    with dying(postgres_house) as one:
        while one.at(last, told):
            last += _STEP
            if last // _STEP % _LOOK == 0:
                told.notes |= published(postgres_house)
                see_that_it_holds(postgres_house, told, last)
    assert last > 300
    see_that_it_holds(postgres_house, told, "at the end")
    told.notes |= published(postgres_house)
    assert len(told.notes) > 3
    see_one_history(postgres_house, told)


@pytest.mark.slow
def test_kill_9_while_the_tables_are_made_leaves_none_or_all(postgres_house: House) -> None:
    told, last = Told(), 1
    with dying(postgres_house) as one:
        while postgres_house.ask(_MADE) == [(0,)]:
            assert one.at(last, told)
            last += _MAKING
            assert postgres_house.ask(_MADE) in ([(0,)], [(_TABLES,)])
        assert not one.at(0, told)
    assert last > 120
    see_that_it_holds(postgres_house, told, "at the end")
