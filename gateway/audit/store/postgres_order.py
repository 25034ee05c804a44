"""Gives the records that writers wrote to PostgreSQL their places in the one order of the log.

Writers commit in no common order, so nothing here asks for what is "newer than". A writer's head
moves in the same transaction as the records that it names; so what is ordered is, writer by writer,
everything after its last ordered record up to its head. One transaction at a time does it.

The work is a function in the database: whoever may call it can give no record another place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.audit.store.postgres_link import Link

__all__ = ["order", "order_now"]

_ORDER: Final = "SELECT order_entries(%s)"


def order(link: Link) -> None:
    """Orders what there is, in the transaction that is open; waits for whoever does so."""
    link.execute(_ORDER, (True,))


def order_now(link: Link) -> None:
    """Orders what there is, in transactions of its own, unless another process is about it.

    That one looks again when it is done, and then sees what was there before it was asked.
    """
    while (link.execute(_ORDER, (False,)).fetchone() or (0,))[0] > 0:
        pass
