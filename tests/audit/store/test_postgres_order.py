from __future__ import annotations

import random
import threading
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from gateway.audit.ledger import Item, Ledger
from gateway.audit.store.postgres_link import connect
from gateway.audit.store.postgres_order import order, order_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_LEAVES = "SELECT writer, wseq FROM leaves ORDER BY seq"
_NUMBERS = "SELECT min(seq), max(seq), count(*) FROM leaves"


def test_each_writers_records_stand_in_their_order_and_the_log_has_no_gap(
    postgres_house: House, new_record: NewRecord
) -> None:
    """Ledgers that do not tidy leave it all to one who orders now and then."""
    chance = random.Random(7)  # noqa: S311 - an order of steps, not a secret
    with ExitStack() as stack, connect(postgres_house.url, 5.0) as link:
        ledgers = [Ledger(postgres_house.url, postgres_house.keys, 5.0) for _ in range(4)]
        for ledger in ledgers:
            stack.callback(ledger._drop)
        for _ in range(60):
            ledger = chance.choice(ledgers)
            ledger.commit([Item(new_record()) for _ in range(chance.randrange(1, 5))])
            if chance.random() < 0.3:
                order_now(link)
        order_now(link)
        total = sum(ledger.head.wseq + 1 for ledger in ledgers)
    assert postgres_house.ask(_NUMBERS) == [(1, total, total)]
    seen: dict[int, int] = {}
    for writer, wseq in postgres_house.ask(_LEAVES):
        assert wseq == seen.get(writer, -1) + 1
        seen[writer] = wseq
    assert postgres_house.verify().ok


def test_a_writer_that_commits_late_is_not_passed_over(
    postgres_house: House, new_record: NewRecord
) -> None:
    """A "newer than the last" would lose what was begun before and committed after it."""
    slow, fast = postgres_house.ledger(), postgres_house.ledger()
    slow.commit([Item(new_record())])
    with connect(postgres_house.url, 5.0) as link:
        link.execute("BEGIN")
        link.execute("UPDATE writers SET seen = 0 WHERE id = %s", (slow.head.writer,))
        waiting = threading.Thread(target=slow.commit, args=([Item(new_record())],))
        waiting.start()
        for _ in range(5):
            fast.commit([Item(new_record())])
        assert postgres_house.verify().ok
        link.execute("COMMIT")
    waiting.join()
    report = postgres_house.verify()
    assert report.ok
    assert [writer.stands for writer in report.writers] == [(0, 2), (0, 5)]


def test_two_who_order_at_once_give_no_place_twice(
    postgres_house: House, new_record: NewRecord
) -> None:
    with closing(Ledger(postgres_house.url, postgres_house.keys, 5.0)) as ledger:
        ledger.commit([Item(new_record()) for _ in range(50)])
        with connect(postgres_house.url, 5.0) as one, connect(postgres_house.url, 5.0) as two:
            with one.transaction():
                order(one)
                order_now(two)
                waiting = threading.Thread(target=_order, args=(two,))
                waiting.start()
            waiting.join()
        assert postgres_house.ask(_NUMBERS) == [(1, 51, 51)]


def _order(link: object) -> None:
    with link.transaction():  # type: ignore[attr-defined]
        order(link)  # type: ignore[arg-type]


def test_entries_that_somebody_adds_hold_nobody_up(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger()
    columns = "writer, wseq, header, chain, stage"
    for wseq in (0, 1):
        postgres_house.execute(
            f"INSERT INTO entries (id, {columns})"  # noqa: S608 - made of constants
            f" SELECT ? || id, writer, ?::bigint, header, chain, stage FROM entries LIMIT 1",
            f"zz{wseq}",
            wseq,
        )
    ledger.commit([Item(new_record())])
    ledger.commit([Item(new_record())])
    assert postgres_house.ask(_NUMBERS) == [(1, 3, 3)]
    assert postgres_house.verify().ok
