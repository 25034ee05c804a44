from __future__ import annotations

import contextlib
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.filters import Filters
from gateway.audit.holds import Held, Hold, holds_of, missing_holds, place, release, time_of
from gateway.audit.query import sealed_events
from gateway.audit.store.opening import open_reader
from gateway.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.ledger import Ledger
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
        ("time", "never", True),
        ("time", "2000", True),
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


class _Slow:
    """A ledger that lets others come between the two steps of its work, if they can."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self.read = ledger, threading.Event()
        self.commit = ledger.commit

    @contextlib.contextmanager
    def work(self) -> Iterator[Any]:
        with self._ledger.work() as work:
            rows = work.rows

            def slowly(*arguments: Any) -> Any:
                found = rows(*arguments)
                self.read.set()
                time.sleep(0.3)
                return found

            work.rows = slowly  # type: ignore[method-assign, assignment]
            yield work


def test_two_who_place_a_hold_at_once_get_two_numbers(any_house: House) -> None:
    slow, other = _Slow(any_house.ledger()), any_house.ledger(busy=5.0)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(place, cast("Ledger", slow), _hold("subject", "alice"))
        assert slow.read.wait(10)
        second = threads.submit(place, other, _hold("subject", "bob"))
        placed = (first.result(20), second.result(20))
    assert [one.number for one in placed] == [1, 2]
    with open_reader(any_house.url) as reader:
        assert holds_of(reader) == placed
        assert missing_holds(reader) == []
    assert any_house.verify().flaws == ()


def test_many_who_place_and_release_holds_at_once_get_in_nobodys_way(any_house: House) -> None:
    ledgers = [any_house.ledger(busy=10.0) for _ in range(4)]
    together = threading.Barrier(len(ledgers))

    def work(ledger: Ledger) -> list[int]:
        together.wait(10)
        numbers = [place(ledger, _hold("tenant", f"t-{n}")).number for n in range(4)]
        release(ledger, numbers[0], "dora", "it is over")
        return numbers

    with ThreadPoolExecutor(len(ledgers)) as threads:
        numbers = list(threads.map(work, ledgers))
    assert sorted(itertools.chain(*numbers)) == list(range(1, 17))
    with open_reader(any_house.url) as reader:
        standing = {hold.number for hold in holds_of(reader)}
        assert standing == {one for some in numbers for one in some[1:]}
        assert missing_holds(reader) == []
    any_house.order()
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
