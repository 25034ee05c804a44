"""An event of which something is gone says what, and who took it out."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pruning import old_record, prune_now, write_days

from gateway.audit.chain import leaf
from gateway.audit.gone import gone
from gateway.audit.ledger import Item
from gateway.audit.record import Record
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from tests.audit.conftest import House


@pytest.fixture
def pruned(any_house: House) -> House:
    """Of three days the first is pruned, and of the second the sealed parts."""
    ledger = any_house.ledger()
    write_days(ledger, 3)
    ledger.commit([Item(old_record(2, 77))])
    any_house.order()
    prune_now(any_house.url, ledger, 3, sealed=1.5, headers=2.5)
    any_house.order()
    return any_house


def test_what_was_pruned_is_told_with_the_record_that_says_so(pruned: House) -> None:
    with open_reader(pruned.url) as reader:
        records = reader.rows("SELECT seq, id FROM records WHERE stage = 'audit.pruned'")
        ((seq,),) = reader.rows("SELECT seq FROM records WHERE id = ?", (old_record(0, 0).id,))
    (sealed, headers) = (name for _, name in sorted(records))
    first, second = gone(pruned.url, old_record(0, 0).id), gone(pruned.url, old_record(1, 0).id)
    assert first is not None
    assert (first.what, first.index) == ("headers", seq - 1)
    assert str(first).startswith(f"retention has pruned its header, as record {headers} of 20")
    assert str(first).endswith(f"; its leaf hash stands in the tree at {seq - 1}")
    assert second is not None
    assert second.what == "sealed"
    assert f"pruned its sealed part, as record {sealed} of 20" in str(second)


def test_of_what_is_there_nothing_is_gone(pruned: House) -> None:
    assert gone(pruned.url, old_record(2, 0).id) is None
    # It never had a sealed part.
    assert gone(pruned.url, old_record(2, 77).id) is None
    assert gone(pruned.url, Record("intent").id) is None


def test_what_somebody_else_took_out_is_not_said_to_be_pruned(pruned: House) -> None:
    kept, other = old_record(2, 0).id, old_record(2, 1).id
    with open_reader(pruned.url) as reader:
        ((seq, header),) = reader.rows("SELECT seq, header FROM records WHERE id = ?", (kept,))
        ((second,),) = reader.rows("SELECT seq FROM records WHERE id = ?", (other,))
    with closing(open_store(pruned.url, 5.0, "open")) as store, store.work() as work:
        work.prune([(seq, leaf(bytes(header)))])
        work.drop_parts([second])
    for name, part in ((kept, "header"), (other, "sealed part")):
        said = f"its {part} is gone, and no pruning is recorded: run `gateway audit verify`"
        assert str(gone(pruned.url, name)) == said
