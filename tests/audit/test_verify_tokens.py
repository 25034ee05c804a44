"""A value that is found no more, or where it never was, is missed in the tokens of its record."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pruning import prune_now, write_days

from gateway.audit import verify_tokens
from gateway.audit.blind import BlindIndex, Value, bind_tokens
from gateway.audit.erase import erase
from gateway.audit.filters import Filters
from gateway.audit.holds import time_of
from gateway.audit.ledger import Item
from gateway.audit.query import sealed_events
from gateway.audit.salts import Scope
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

INDEX = BlindIndex(bytes(range(32)))
EMAIL, CARD = Value("alice@example.com"), Value("4111111111111111")
CITY = Value("Paris", guessable=True)
CHANGED = "the tokens by which its values are found were changed"


@pytest.fixture
def indexed(any_house: House, new_record: NewRecord) -> House:
    """Records with three values, none, one of them, and of nobody."""
    house = replace(any_house, keys=replace(any_house.keys, index=INDEX))
    ledger = house.ledger()
    for values in ((EMAIL, CARD, CITY), (), (EMAIL,)):
        ledger.commit([Item(new_record(), b'{"a": 1}', values)])
    ledger.commit([Item(new_record(actor=None), bytearray(b"x" * 300_000), (CARD,))])
    house.order()
    assert house.verify().flaws == ()
    return house


def _do(house: House, sql: str, *values: Any) -> None:
    """A statement on the table of tokens, whose records are known by their number there."""
    table, place = ("blind", "seq") if house.server is None else ("tokens", "wseq + 1")
    house.execute(sql.format(table=table, place=place), *values)


def _token(house: House, seq: int) -> int:
    with open_reader(house.url) as reader:
        return int(reader.rows("SELECT token FROM blind WHERE seq = ?", (seq,))[0][0])


@pytest.mark.parametrize("seq", [2, 4, 5])
def test_tokens_that_were_taken_away_went_unseen(indexed: House, seq: int) -> None:
    _do(indexed, "DELETE FROM {table} WHERE {place} = ? AND token = ?", seq, _token(indexed, seq))
    (flaw,) = indexed.verify().flaws
    assert (flaw.wseq, flaw.what) == (seq - 1, CHANGED)


def test_all_tokens_that_were_taken_away_are_missed(indexed: House) -> None:
    _do(indexed, "DELETE FROM {table}")
    assert [flaw.wseq for flaw in indexed.verify().flaws] == [1, 3, 4]


def test_a_token_in_the_place_of_another_is_seen(indexed: House) -> None:
    _do(indexed, "UPDATE {table} SET token = token + 1 WHERE {place} = 4")
    (flaw,) = indexed.verify().flaws
    assert (flaw.wseq, flaw.what) == (3, CHANGED)


def test_a_token_that_was_moved_to_another_record_is_seen(indexed: House) -> None:
    column = "seq" if indexed.server is None else "wseq"
    _do(indexed, f"UPDATE {{table}} SET {column} = {column} - 1 WHERE {{place}} = 5")  # noqa: S608 - made of constants
    assert [flaw.wseq for flaw in indexed.verify().flaws] == [3, 4]


def test_what_is_no_token_at_all_is_seen(house: House, new_record: NewRecord) -> None:
    house = replace(house, keys=replace(house.keys, index=INDEX))
    house.ledger().commit([Item(new_record(), b"{}", (EMAIL,))])
    house.execute("UPDATE blind SET token = 'anything'")
    (flaw,) = house.verify().flaws
    assert flaw.what == CHANGED


def test_tokens_are_read_in_windows(
    any_house: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_tokens, "_WINDOW", 3)
    house = replace(any_house, keys=replace(any_house.keys, index=INDEX))
    ledger = house.ledger()
    held = itertools.cycle([(EMAIL,), (), (CARD, CITY), (), ()])
    ledger.commit([Item(new_record(), b"{}", next(held)) for _ in range(20)])
    assert house.verify().flaws == ()
    with open_reader(house.url) as reader:
        ((name,),) = reader.rows("SELECT id FROM records WHERE seq = 9")
    assert house.verify(since=time_of(name)).flaws == ()


def test_what_was_pruned_has_no_tokens_to_miss(any_house: House) -> None:
    house = replace(any_house, keys=replace(any_house.keys, index=INDEX))
    ledger = house.ledger()
    write_days(ledger, 3, values=(EMAIL,))
    house.order()
    prune_now(house.url, ledger, 3, sealed=1.5)
    assert house.verify().flaws == ()


def test_who_was_erased_cannot_be_guessed_by_what_binds_the_tokens(indexed: House) -> None:
    """Who has every key but the auditor's, and knows the right value, learns nothing from it."""
    erase(indexed.url, indexed.keys, Scope("alice"), by="carol")
    assert indexed.verify().flaws == ()
    found = [one for one in sealed_events(indexed.url, Filters(stage="intent")) if one.sealed]
    bound = {one.header["sealed"].get("tokens"): one for one in found[:3]}
    tokens = INDEX.search(EMAIL.text).long
    for note, one in bound.items():
        assert one.salt is None
        assert one.sealed is not None
        for salt in (b"", bytes.fromhex(one.header["sealed"]["salt"])):
            assert bind_tokens(tokens, one.sealed, salt) != note


def test_records_without_values_bind_nothing(indexed: House) -> None:
    found = [one.header["sealed"] for one in sealed_events(indexed.url, Filters(stage="intent"))]
    assert [("tokens" in note) for note in found] == [True, False, True, True]
    assert {len(note["tokens"]) for note in found if "tokens" in note} == {32}
