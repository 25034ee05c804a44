"""A sequencer beside a store in tests: started, waited for, and stopped."""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from gateway.audit.ledger import Item
from gateway.audit.sequencer import Duty, Sequencer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from tests.audit.conftest import House

__all__ = ["forget", "record", "sequencing", "until", "write"]

_OFTEN: Final = 0.2
"""Seconds between two looks at the store, and between two checkpoints."""


def record(_record: Record) -> Future[str]:
    """Records nothing, and is done at once."""
    done: Future[str] = Future()
    done.set_result("id")
    return done


@contextmanager
def sequencing(house: House, **changes: Any) -> Iterator[Sequencer]:
    """A sequencer of a house, as long as it is looked at; it looks and signs often."""
    duty = Duty(changes.pop("url", house.url), house.keys.signer)
    sequencer = Sequencer(duty, record, **changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.audit.sequencer._RENEW", _OFTEN)
        patch.setattr("gateway.audit.leading.SOONEST", _OFTEN)
        sequencer.start()
        try:
            yield sequencer
        finally:
            sequencer.stop(10.0)


def until(condition: Callable[[], bool]) -> None:
    """Waits for something; the test's timeout is the deadline."""
    while not condition():
        time.sleep(0.01)


def write(house: House, new_record: Callable[..., Record], count: int) -> None:
    """A writer that begins, writes so many records and ends."""
    ledger = house.ledger()
    ledger.commit([Item(new_record()) for _ in range(count)])
    ledger.close()


def forget(house: House) -> None:
    """What the owner of the database can make the store forget of its tree."""
    for statement in ("DELETE FROM tiles", "DELETE FROM checkpoints", "UPDATE lease SET size = 0"):
        house.execute(statement)
