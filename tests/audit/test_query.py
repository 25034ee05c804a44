from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.cursor import Cursor
from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.query import event, events, sealed_events
from gateway.audit.record import Actor, FindingNote
from gateway.errors import AuditUnavailable, BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_MOMENT = 1_800_000_000_000


def _id(milliseconds: int) -> str:
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-{milliseconds % 2**48:012x}"


@pytest.fixture
def stored(any_house: House, new_record: NewRecord) -> House:
    ledger = any_house.ledger()
    bob = Actor("bob", "https://id.example", ("auditor",))
    secret = FindingNote("secrets", "AWS_KEY", "/x", 1, "block")
    changes: list[dict[str, Any]] = [
        {},
        {"actor": bob},
        {"tenant": "other", "model": "claude", "upstream": "anthropic", "route": "messages"},
        {"decision": "block", "status": 400, "findings": (secret,), "rules": ("strict",)},
        {"actor": None, "tenant": None, "findings": (), "rules": ()},
    ]
    items = [
        Item(new_record(id=_id(_MOMENT + number), **change))
        for number, change in enumerate(changes)
    ]
    ledger.commit(items)
    return any_house


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"actor": "bob"}, {1}),
        ({"role": "auditor"}, {1}),
        ({"role": "audit"}, set()),
        ({"role": "analyst", "decision": "allow"}, {0, 2}),
        ({"tenant": "other"}, {2}),
        ({"model": "claude"}, {2}),
        ({"upstream": "anthropic"}, {2}),
        ({"route": "messages"}, {2}),
        ({"decision": "block"}, {3}),
        ({"status": "400"}, {3}),
        ({"scanner": "secrets"}, {3}),
        ({"entity": "AWS_KEY"}, {3}),
        ({"rule": "strict"}, {3}),
        ({"rule": "chat", "actor": "alice"}, {0, 2}),
        ({"since": "2027-01-15T08:00:00.003Z"}, {3, 4}),
        ({"until": "2027-01-15T09:00:00.001+01:00"}, {0}),
        ({"actor": "x' OR 1=1 --"}, set()),
        ({"role": "%"}, set()),
    ],
)
def test_filters_choose_in_the_store_and_live_alike(
    stored: House, filters: dict[str, str], numbers: set[int]
) -> None:
    parsed = Filters.parse(filters)
    found = events(stored.url, parsed).events
    wanted = {_id(_MOMENT + number) for number in numbers}
    chosen = {e["id"] for e in found if e["stage"] == "intent"}
    assert chosen == wanted
    all_events = events(stored.url, Filters()).events
    assert {e["id"] for e in all_events if parsed.matches(e) and e["stage"] == "intent"} == wanted


def test_pages_hold_every_event_once_newest_first(any_house: House, new_record: NewRecord) -> None:
    ledger = any_house.ledger()
    made = [new_record(id=_id(_MOMENT + n)) for n in range(25)]
    ledger.commit([Item(record) for record in made])
    seen: list[str] = []
    filters: dict[str, str] = {"limit": "10", "since": "2027-01-01T00:00:00Z"}
    while True:
        page = events(any_house.url, Filters.parse(filters))
        seen += [found["id"] for found in page.events]
        if page.next is None:
            break
        filters["cursor"] = page.next
        if len(seen) == 10:
            # What is written meanwhile moves nothing.
            ledger.commit([Item(new_record(id=_id(_MOMENT + 99)))])
    assert seen == [record.id for record in reversed(made)]


def test_a_cursor_of_another_store_is_refused(stored: House) -> None:
    other = Filters(cursor=Cursor("0011223344556677", 3))
    with pytest.raises(BadRequest, match="another store"):
        events(stored.url, other)


def test_a_search_that_takes_too_long_is_ended_and_says_what_to_do(stored: House) -> None:
    with pytest.raises(BadRequest, match=r"takes longer than 0 s: narrow it with since and until"):
        events(stored.url, Filters(role="never"), seconds=0.0)


def test_events_of_one_millisecond_come_as_they_were_committed(
    any_house: House, new_record: NewRecord
) -> None:
    ledger = any_house.ledger()
    ids = [f"{_id(_MOMENT)[:-1]}{digit}" for digit in "2413"]
    ledger.commit([Item(new_record(id=one)) for one in ids])
    page = events(any_house.url, Filters.parse({"since": "2027-01-01T00:00:00Z"}))
    assert [found["id"] for found in page.events] == ids[::-1]


def test_one_event_is_found_by_its_id(any_house: House, new_record: NewRecord) -> None:
    record = new_record()
    any_house.ledger().commit([Item(record, b"{}")])
    found = event(any_house.url, record.id)
    assert found is not None
    assert found.header["id"] == record.id
    assert found.sealed is not None
    assert found.envelope is not None
    assert event(any_house.url, "no such id") is None


def test_a_damaged_record_is_our_own_error(stored: House) -> None:
    stored.damage(1)
    with pytest.raises(AuditUnavailable, match="damaged record"):
        events(stored.url, Filters())


def test_events_with_their_sealed_parts_come_in_the_order_of_their_commits(
    any_house: House, new_record: NewRecord
) -> None:
    ledger = any_house.ledger()
    # Ids of one moment are in no order, and neither need clocks be.
    for number in (3, 1, 2):
        record = new_record(id=_id(_MOMENT + number), model=f"m{number}")
        ledger.commit([Item(record, b"text" if number != 2 else None)])
    found = [one for one in sealed_events(any_house.url, Filters()) if one.header["model"]]
    assert [one.header["model"] for one in found] == ["m3", "m1", "m2"]
    assert [one.sealed is None for one in found] == [False, False, True]
    assert [one.envelope is None for one in found] == [False, False, True]
    alone = event(any_house.url, _id(_MOMENT + 1))
    assert alone == found[1]
    since = Filters(since=_MOMENT + 2, model="m3")
    assert [one.header["model"] for one in sealed_events(any_house.url, since)] == ["m3"]


def test_events_of_a_store_that_is_not_there_are_unavailable(tmp_path: Path) -> None:
    with pytest.raises(AuditUnavailable):
        list(sealed_events(f"sqlite:///{tmp_path}/gone.db", Filters()))
