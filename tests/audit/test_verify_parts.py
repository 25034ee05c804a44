from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from gateway.audit.findings import Findings
from gateway.audit.ledger import Item
from gateway.audit.opener import Opener
from gateway.audit.store.opening import open_reader
from gateway.audit.verify_parts import Parts
from gateway.audit.verify_pruned import PrunedCheck
from gateway.audit.verify_rows import records_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _flaws(house: House, *, opened: bool = True) -> tuple[list[str | None], Parts]:
    with open_reader(house.url) as reader:
        pruned = PrunedCheck(reader, Findings())
        parts = Parts(reader, [Opener(house.auditor)] if opened else [], pruned)
        flaws = []
        for row in records_from(reader, 2):
            row.fields = orjson.loads(row.header)
            flaws.append(parts.flaw(row))
    return flaws, parts


def _fill(house: House, new_record: NewRecord) -> None:
    ledger = house.ledger()
    ledger.commit([Item(new_record(), b'{"prompt":"one"}'), Item(new_record())])


@pytest.mark.parametrize("opened", [True, False])
def test_parts_that_hold_are_counted(house: House, new_record: NewRecord, *, opened: bool) -> None:
    _fill(house, new_record)
    flaws, parts = _flaws(house, opened=opened)
    assert flaws == [None, None]
    assert (parts.sealed, parts.opened, parts.erased) == (1, int(opened), 0)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM sealed", "its sealed part is missing"),
        (
            "UPDATE sealed SET ciphertext = CAST(ciphertext || x'00' AS BLOB)",
            "its sealed part was changed",
        ),
        ("UPDATE segments SET envelope = x'00'", "its segment's envelope is missing or was"),
        ("UPDATE sealed SET seq = 3", "its sealed part is missing"),
        ("DELETE FROM salts", "no erasure is recorded"),
    ],
)
def test_a_part_that_does_not_hold_is_said_why(
    house: House, new_record: NewRecord, statement: str, words: str
) -> None:
    _fill(house, new_record)
    house.execute(statement)
    flaws, parts = _flaws(house)
    assert words in str(flaws[0])
    assert parts.opened == 0


def test_a_part_that_no_header_names_is_a_flaw(house: House, new_record: NewRecord) -> None:
    _fill(house, new_record)
    house.execute("INSERT INTO sealed SELECT 3, segment, ciphertext FROM sealed")
    assert _flaws(house)[0] == [None, "it has a sealed part that it does not name"]
