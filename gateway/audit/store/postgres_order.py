"""Gives the records that writers wrote to PostgreSQL their places in the one order of the log.

Writers commit in no common order, so nothing here asks for what is "newer than". A writer's head
moves in the same transaction as the records that it names; so what is ordered is, writer by writer,
everything after its last ordered record up to its head. One transaction at a time does it.

All of it at once, as readers see heads and records together: so whoever has little time leaves a
large backlog, as after a long silence, to the leader.

The work is a function in the database: whoever may call it can give no record another place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.audit.store.postgres_link import Link

__all__ = ["order", "order_now"]

_ORDER: Final = "SELECT order_entries(%s, %s)"
_ALL: Final = 2**62
_TOO_MANY: Final = -2


def order(link: Link) -> None:
    """Orders what there is, in the transaction that is open; waits for whoever does so."""
    link.execute(_ORDER, (True, _ALL))


def order_now(link: Link, most: int = _ALL) -> bool:
    """Orders what there is, in transactions of its own, unless another process is about it.

    That one looks again when it is done, and then sees what was there before it was asked.

    Args:
        link: In autocommit mode.
        most: Where about so many records or more wait for their places, nothing is done.

    Returns:
        False where there were too many.
    """
    while (found := _places(link, most)) > 0:
        pass
    return found != _TOO_MANY


def _places(link: Link, most: int) -> int:
    row = link.execute(_ORDER, (False, most)).fetchone()
    return int(row[0]) if row is not None else 0
