from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.audit.blind import BlindIndex, Value
from gateway.audit.chain import leaf
from gateway.audit.ledger import Item
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


def test_parts_and_tokens_go_of_those_records_only(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    with closing(open_store(house.url, 5.0, "open")) as store:
        with store.work() as work:
            work.forget([2])
        with store.work() as work:
            work.drop_parts([3])
    with open_reader(house.url) as reader:
        assert reader.rows("SELECT seq FROM sealed ORDER BY seq") == [(2,), (4,)]
        assert reader.rows("SELECT seq, count(*) FROM blind GROUP BY seq") == [(4, 2)]


def test_of_a_pruned_record_its_hash_and_its_place_are_left(
    house: House, new_record: NewRecord
) -> None:
    _fill(house, new_record)
    kept = "SELECT seq, id, wseq, chain FROM records ORDER BY seq"
    with open_reader(house.url) as reader:
        before = reader.rows(kept)
        ((header,),) = reader.rows("SELECT header FROM records WHERE seq = 3")
    with closing(open_store(house.url, 5.0, "open")) as store, store.work() as work:
        work.prune([(3, leaf(header))])
    with open_reader(house.url) as reader:
        assert reader.rows(kept) == before
        columns = ", ".join(COLUMNS)
        rows = reader.rows(f"SELECT header, {columns} FROM records WHERE seq = 3")  # noqa: S608
        assert reader.rows("SELECT count(*) FROM records WHERE model IS NOT NULL") == [(2,)]
    assert rows == [(leaf(header), PRUNED, *[None] * (len(COLUMNS) - 1))]
