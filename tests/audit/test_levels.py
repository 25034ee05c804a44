from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.indexing import index
from gateway.audit.ledger import Item
from gateway.audit.levels import Index, Level, levels_of
from gateway.audit.merging import merge
from gateway.audit.postings import BLOCK, term
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

_TERMS = st.integers(-(2**63), 2**63 - 1)


@given(level=st.integers(1, 2), data=st.data(), term=_TERMS)
def test_a_term_has_moved_once_its_piece_has(level: int, data: st.DataObject, term: int) -> None:
    now = Level(level, 512, data.draw(st.integers(0, Level(level, 0, 0).pieces)))
    gone = [Level(level, 512, piece).terms for piece in range(now.piece)]
    moved = any(first <= term <= last for first, last in gone)
    assert now.end(term) == (512 + now.size if moved else 512)


@pytest.mark.parametrize("level", [1, 2])
def test_the_pieces_are_all_terms(level: int) -> None:
    pieces = [Level(level, 0, piece).terms for piece in range(Level(level, 0, 0).pieces)]
    assert (pieces[0][0], pieces[-1][1]) == (-(2**63), 2**63 - 1)
    assert all(last + 1 == first for (_, last), (first, _) in pairwise(pieces))


def test_a_span_takes_in_those_of_the_level_below() -> None:
    assert Level(1, 32, 0).parts == tuple(range(32, 48))
    assert Level(2, 512, 3).parts == tuple(range(32, 48))


@pytest.fixture
def half(
    any_house: House, new_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> House:
    """Two blocks, merged for half of the terms."""
    monkeypatch.setattr("gateway.audit.levels.FAN", 2)
    with closing(any_house.ledger()) as ledger:
        for start in range(0, 2 * BLOCK, 512):
            ledger.commit([Item(new_record(model=f"m{(start + n) % 5}")) for n in range(512)])
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 1.0, "open")) as store,
    ):
        while index(reader, store):
            pass
        assert merge(reader, store)
        assert merge(reader, store)
    return any_house


def test_a_term_and_a_block_are_found_wherever_their_rows_are(half: House) -> None:
    with open_reader(half.url) as reader:
        merged = dict.fromkeys(key for (key,) in reader.rows("SELECT term FROM merged"))
        alone = dict.fromkeys(key for (key,) in reader.rows("SELECT term FROM postings"))
        rows = reader.rows(
            "SELECT block, term, bits FROM merged UNION ALL SELECT block, term, bits FROM postings"
        )
        assert merged
        assert alone
        assert not merged.keys() & alone.keys()
        there = Index(reader)
        for key in (*merged, *alone):
            for first, last in ((0, 1), (0, 0), (1, 1), (1, 9), (2, 9)):
                wanted = {b: bits for b, one, bits in rows if one == key and first <= b <= last}
                assert there.of_term(key, first, last) == wanted
        for block in (0, 1):
            wanted = {key: bits for one, key, bits in rows if one == block}
            assert there.of_block(block, [*merged, *alone, term("model", "never")]) == wanted


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE merging SET blocks = ? WHERE level = 1", "many"),
        ("UPDATE merging SET piece = ? WHERE level = 2", -1),
        ("UPDATE merging SET blocks = ?", 2**62),
        ("DELETE FROM merging WHERE level = ?", 1),
        ("DELETE FROM merging WHERE level < ?", 9),
    ],
)
def test_what_cannot_be_says_that_nothing_is_merged(
    house: House, statement: str, value: Any
) -> None:
    house.ledger().close()
    house.execute(statement, value)
    with open_reader(house.url) as reader:
        assert levels_of(reader) == ()
        assert Index(reader).of_term(7, 0, 3) == {}


def test_bits_that_are_none_are_taken_for_none(house: House) -> None:
    house.ledger().close()
    house.execute("INSERT INTO blocks VALUES (0, 0, 0, 4096)")
    house.execute("INSERT INTO postings VALUES (0, 7, 'text')")
    with open_reader(house.url) as reader:
        assert Index(reader).of_term(7, 0, 0) == {}
        assert Index(reader).of_block(0, [7]) == {}
