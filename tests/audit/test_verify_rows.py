from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader
from gateway.audit.verify_rows import first_since, records_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House


def test_records_come_in_order_with_their_sealed_parts(
    house: House, new_record: Callable[..., Record]
) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record(), b"sealed"), Item(new_record())])
    with open_reader(house.url) as reader:
        rows = list(records_from(reader, 2))
    assert [(row.seq, row.wseq) for row in rows] == [(2, 1), (3, 2)]
    assert [row.ciphertext is None for row in rows] == [False, True]
    assert rows[0].columns[0] == "intent"
    assert rows[0].fields == {}


def test_a_time_leads_to_the_first_record_from_it_on(
    house: House, new_record: Callable[..., Record]
) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record()) for _ in range(3)])
    with open_reader(house.url) as reader:
        (id_,) = reader.rows("SELECT id FROM records WHERE seq = 3")[0]
        time = int(id_[:8] + id_[9:13], 16)
        assert first_since(reader, 0) == 1
        assert first_since(reader, time) <= 3
        assert first_since(reader, time + 10**9) == 5
