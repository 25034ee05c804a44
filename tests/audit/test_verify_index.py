"""An index that hides records is a flaw, in the block that grows as well."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.indexing import STEP, index
from gateway.audit.ledger import Item
from gateway.audit.postings import BLOCK, term
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

HIDES = f"the index hides some of the records 0 to {BLOCK - 1} of the log"
GROWING = f"the index hides some of the records {BLOCK} to {BLOCK + STEP - 1} of the log"
LONGER = f"the index hides some of the records {BLOCK} to {BLOCK + STEP} of the log"


@pytest.fixture(scope="module")
def indexed(
    tmp_path_factory: pytest.TempPathFactory,
    house_at: Callable[..., House],
    new_record: Callable[..., Record],
) -> House:
    house = house_at(tmp_path_factory.mktemp("indexed"))
    with closing(house.ledger()) as ledger:
        for start in range(0, BLOCK + STEP + 100, 500):
            items = [Item(new_record(model=f"m{(start + n) % 9}")) for n in range(500)]
            ledger.commit(items)
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        while index(reader, store):
            pass
    return house


@pytest.mark.parametrize(
    ("flaw", "statement", "values"),
    [
        (HIDES, "DELETE FROM postings WHERE term = ?", (term("model", "m3"),)),
        (HIDES, "UPDATE postings SET bits = x'0000' WHERE term = ?", (term("model", "m3"),)),
        (HIDES, "UPDATE blocks SET earliest = latest + ?", (1000,)),
        (HIDES, "UPDATE blocks SET latest = earliest - ?", (1,)),
        (HIDES, "UPDATE blocks SET block = block + ?", (9,)),
        (GROWING, "DELETE FROM postings WHERE block = 1 AND term = ?", (term("model", "m3"),)),
        (GROWING, "UPDATE blocks SET latest = earliest - ? WHERE block = 1", (1,)),
        (LONGER, "UPDATE blocks SET records = records + ? WHERE block = 1", (1,)),
    ],
)
def test_an_index_that_hides_records_is_a_flaw(
    indexed: House, flaw: str, statement: str, values: tuple[int, ...]
) -> None:
    with open_reader(indexed.url) as reader:
        before = reader.rows("SELECT * FROM blocks"), reader.rows("SELECT * FROM postings")
    assert indexed.verify().flaws == ()
    indexed.execute(statement, *values)
    assert flaw in {one.what for one in indexed.verify().flaws}
    with closing(open_store(indexed.url, 1.0, "open")) as store, store.work() as work:
        work.run("DELETE FROM blocks")
        work.run("DELETE FROM postings")
        work.many("INSERT INTO blocks VALUES (?, ?, ?, ?)", before[0])
        work.many("INSERT INTO postings VALUES (?, ?, ?)", before[1])


def test_what_an_index_says_beyond_the_records_hides_nothing(indexed: House) -> None:
    indexed.execute("INSERT INTO postings VALUES (0, 7, x'0100')")
    assert indexed.verify().flaws == ()


@pytest.mark.parametrize("records", [0, STEP - 1, -1, 2 * BLOCK, "many"])
def test_an_index_that_says_less_than_it_holds_hides_nothing(indexed: House, records: Any) -> None:
    indexed.execute("UPDATE blocks SET records = ? WHERE block = 1", records)
    assert indexed.verify().flaws == ()
    with open_reader(indexed.url) as reader, closing(open_store(indexed.url, 1.0, "open")) as store:
        assert not index(reader, store)
        assert reader.rows("SELECT records FROM blocks ORDER BY block") == [(BLOCK,), (STEP,)]
    assert indexed.verify().flaws == ()
