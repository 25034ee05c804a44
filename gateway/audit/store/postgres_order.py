"""Gives the records that writers wrote to PostgreSQL their places in the one order of the log.

Writers commit in no common order, so nothing here asks for what is "newer than". A writer's head
moves in the same transaction as the records that it names; so what is ordered is, writer by writer,
everything after its last ordered record up to its head. One transaction at a time does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.audit.store.postgres_link import Link

__all__ = ["order", "order_now"]

_BEHIND: Final = (
    " FROM writers w LEFT JOIN ordered o ON o.writer = w.number WHERE w.wseq > coalesce(o.wseq, -2)"
)
_ANYTHING: Final = f"SELECT EXISTS (SELECT{_BEHIND})"
_TAKE: Final = "SELECT seq FROM ordering WHERE id = 1 FOR UPDATE"
_ORDER: Final = f"""
WITH behind AS MATERIALIZED (
    SELECT w.number, w.wseq, w.chain, w.head, coalesce(o.wseq, -2) AS done{_BEHIND}),
run AS (
    -- Two entries under one number are somebody else's work; the chain says which is none of ours.
    SELECT DISTINCT ON (e.writer, e.wseq) e.writer, e.wseq, e.id
    FROM behind b JOIN entries e ON e.writer = b.number AND e.wseq > b.done AND e.wseq <= b.wseq
    ORDER BY e.writer, e.wseq, e.id),
leaf AS (
    INSERT INTO leaves (seq, writer, wseq, id)
    SELECT (SELECT seq FROM ordering WHERE id = 1) + row_number() OVER (ORDER BY writer, wseq),
        writer, wseq, id FROM run
    RETURNING seq),
moved AS (
    INSERT INTO ordered (writer, wseq, chain, head) SELECT number, wseq, chain, head FROM behind
    ON CONFLICT (writer) DO UPDATE
    SET wseq = excluded.wseq, chain = excluded.chain, head = excluded.head)
UPDATE ordering SET seq = seq + (SELECT count(*) FROM leaf) WHERE id = 1
"""  # noqa: S608 - made of constants


def order(link: Link) -> None:
    """Orders what there is, inside the transaction that is open; waits for whoever does so."""
    # A statement of its own: the next one must see what was committed before the lock was had.
    link.execute(_TAKE)
    link.execute(_ORDER)


def order_now(link: Link) -> None:
    """Orders what there is, in transactions of its own, unless another process is about it.

    That one looks again when it is done, and then sees what was there before it was asked.
    """
    while _one(link, _ANYTHING) == (True,):
        with link.transaction():
            if _one(link, f"{_TAKE} SKIP LOCKED") is None:
                return
            link.execute(_ORDER)


def _one(link: Link, statement: str) -> tuple[object, ...] | None:
    return link.execute(statement).fetchone()
