"""The blind index finds equal values, and gives none away without its key."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import blind
from gateway.audit.blind import SHORT_BITS, BlindIndex, Value, normal
from gateway.audit.filters import Filters
from gateway.audit.indexing import STEP, index
from gateway.audit.ledger import Item
from gateway.audit.query import events
from gateway.audit.search import indexed
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.ledger import Ledger
    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

INDEX = BlindIndex(bytes(range(32)))
EMAIL, CARD = "Alice.Example@Example.COM", "4111 1111 1111 1111"


def _ledger(house: House) -> Ledger:
    return replace(house, keys=replace(house.keys, index=INDEX)).ledger()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice@example.com", " Alice@EXAMPLE.com\n"),
        ("4111 1111 1111 1111", "4111-1111-1111-1111"),
        ("4111111111111111", "\uff14111\u30001111\u30001111\u30001111"),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("+49 (0)170 123-4567", "+49 0 170 1234567"),
        ("Straße", "STRASSE"),
        ("Anna  Maria", "anna maria"),
        ("2001:DB8::1", "2001:db8:0:0:0:0:0:1"),
        ("ﬁnance", "FINANCE"),
    ],
)
def test_spellings_of_one_value_are_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    assert INDEX.search(one) == INDEX.search(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice@example.com", "alice@example.org"),
        ("192.0.2.11", "19.20.21.1"),
        ("a-b", "ab"),
        ("Anna Maria", "AnnaMaria"),
        ("x.1234@example.com", "x1234@example.com"),
    ],
)
def test_different_values_stay_different(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@given(st.text())
def test_a_normal_spelling_is_its_own(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(max_size=40), st.booleans())
def test_what_was_indexed_is_what_is_searched(text: str, guessable: bool) -> None:  # noqa: FBT001
    (token,), omitted = INDEX.tokens([Value(text, guessable)])
    found = INDEX.search(text)
    assert omitted == 0
    (long,), (short,) = found.long, found.short
    assert token == (short if guessable else long)
    assert 0 <= short < 2**SHORT_BITS
    assert not 0 <= long < 2**SHORT_BITS
    assert -(2**63) <= long < 2**63


def test_a_record_has_at_most_256_tokens_and_each_once() -> None:
    values = [Value(f"{number}@example.com") for number in range(300)]
    tokens, omitted = INDEX.tokens([*values, *values, Value("x" * 5000)])
    assert (len(tokens), len(set(tokens)), omitted) == (256, 256, 45)


def test_another_key_finds_nothing() -> None:
    other = BlindIndex(os.urandom(32))
    assert other.search(EMAIL).long != INDEX.search(EMAIL).long


def test_requests_that_held_a_value_are_found_newest_first(
    any_house: House, new_record: NewRecord
) -> None:
    ledger = _ledger(any_house)
    records = [new_record() for _ in range(4)]
    held = [(), (Value(EMAIL),), (Value(CARD), Value("Paris", guessable=True)), (Value(EMAIL),)]
    ledger.commit([Item(one, b"{}", values) for one, values in zip(records, held, strict=True)])

    def found(value: str, **filters: str) -> list[str]:
        page = events(any_house.url, Filters.parse(filters), value=INDEX.search(value))
        return [event["id"] for event in page.events]

    assert found(EMAIL.lower()) == [records[3].id, records[1].id]
    assert found("4111111111111111") == [records[2].id]
    assert found(EMAIL, decision="block") == []
    assert found("bob@example.com") == []
    first = events(any_house.url, Filters(limit=1), value=INDEX.search(EMAIL))
    assert first.next is not None
    assert found(EMAIL, cursor=first.next) == [records[1].id]


def test_a_short_token_is_a_hint_and_says_so(any_house: House, new_record: NewRecord) -> None:
    ledger = _ledger(any_house)
    key = bytes(range(32))
    # The first of such names that shares a token with alice.
    twin = "877328 is a person"
    assert INDEX.search("alice").short == (blind._short(key, twin),)
    both = (Value("alice", guessable=True),), (Value(twin, guessable=True),), (Value("alice"),)
    records = [new_record() for _ in both]
    ledger.commit([Item(one, b"{}", values) for one, values in zip(records, both, strict=True)])
    page = events(any_house.url, Filters(), value=INDEX.search("Alice"))
    assert {event["id"] for event in page.events} == {one.id for one in records}
    assert page.doubtful == {records[0].id, records[1].id}


def test_values_beyond_those_that_are_indexed_are_counted_in_the_header(
    any_house: House, new_record: NewRecord
) -> None:
    ledger = _ledger(any_house)
    values = tuple(Value(f"{number}@example.com") for number in range(260))
    many = new_record(rules=tuple(f"rule-{n}" for n in range(300)))
    ledger.commit([Item(many, b"{}", values), Item(new_record(), b"{}", values[:1])])
    last, first = events(any_house.url, Filters(limit=2)).events
    assert first["omitted"] == {"values": 4, "rules": 44}
    assert "omitted" not in last
    assert any_house.verify().ok


def test_a_value_and_filters_meet_in_the_index(any_house: House, new_record: NewRecord) -> None:
    ledger = _ledger(any_house)
    items = [
        Item(new_record(model=f"m{n % 7}"), None, (Value(EMAIL),) if n % 3 == 0 else ())
        for n in range(STEP + 50)
    ]
    for start in range(0, len(items), 500):
        ledger.commit(items[start : start + 500])
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 1.0, "open")) as store,
    ):
        index(reader, store)
        assert indexed(reader) == STEP
    page = events(any_house.url, Filters(model="m2", limit=1000), value=INDEX.search(EMAIL))
    wanted = [item.record.id for n, item in enumerate(items) if n % 7 == 2 and n % 3 == 0]
    assert [event["id"] for event in page.events] == wanted[::-1]
    timed = Filters(since=2**47, limit=1000)
    assert events(any_house.url, timed, value=INDEX.search(EMAIL)).events == ()


def test_without_a_key_nothing_is_indexed(any_house: House, new_record: NewRecord) -> None:
    any_house.ledger().commit([Item(new_record(), b"{}", (Value(EMAIL),))])
    with open_reader(any_house.url) as reader:
        assert reader.rows("SELECT count(*) FROM blind") == [(0,)]


def test_no_byte_of_a_value_is_in_the_store_or_its_log(house: House, new_record: NewRecord) -> None:
    """Neither as it was, nor as it is spelled for the index, nor as a digest without a key."""
    ledger = _ledger(house)
    for value in (EMAIL, CARD):
        ledger.commit([Item(new_record(), orjson.dumps({"prompt": value}), (Value(value),))])
    stored = b"".join(path.read_bytes() for path in house.folder.glob("audit.db*"))
    for value in (EMAIL, CARD):
        for spelling in (value, value.lower(), normal(value)):
            assert spelling.encode() not in stored
    # Who has the store and guesses right, but has no key, cannot tell.
    with open_reader(house.url) as reader:
        tokens = {token for (token,) in reader.rows("SELECT token FROM blind")}
    assert len(tokens) == 2
    guesses = (BlindIndex(key).search(EMAIL) for key in (b"", bytes(32), b"\xff" * 32))
    assert all(tokens.isdisjoint(guess.long) for guess in guesses)


def test_a_key_that_was_replaced_still_finds_what_it_indexed(
    any_house: House, new_record: NewRecord
) -> None:
    first, second = bytes(range(32)), bytes(range(32, 64))
    old, new = BlindIndex(first), BlindIndex(second, first)
    records = [new_record() for _ in range(4)]
    values = (Value(EMAIL), Value("Paris", guessable=True))
    for index_of, wanted in ((old, records[:2]), (new, records[2:])):
        ledger = replace(any_house, keys=replace(any_house.keys, index=index_of)).ledger()
        ledger.commit([Item(one, b"{}", values) for one in wanted])
        ledger.close()

    def found(by: BlindIndex, value: str = EMAIL) -> tuple[list[str], set[str]]:
        page = events(any_house.url, Filters(), value=by.search(value))
        return [event["id"] for event in page.events], set(page.doubtful)

    newest = [one.id for one in reversed(records)]
    assert found(new) == (newest, set())
    assert found(new, "paris") == (newest, set(newest))
    # New tokens are of the new key only, and who has but one of them finds its own.
    assert found(old) == (newest[2:], set())
    assert found(BlindIndex(second)) == (newest[:2], set())
    assert old.id != new.id == BlindIndex(second).id
    ((detail,),) = (
        [one["detail"]] for one in events(any_house.url, Filters(stage="key.changed")).events
    )
    assert detail == {"index": {"before": old.id, "now": new.id}}
    assert any(f"the key of the index is {new.id}" in note for note in any_house.verify().notes)


def test_a_keys_id_gives_nothing_of_it_away() -> None:
    key = os.urandom(32)
    assert BlindIndex(key).id not in {key.hex(), key.hex()[:16]}
    assert len(BlindIndex(key).id) == 16
