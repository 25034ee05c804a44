from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.postings import (
    BLOCK,
    EVERY,
    NAMES,
    Postings,
    block_of,
    decode_bits,
    descending,
    term,
)
from gateway.audit.store.schema import COLUMNS, tag

PLACES = st.sets(st.integers(0, BLOCK - 1), max_size=600)


def _values(**changes: object) -> tuple[object, ...]:
    return tuple(changes.get(name) for name in COLUMNS)


@given(PLACES, PLACES)
def test_each_value_leads_to_the_places_that_have_it(alice: set[int], analyst: set[int]) -> None:
    postings = Postings()
    for place in sorted(alice | analyst):
        subject = "alice" if place in alice else "bob"
        postings.add(
            place, _values(subject=subject, tags=tag("role", "r") if place in analyst else None)
        )
    found = dict(postings.rows())
    assert set(descending(decode_bits(found.get(term("actor", "alice"), b"")))) == alice
    assert set(descending(decode_bits(found.get(term("role", "r"), b"")))) == analyst


def test_common_values_are_maps_of_bits_and_rare_ones_lists() -> None:
    postings = Postings()
    for place in range(BLOCK):
        postings.add(place, _values(subject=f"user-{place}", tenant="acme"))
    sizes = {key: len(bits) for key, bits in postings.rows()}
    assert sizes[term("tenant", "acme")] == BLOCK // 8
    assert sizes[term("actor", "user-7")] == 2
    assert decode_bits(dict(postings.rows())[term("tenant", "acme")]) == EVERY


def test_every_filter_of_a_column_has_a_term_of_its_own() -> None:
    postings = Postings()
    postings.add(0, _values(**dict.fromkeys(NAMES.values(), "same")))
    assert {key for key, _ in postings.rows()} == {term(name, "same") for name in NAMES}
    assert len(postings.rows()) == len(NAMES)


@given(st.sets(st.integers(0, BLOCK - 1)))
def test_places_come_highest_first(places: set[int]) -> None:
    bits = sum(1 << place for place in places)
    assert list(descending(bits)) == sorted(places, reverse=True)


@given(st.binary(max_size=600))
def test_whatever_stands_in_the_store_names_places_of_a_block_only(raw: bytes) -> None:
    assert 0 <= decode_bits(raw) <= EVERY
    assert decode_bits(array("H", [7, 60_000]).tobytes()) == 1 << 7


def test_a_block_holds_its_records() -> None:
    assert [block_of(seq) for seq in (1, BLOCK, BLOCK + 1)] == [0, 0, 1]


@given(old=PLACES, new=PLACES)
def test_what_joins_an_index_is_in_it_with_what_was_there(old: set[int], new: set[int]) -> None:
    stored, joining, whole = Postings(), Postings(), Postings()
    for postings, places in ((stored, old), (joining, new), (whole, old | new)):
        for place in sorted(places):
            postings.add(place, _values(model="m", subject=f"user-{place % 2}"))
    before = dict(stored.rows())
    joined = dict(joining.beside({key: before.get(key, b"") for key in joining.terms}))
    assert before | joined == dict(whole.rows())


@given(
    places=st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(0, BLOCK - 1), min_size=1)),
    gone=st.dictionaries(st.sampled_from("abcd"), st.sets(st.integers(0, BLOCK - 1))),
)
def test_what_is_taken_out_is_gone_and_nothing_else(
    places: dict[str, set[int]], gone: dict[str, set[int]]
) -> None:
    postings, taken, left = Postings(), Postings(), Postings()
    for user, ones in places.items():
        for place in sorted(ones):
            postings.add(place, _values(subject=user))
            if place not in gone.get(user, ()):
                left.add(place, _values(subject=user))
    for user, ones in gone.items():
        for place in sorted(ones):
            taken.add(place, _values(subject=user))
    stored, stage = dict(postings.rows()), term("stage", "outcome")
    stored.pop(stage, None)
    assert sorted(taken.without(stored)) == [row for row in left.rows() if row[0] != stage]


def test_what_is_added_after_somebody_asked_is_there_as_well() -> None:
    postings = Postings()
    for place, model in ((3, "a"), (1, "b"), (2, "a")):
        postings.add(place, _values(model=model, subject="alice"))
        assert postings.terms == sorted(dict(postings.rows()))
    found = dict(postings.rows())
    assert list(descending(decode_bits(found[term("model", "a")]))) == [3, 2]
    # In their order, however they came: whoever indexes writes the same.
    assert found[term("actor", "alice")] == array("H", [1, 2, 3]).tobytes()
