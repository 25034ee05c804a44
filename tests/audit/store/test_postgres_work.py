from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.audit.blind import BlindIndex, Value
from gateway.audit.chain import leaf
from gateway.audit.holds import Hold, place
from gateway.audit.ledger import Item
from gateway.audit.record import Actor
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import COLUMNS, PRUNED

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _fill(house: House, new_record: NewRecord) -> None:
    index = BlindIndex(bytes(range(32)))
    ledger = replace(house, keys=replace(house.keys, index=index)).ledger()
    values = (Value("a@example.com"), Value("b@example.com"))
    ledger.commit([Item(new_record(), b"{}", values) for _ in range(3)])


def test_parts_and_tokens_go_of_those_records_only(
    postgres_house: House, new_record: NewRecord
) -> None:
    _fill(postgres_house, new_record)
    with closing(open_store(postgres_house.url, 5.0, "open")) as store:
        with store.work() as work:
            work.forget([2])
        with store.work() as work:
            work.drop_parts([3])
    with open_reader(postgres_house.url) as reader:
        assert reader.rows("SELECT seq FROM sealed ORDER BY seq") == [(2,), (4,)]
        assert reader.rows("SELECT seq, count(*) FROM blind GROUP BY seq") == [(4, 2)]


def test_of_a_pruned_record_its_hash_and_its_place_are_left(
    postgres_house: House, new_record: NewRecord
) -> None:
    _fill(postgres_house, new_record)
    kept = "SELECT seq, id, wseq, chain FROM records ORDER BY seq"
    with open_reader(postgres_house.url) as reader:
        before = reader.rows(kept)
        ((header,),) = reader.rows("SELECT header FROM records WHERE seq = 3")
    with closing(open_store(postgres_house.url, 5.0, "open")) as store, store.work() as work:
        work.prune([(3, leaf(header))])
    with open_reader(postgres_house.url) as reader:
        assert reader.rows(kept) == before
        columns = ", ".join(COLUMNS)
        rows = reader.rows(f"SELECT header, {columns} FROM records WHERE seq = 3")  # noqa: S608
        assert reader.rows("SELECT count(*) FROM records WHERE model IS NOT NULL") == [(2,)]
    assert rows == [(leaf(header), PRUNED, *[None] * (len(COLUMNS) - 1))]


def test_writers_go_on_while_work_is_under_way(
    postgres_house: House, new_record: NewRecord
) -> None:
    ledger = postgres_house.ledger(busy=1.0)
    with closing(open_store(postgres_house.url, 5.0, "open")) as store, store.work() as work:
        work.run("INSERT INTO cursors VALUES ('sink.a', 1)")
        for size in (1, 40, 1):
            # Of somebody new each time, so that salts are written.
            actor = Actor(f"user-{ledger.head.wseq}", "https://id.example", ("analyst",))
            ledger.commit([Item(new_record(actor=actor), b"{}") for _ in range(size)])
    assert postgres_house.ask("SELECT count(*) FROM salts") == [(3,)]
    assert postgres_house.verify().opened == 42


def test_nothing_is_put_under_a_hold_while_work_takes_things_out(postgres_house: House) -> None:
    """Whoever is told that a hold stands finds that nothing goes from then on."""
    ledger, placed = postgres_house.ledger(), threading.Event()

    def hold() -> None:
        place(ledger, Hold(0, "subject", "alice", "a lawsuit", "legal", 1))
        placed.set()

    holding = threading.Thread(target=hold)
    with closing(open_store(postgres_house.url, 5.0, "open")) as store:
        with store.work() as work:
            holding.start()
            assert not placed.wait(0.5)
            assert work.rows("SELECT count(*) FROM holds") == [(0,)]
        assert placed.wait(10)
        holding.join()
        with store.work() as work:
            assert work.rows("SELECT count(*) FROM holds") == [(1,)]
