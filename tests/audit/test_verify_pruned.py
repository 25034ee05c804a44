"""What is gone without a record, or was to be kept, is missed."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pruning import prune_now, write_days

from gateway.audit.chain import leaf
from gateway.audit.holds import Hold, place
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from gateway.audit.ledger import Ledger
    from tests.audit.conftest import House


@pytest.fixture
def ledger(any_house: House) -> Ledger:
    """Four days of three records; the second day's calls of user-1 are held."""
    ledger = any_house.ledger()
    write_days(ledger, 4)
    place(ledger, Hold(0, "request", "call-1-1", "a lawsuit", "carol", 1))
    any_house.order()
    prune_now(any_house.url, ledger, 4, sealed=2.0, headers=2.5)
    assert any_house.verify().flaws == ()
    return ledger


def _seq(house: House, request: str) -> int:
    with open_reader(house.url) as reader:
        ((seq,),) = reader.rows("SELECT seq FROM records WHERE request = ?", (request,))
    return int(seq)


def _header(house: House, seq: int) -> bytes:
    with open_reader(house.url) as reader:
        ((header,),) = reader.rows("SELECT header FROM records WHERE seq = ?", (seq,))
    return bytes(header)


def _first_flaw(house: House) -> str:
    return house.verify().flaws[0].what


@pytest.mark.usefixtures("ledger")
def test_a_header_that_is_made_to_look_pruned_is_missed(any_house: House) -> None:
    seq = _seq(any_house, "call-3-1")
    with closing(open_store(any_house.url, 5.0, "open")) as store, store.work() as work:
        work.prune([(seq, leaf(_header(any_house, seq)))])
    assert _first_flaw(any_house) == "its header is gone, and no pruning is recorded"


@pytest.mark.usefixtures("ledger")
def test_a_held_header_that_is_made_to_look_pruned_is_missed(any_house: House) -> None:
    seq = _seq(any_house, "call-1-1")
    with closing(open_store(any_house.url, 5.0, "open")) as store, store.work() as work:
        work.prune([(seq, leaf(_header(any_house, seq)))])
    flaw = "1 headers up to record 6 of the log are gone that were kept when the others were pruned"
    assert flaw in {one.what for one in any_house.verify().flaws}


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("request_", "flaw"),
    [("call-3-1", "its sealed part is missing"), ("call-1-1", "1 sealed parts up to record")],
)
def test_a_sealed_part_that_was_to_be_kept_is_missed(
    any_house: House, request_: str, flaw: str
) -> None:
    with closing(open_store(any_house.url, 5.0, "open")) as store, store.work() as work:
        work.drop_parts([_seq(any_house, request_)])
    assert _first_flaw(any_house).startswith(flaw)


@pytest.mark.usefixtures("ledger")
def test_a_pruned_record_cannot_be_taken_out_or_changed(any_house: House) -> None:
    table = "records" if any_house.server is None else "entries"
    any_house.execute(f"UPDATE {table} SET header = ? WHERE wseq = 2", bytes(32))  # noqa: S608
    assert "was changed or added" in _first_flaw(any_house)


def test_a_hold_that_was_taken_out_is_missed(any_house: House, ledger: Ledger) -> None:
    second = place(ledger, Hold(0, "subject", "bob", "another", "carol", 2))
    any_house.execute("DELETE FROM holds WHERE number = ?", second.number)
    assert _first_flaw(any_house) == "hold 2 is gone, and no release is recorded"


@pytest.mark.usefixtures("ledger")
def test_a_record_of_a_pruning_that_is_stretched_covers_nothing_unseen(any_house: House) -> None:
    with open_reader(any_house.url) as reader:
        rows = reader.rows("SELECT wseq, header FROM records WHERE stage = 'audit.pruned'")
    table = "records" if any_house.server is None else "entries"
    for wseq, header in rows:
        stretched = bytes(header).replace(b'"last":7', b'"last":9')
        any_house.execute(f"UPDATE {table} SET header = ? WHERE wseq = ?", stretched, wseq)  # noqa: S608
    assert "changed or added" in _first_flaw(any_house)
