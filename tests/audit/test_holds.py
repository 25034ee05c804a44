from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.filters import Filters
from gateway.audit.holds import Held, Hold, holds_of, missing_holds, place, release, time_of
from gateway.audit.query import sealed_events
from gateway.audit.store.opening import open_reader
from gateway.errors import BadRequest

if TYPE_CHECKING:
    from tests.audit.conftest import House

RECORD = Held("alice", "call-1", "acme", 1000)


def _hold(kind: str, value: str) -> Hold:
    return Hold(0, kind, value, "a lawsuit", "carol", 5)


@pytest.mark.parametrize(
    ("kind", "value", "covers"),
    [
        ("subject", "alice", True),
        ("subject", "ali", False),
        ("request", "call-1", True),
        ("request", "alice", False),
        ("tenant", "acme", True),
        ("tenant", "", False),
        ("time", "1000/1000", True),
        ("time", "0/999", False),
        ("time", "1001/5000", False),
        ("of a later version", "x", True),
    ],
)
def test_a_hold_covers_what_it_names(kind: str, value: str, *, covers: bool) -> None:
    assert _hold(kind, value).covers(RECORD) is covers


def test_of_nobody_nothing_is_held_by_name() -> None:
    nobody = Held(None, None, None, 0)
    assert not any(_hold(kind, "x").covers(nobody) for kind in ("subject", "request", "tenant"))


@given(st.integers(0, 2**48 - 1))
def test_the_time_of_an_id_is_the_one_in_it(moment: int) -> None:
    digits = f"{moment:012x}"
    assert time_of(f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000") == moment
    assert time_of("strange") == 0


def test_holds_are_placed_and_released_and_both_is_recorded(any_house: House) -> None:
    ledger = any_house.ledger()
    first = place(ledger, _hold("subject", "alice"))
    second = place(ledger, _hold("tenant", "acme"))
    assert (first.number, second.number) == (1, 2)
    release(ledger, 1, "dora", "it is over")
    with open_reader(any_house.url) as reader:
        assert holds_of(reader) == (second,)
        assert missing_holds(reader) == []
    # A number is never given twice.
    assert place(ledger, _hold("request", "r")).number == 3
    told = [
        (one.header["stage"], one.header["detail"])
        for one in sealed_events(any_house.url, Filters())
        if one.header["stage"].startswith("audit.")
    ]
    assert [stage for stage, _ in told] == [
        "audit.held", "audit.held", "audit.released", "audit.held",
    ]  # fmt: skip
    assert told[0][1] == {
        "number": 1, "kind": "subject", "value": "alice", "reason": "a lawsuit", "by": "carol",
        "since": 5,
    }  # fmt: skip
    assert told[2][1] == {"number": 1, "by": "dora", "reason": "it is over"}
    assert any_house.verify().flaws == ()


def test_what_is_not_held_cannot_be_released_and_nothing_is_recorded(any_house: House) -> None:
    ledger = any_house.ledger()
    with pytest.raises(BadRequest, match="there is no hold 7"):
        release(ledger, 7, "dora", "why not")
    assert [one.header["stage"] for one in sealed_events(any_house.url, Filters())] == [
        "writer.open"
    ]


def test_a_hold_that_somebody_took_out_is_missing(any_house: House) -> None:
    place(any_house.ledger(), _hold("subject", "alice"))
    any_house.execute("DELETE FROM holds")
    with open_reader(any_house.url) as reader:
        assert missing_holds(reader) == [1]
