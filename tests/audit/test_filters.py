from __future__ import annotations

import time

import pytest

from gateway.audit.cursor import Cursor
from gateway.audit.filters import FILTERS, Filters, floor_id, parse_time
from gateway.audit.postings import term
from gateway.errors import BadRequest


@pytest.mark.parametrize(
    "filters",
    [
        {"colour": "red"},
        {"actor": ""},
        {"actor": "a\nb"},
        {"actor": "x" * 257},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "ten"},
        {"limit": "٣"},
        {"status": "4000"},
        {"status": "ok"},
        {"cursor": "0"},
        {"cursor": "01234567-89ab-7cde-8f01-23456789abcd"},
        {"cursor": "' OR 1=1"},
        {"since": "yesterday"},
        {"since": "2027-13-01T00:00:00Z"},
        {"since": "2027-01-01"},
        {"until": "24"},
    ],
)
def test_a_wrong_filter_is_a_bad_request_that_says_which(filters: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as caught:
        Filters.parse(filters)
    assert any(word in caught.value.message for word in (*FILTERS, "time"))


@pytest.mark.parametrize(("name", "value"), [("decision", "denied"), ("stage", "outcomes")])
def test_bug_a_decision_or_stage_that_is_none_found_nothing_without_a_word(
    name: str, value: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        Filters.parse({name: value})
    assert caught.value.message.startswith(f"{name} is one of ")
    assert value not in caught.value.message.split(", ")


def test_a_duration_is_before_now() -> None:
    assert abs(parse_time("24h") - (time.time() - 86_400) * 1000) < 5000
    assert parse_time("99999999d") == 0


def test_a_cursor_is_a_place_in_a_store() -> None:
    parsed = Filters.parse({"cursor": "0011223344556677-12", "limit": "1000"})
    assert parsed == Filters(limit=1000, cursor=Cursor("0011223344556677", 12))


def test_terms_are_those_of_the_index() -> None:
    assert Filters().terms == ()
    wanted = Filters(actor="alice", role="analyst", status=403, request="r", since=1, until=2)
    assert set(wanted.terms) == {
        term("actor", "alice"),
        term("role", "analyst"),
        term("status", 403),
    }
    assert wanted.timed


def test_ids_of_a_moment_are_not_below_it_and_earlier_ones_are() -> None:
    assert floor_id(0x0123456789AB) == "01234567-89ab"
    assert floor_id(0x0123456789AB) <= "01234567-89ab-7000-8000-000000000000"
    assert floor_id(0x0123456789AB) > "01234567-89aa-7fff-bfff-ffffffffffff"
    assert floor_id(2**60) == "ffffffff-ffff"
