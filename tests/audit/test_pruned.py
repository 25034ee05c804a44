"""What was pruned on record need not be there; everything else must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.ledger import Item
from gateway.audit.pruned import Pruned
from gateway.audit.record import Record
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _fill(house: House, new_record: NewRecord) -> None:
    """Records 1 to 10 of a first writer and 11 to 20 of a second, which goes on."""
    for last in (True, False):
        ledger = house.ledger()
        count = 8 if last else 9
        ledger.commit([Item(new_record(), b'{"prompt":"text"}') for _ in range(count)])
        if last:
            ledger.close()
        house.order()


def _prune(house: House, headers: int, sealed: int, **changes: Any) -> None:
    """Does what a retention does: says it, and removes."""
    detail = {"headers_before": headers, "sealed_before": sealed, **changes}
    house.ledgers[-1].commit([Item(Record("audit.pruned", detail=detail))])
    house.order()
    house.execute("DELETE FROM sealed WHERE seq < ?", max(headers, sealed))
    house.execute("DELETE FROM records WHERE seq < ?", headers)


@pytest.mark.parametrize(("headers", "sealed"), [(1, 8), (5, 5), (8, 14), (11, 11), (15, 17)])
def test_a_log_that_was_pruned_on_record_holds(
    house: House, new_record: NewRecord, headers: int, sealed: int
) -> None:
    _fill(house, new_record)
    _prune(house, headers, sealed)
    report = house.verify()
    assert report.flaws == ()
    assert any(f"records before {headers} were removed" in note for note in report.notes)
    assert report.records == 21 - (headers - 1)
    assert report.tree.checkpoints == 3
    assert report.gone == len([seq for seq in range(headers, sealed) if seq not in {1, 10, 11}])


def test_a_record_that_was_held_may_stay(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    ledger = house.ledgers[-1]
    ledger.commit([Item(Record("audit.pruned", detail={"headers_before": 15}))])
    house.order()
    for seq in (1, 2, 3, 5, 7, 8, 10, 12, 13):
        house.execute("DELETE FROM sealed WHERE seq = ?", seq)
        house.execute("DELETE FROM records WHERE seq = ?", seq)
    report = house.verify()
    assert report.flaws == ()
    assert report.records == 12
    house.execute("UPDATE records SET header = CAST(header || ' ' AS BLOB) WHERE seq = 6")
    assert any("the record that stands in the tree at 5" in flaw.what
               for flaw in house.verify().flaws)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "gone", "words"),
    [
        ((5, 5), "DELETE FROM records WHERE seq < 7", "records 4 to 5 of the tree are not in the"),
        (
            (5, 5),
            "DELETE FROM records WHERE seq = 15",
            "record 14 of the tree are not in",
        ),
        ((5, 5), "DELETE FROM records WHERE seq BETWEEN 3 AND 12", "records 4 to 11 of the tree"),
        ((5, 7), "DELETE FROM sealed WHERE seq = 7", "its sealed part is missing"),
        ((0, 0), "DELETE FROM records WHERE seq < 3", "records 0 to 1 of the tree are not in the"),
    ],
)
def test_what_was_not_pruned_on_record_is_missed(
    house: House, new_record: NewRecord, before: tuple[int, int], gone: str, words: str
) -> None:
    _fill(house, new_record)
    _prune(house, *before)
    house.execute(gone)
    flaws = [flaw.what for flaw in house.verify().flaws]
    assert any(words in flaw for flaw in flaws), flaws


def test_a_pruning_cannot_reach_beyond_itself(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    ledger = house.ledgers[-1]
    ledger.commit([Item(Record("audit.pruned", detail={"headers_before": 999}))])
    ledger.commit([Item(new_record())])
    house.order()
    house.execute("DELETE FROM records WHERE seq = 22")
    assert not house.verify().ok
    with open_reader(house.url) as reader:
        assert Pruned.read(reader) == Pruned(21, 21)


@pytest.mark.parametrize("detail", [{}, {"headers_before": "9"}, {"headers_before": -4}, None])
def test_a_pruning_of_any_shape_removes_nothing(house: House, detail: Any) -> None:
    ledger = house.ledger()
    ledger.commit([Item(Record("audit.pruned", detail=detail))])
    with open_reader(house.url) as reader:
        assert Pruned.read(reader) == Pruned(0, 0)


def test_since_begins_behind_what_was_pruned(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    _prune(house, 8, 8)
    assert house.verify(since=0).flaws == ()
