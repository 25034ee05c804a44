from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.indexing import index, unindex
from gateway.audit.ledger import Item
from gateway.audit.postings import BLOCK, decode_bits, descending, term
from gateway.audit.search import indexed
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


@pytest.fixture
def full(any_house: House, new_record: NewRecord) -> House:
    """One block and one record more; ``writer.open`` is the first."""
    with closing(any_house.ledger()) as ledger:
        ledger.commit([Item(new_record(model=f"m{n % 3}")) for n in range(BLOCK - 1)])
    return any_house


def test_a_block_is_indexed_once_it_is_full(full: House) -> None:
    with open_reader(full.url) as reader, closing(open_store(full.url, 1.0, "open")) as store:
        assert indexed(reader) == 0
        assert index(reader, store)
        assert indexed(reader) == BLOCK
        assert not index(reader, store)
        rows = dict(reader.rows("SELECT term, bits FROM postings WHERE block = 0"))
        ((earliest, latest),) = reader.rows("SELECT earliest, latest FROM blocks")
    assert list(descending(decode_bits(rows[term("stage", "writer.open")]))) == [0]
    assert list(descending(decode_bits(rows[term("model", "m0")]))) == [*range(1, BLOCK, 3)][::-1]
    assert 1_700_000_000_000 < earliest <= latest


def test_two_who_index_the_same_block_write_it_once(full: House) -> None:
    with (
        open_reader(full.url) as reader,
        closing(open_store(full.url, 1.0, "open")) as store,
        reader.snapshot(),
    ):
        reader.rows("SELECT 1 FROM meta")
        # The snapshot does not see what the other one does.
        with open_reader(full.url) as other, closing(open_store(full.url, 1.0, "open")) as second:
            assert index(other, second)
        assert index(reader, store)
    with open_reader(full.url) as reader:
        assert reader.rows("SELECT count(*) FROM blocks") == [(1,)]


def test_a_record_with_a_strange_id_is_found_at_any_time(
    house: House, new_record: NewRecord
) -> None:
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(new_record()) for _ in range(BLOCK)])
    house.execute("UPDATE records SET id = 'strange' WHERE seq = 7")
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        assert index(reader, store)
        assert reader.rows("SELECT earliest FROM blocks") == [(0,)]


def test_what_was_pruned_while_its_block_was_read_came_back_into_the_index(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, store = open_reader(full.url), open_store(full.url, 5.0, "open")
    with reader, closing(store):
        ((seq, *values),) = reader.rows(
            f"SELECT seq, {', '.join(COLUMNS)} FROM records WHERE seq = 7"  # noqa: S608 - made of constants
        )

        def pruned(_seconds: float) -> None:
            monkeypatch.undo()
            with closing(open_store(full.url, 5.0, "open")) as other, other.work() as work:
                work.prune([(seq, bytes(32))])
                unindex(work, [(seq, values)])

        monkeypatch.setattr("gateway.audit.indexing.time.sleep", pruned)
        assert index(reader, store)
        assert indexed(reader) == 0
        assert index(reader, store)
        ((bits,),) = reader.rows(
            "SELECT bits FROM postings WHERE term = ?", (term("tenant", "acme"),)
        )
    assert not decode_bits(bits) >> 6 & 1
