"""What writers say of each other; their own chains are in test_verify.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from gateway.audit.chain import link
from gateway.audit.head import Head, sign_head
from gateway.audit.ledger import Item
from gateway.audit.record import Record
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.ledger import Ledger
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


def _lost(ledger: Ledger, **changes: Any) -> Record:
    head = ledger.head
    detail = {"writer": head.writer, "wseq": head.wseq, "chain": head.chain.hex()}
    return Record("writer.lost", detail={**detail, **changes})


def test_a_writer_that_vanished_and_was_ended_is_closed(
    house: House, new_record: NewRecord
) -> None:
    vanished, other = house.ledger(), house.ledger()
    vanished.commit([Item(new_record())])
    other.commit([Item(_lost(vanished))])
    report = house.verify()
    assert report.ok
    assert [writer.closed for writer in report.writers] == [True, False]
    assert any("vanished after record 1" in note for note in report.notes)


def test_a_row_after_the_end_that_was_made_for_a_writer_is_a_flaw(
    house: House, new_record: NewRecord
) -> None:
    vanished, other = house.ledger(), house.ledger()
    vanished.commit([Item(new_record())])
    other.commit([Item(_lost(vanished))])
    vanished.commit([Item(new_record())])
    (flaw,) = house.verify().flaws
    assert (flaw.writer, flaw.wseq) == (vanished.head.writer, 2)
    assert "writer.lost" in flaw.what


def test_the_last_record_of_a_vanished_writer_must_be_there(
    house: House, new_record: NewRecord
) -> None:
    vanished, other = house.ledger(), house.ledger()
    vanished.commit([Item(new_record())])
    other.commit([Item(_lost(vanished, wseq=5))])
    (flaw,) = house.verify().flaws
    assert (flaw.writer, flaw.wseq) == (vanished.head.writer, 5)
    assert "is not there any more" in flaw.what


@pytest.mark.parametrize(
    "changes", [{"writer": None}, {"wseq": "x"}, {"chain": 5}, {"writer": ["x"]}, {"writer": {}}]
)
def test_an_end_of_any_shape_is_a_flaw_and_no_crash(house: House, changes: dict[str, Any]) -> None:
    vanished, other = house.ledger(), house.ledger()
    other.commit([Item(_lost(vanished, **changes))])
    assert not house.verify().ok


def test_rewriting_with_the_logs_own_key_still_contradicts_what_others_saw(
    house: House, new_record: NewRecord
) -> None:
    first = house.ledger()
    first.commit([Item(new_record())])
    house.ledger()
    chain = bytes(32)
    with_key = []
    for seq in (1, 2):
        header = _header(house, seq).replace(b"gpt-5", b"gpt-6")
        chain = link(chain, header)
        with_key.append((header, chain, seq))
    for row in with_key:
        house.execute("UPDATE records SET header = ?, chain = ? WHERE seq = ?", *row)
    house.execute("UPDATE records SET model = 'gpt-6-mini' WHERE seq = 2")
    note = sign_head(Head(first.head.writer, 1, chain), house.keys.signer)
    house.execute("UPDATE writers SET chain = ?, head = ? WHERE number = 1", chain, note)
    (flaw,) = house.verify().flaws
    assert "saw record 1 of it, which is not there any more" in flaw.what


def _header(house: House, seq: int) -> bytes:
    with open_reader(house.url) as reader:
        raw: bytes = reader.rows("SELECT header FROM records WHERE seq = ?", (seq,))[0][0]
    assert orjson.loads(raw)
    return raw
