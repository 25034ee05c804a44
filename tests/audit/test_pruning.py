"""Retention takes out what has expired and nothing else, and the log still holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pruning import DAY, MOMENT, old_record, prune_now, write_days

from gateway.audit.blind import BlindIndex, Value
from gateway.audit.chain import leaf
from gateway.audit.filters import Filters
from gateway.audit.holds import Hold, place, release
from gateway.audit.indexing import STEP, index
from gateway.audit.ledger import Item
from gateway.audit.postings import term
from gateway.audit.pruning import prunings
from gateway.audit.query import event, events, sealed_events
from gateway.audit.record import Record
from gateway.audit.search import indexed
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from gateway.audit.ledger import Ledger
    from tests.audit.conftest import House

INDEX = BlindIndex(bytes(range(32)))
VALUE = Value("alice@example.com")


def _write(house: House, days: int = 4) -> Ledger:
    """Three records a day, all of them in the tree and under a checkpoint."""
    ledger = replace(house, keys=replace(house.keys, index=INDEX)).ledger()
    write_days(ledger, days, values=(VALUE,))
    house.order()
    return ledger


def _models(house: House) -> list[str]:
    """The days and numbers of the calls whose headers are there, in order."""
    found = sealed_events(house.url, Filters(stage="intent"))
    return [one.header["request"].removeprefix("call-") for one in found]


def _sealed(house: House) -> list[str]:
    found = sealed_events(house.url, Filters(stage="intent"))
    return [one.header["request"].removeprefix("call-") for one in found if one.sealed is not None]


def _told(house: House) -> list[dict[str, Any]]:
    found = sealed_events(house.url, Filters(stage="audit.pruned"))
    return [one.header["detail"] for one in found]


def _hold(ledger: Ledger, kind: str, value: str) -> Hold:
    return place(ledger, Hold(0, kind, value, "a lawsuit", "carol", 1))


def test_sealed_parts_expire_first_with_their_tokens(any_house: House) -> None:
    ledger = _write(any_house)
    prune_now(any_house.url, ledger, 4, sealed=2.5)
    assert _models(any_house) == [f"{day}-{n}" for day in range(4) for n in range(3)]
    assert _sealed(any_house) == [f"{day}-{n}" for day in (2, 3) for n in range(3)]
    (told,) = _told(any_house)
    assert {name: told[name] for name in ("what", "last", "pruned", "kept")} == {
        "what": "sealed", "last": 7, "pruned": 6, "kept": 0,
    }  # fmt: skip
    found = events(any_house.url, Filters(), value=INDEX.search(VALUE.text)).events
    assert {one["request"] for one in found} == {
        f"call-{day}-{n}" for day in (2, 3) for n in range(3)
    }
    report = any_house.verify()
    assert (report.flaws, report.sealed, report.pruned_parts) == ((), 6, 6)


def test_headers_leave_their_hashes_and_the_log_holds(any_house: House) -> None:
    ledger = _write(any_house)
    prune_now(any_house.url, ledger, 4, sealed=1.5, headers=2.5)
    assert _models(any_house) == [f"{day}-{n}" for day in (2, 3) for n in range(3)]
    with open_reader(any_house.url) as reader:
        stored = reader.rows("SELECT header, subject, request, tags FROM records WHERE seq = 2")
    first = old_record(0, 0)
    ((kept, *columns),) = stored
    assert len(kept) == len(leaf(b"")) == 32
    assert columns == [None, None, None]
    assert event(any_house.url, first.id) is None
    report = any_house.verify()
    assert (report.flaws, report.pruned_headers, report.pruned_parts) == ((), 7, 3)
    any_house.order()
    assert any_house.verify().ok
    # The stream and pages pass over what is gone.
    assert len(events(any_house.url, Filters(limit=1000)).events) == 6 + 2


def test_what_has_not_expired_stays_and_nothing_is_recorded(any_house: House) -> None:
    ledger = _write(any_house, 2)
    prune_now(any_house.url, ledger, 2, sealed=30.0, headers=400.0)
    assert len(_sealed(any_house)) == 6
    assert _told(any_house) == []


def test_what_no_checkpoint_covers_stays(house: House) -> None:
    ledger = house.ledger()
    write_days(ledger, 2)
    prune_now(house.url, ledger, 900, sealed=1.0, headers=2.0)
    assert len(_sealed(house)) == 6


def test_one_after_the_other_comes_to_the_same(any_house: House) -> None:
    ledger = _write(any_house)
    for day in (2, 3, 3, 4, 6):
        prune_now(any_house.url, ledger, day, sealed=1.5, headers=2.5)
        any_house.order()
        assert any_house.verify().flaws == ()
    assert _models(any_house) == []
    told = _told(any_house)
    assert sum(one["pruned"] for one in told if one["what"] == "sealed") == 12
    first, second, third = (one["last"] for one in told if one["what"] == "headers")
    # At the end the log's own first records have expired as well.
    assert (first, second) == (4, 7)
    assert third > 12


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("subject", "user-1", ["0-1", "1-1"]),
        ("request", "call-1-2", ["1-2"]),
        ("tenant", "acme", ["0-0", "0-1", "0-2", "1-0", "1-1", "1-2"]),
        ("time", f"{int(MOMENT + DAY) * 1000}/{int(MOMENT + 2 * DAY) * 1000 - 1}",
         ["1-0", "1-1", "1-2"]),
        ("subject", "nobody", []),
    ],
    ids=["a subject", "a call", "a tenant", "a day", "nobody"],
)  # fmt: skip
def test_what_is_held_stays_until_it_is_released(
    house: House, kind: str, value: str, kept: list[str]
) -> None:
    ledger = _write(house)
    hold = _hold(ledger, kind, value)
    house.order()
    prune_now(house.url, ledger, 4, sealed=2.0, headers=2.5)
    assert _models(house)[: len(kept)] == kept
    assert _models(house)[len(kept) :] == [f"{day}-{n}" for day in (2, 3) for n in range(3)]
    assert set(kept) <= set(_sealed(house))
    assert house.verify().flaws == ()
    release(ledger, hold.number, "carol", "it is over")
    prune_now(house.url, ledger, 4, sealed=2.0, headers=2.5)
    assert _models(house) == [f"{day}-{n}" for day in (2, 3) for n in range(3)]
    assert house.verify().flaws == ()


def test_a_hold_that_comes_in_meanwhile_is_respected(house: House) -> None:
    ledger = _write(house)

    class Late:
        """Somebody places a hold when the record of the pruning is written."""

        url = house.url

        def commit(self, items: list[Item]) -> None:
            ledger.commit(items)
            _hold(ledger, "request", "call-0-1")

    prune_now(house.url, Late(), 4, sealed=2.0)  # type: ignore[arg-type]
    assert "0-1" in _sealed(house)
    assert house.verify().flaws == ()
    release(ledger, 1, "carol", "it is over")
    prune_now(house.url, ledger, 4, sealed=2.0)
    assert "0-1" not in _sealed(house)
    assert house.verify().flaws == ()


def test_without_its_record_nothing_is_pruned(house: House) -> None:
    _write(house)

    class Full:
        def commit(self, _items: list[Item]) -> None:
            raise AuditUnavailable("the disk is full")

    with pytest.raises(AuditUnavailable):
        prune_now(house.url, Full(), 4, sealed=1.0, headers=2.0)  # type: ignore[arg-type]
    assert len(_sealed(house)) == 12


@pytest.mark.parametrize(
    ("table", "right", "periods"),
    [
        ("parts", "DELETE", {"sealed": 2.0}),
        ("salts", "DELETE", {"sealed": 2.0}),
        ("meta", "INSERT", {"sealed": 2.0}),
        ("entries", "UPDATE", {"headers": 2.0}),
        ("postings", "DELETE", {"headers": 2.0}),
        ("merged", "DELETE", {"headers": 2.0}),
        ("merged", "INSERT", {"headers": 2.0}),
        ("checkpoints", "DELETE", {"proofs": -1.0}),
    ],
)
def test_a_pruning_that_may_not_be_done_was_recorded_each_time_that_it_was_tried(
    postgres_house: House, table: str, right: str, periods: dict[str, float]
) -> None:
    ledger = _write(postgres_house)
    ledger.commit([Item(old_record(4, 0))])
    postgres_house.order()
    for statement in (
        "CREATE ROLE audit_pruner LOGIN PASSWORD 'change me'",
        "GRANT USAGE ON SCHEMA public, public_read TO audit_pruner",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO audit_pruner",
        "GRANT ALL ON ALL TABLES IN SCHEMA public_read TO audit_pruner",
        f"REVOKE {right} ON {table} FROM audit_pruner",
    ):
        postgres_house.execute(statement)
    assert postgres_house.server is not None
    url = postgres_house.server.url(postgres_house.database, "audit_pruner", "change me")
    try:
        for _ in range(2):
            with pytest.raises(AuditUnavailable):
                prune_now(url, ledger, 4, **periods)
    finally:
        postgres_house.execute("DROP OWNED BY audit_pruner")
        postgres_house.execute("DROP ROLE audit_pruner")
    assert _told(postgres_house) == []
    assert len(_sealed(postgres_house)) == 12
    assert postgres_house.verify().flaws == ()


def test_salts_and_envelopes_go_with_the_last_part_that_needs_them(house: House) -> None:
    with closing(house.ledger()) as first:
        write_days(first, 2)
    second = house.ledger()
    second.commit([Item(old_record(3, 0), b"{}")])
    house.order()
    _hold(second, "request", "call-0-1")
    prune_now(house.url, second, 4, sealed=1.5)
    with open_reader(house.url) as reader:
        assert reader.rows("SELECT count(*) FROM segments") == [(2,)]
    assert house.verify().opened == 2
    release(second, 1, "carol", "it is over")
    second.commit([Item(old_record(4, 0), b"{}")])
    house.order()
    prune_now(house.url, second, 5, sealed=1.5)
    with open_reader(house.url) as reader:
        assert reader.rows("SELECT count(*) FROM segments") == [(1,)]
        assert reader.rows("SELECT count(*) FROM salts") == [(1,)]
    assert house.verify().flaws == ()


def test_the_index_forgets_with_the_headers(any_house: House) -> None:
    ledger = any_house.ledger()
    ledger.commit([Item(old_record(0, number)) for number in range(STEP)])
    _hold(ledger, "subject", "user-77")
    any_house.order()
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        index(reader, store)
        assert indexed(reader) == STEP
    assert any_house.verify().flaws == ()
    prune_now(any_house.url, ledger, 9, sealed=1.0, headers=2.0)
    with open_reader(any_house.url) as reader:
        found = {key for (key,) in reader.rows("SELECT term FROM postings")}
    assert term("actor", "user-77") in found
    assert term("actor", "user-78") not in found
    (left,) = events(any_house.url, Filters(tenant="acme")).events
    assert left["actor"]["subject"] == "user-77"
    assert any_house.verify().flaws == ()


def test_the_newest_record_of_each_kind_counts(house: House) -> None:
    ledger = _write(house)
    prune_now(house.url, ledger, 3, sealed=1.5)
    prune_now(house.url, ledger, 4, sealed=1.5, headers=2.5)
    with open_reader(house.url) as reader:
        found = prunings(reader)
    assert {name: (one.last, one.kept) for name, one in found.items()} == {
        "sealed": (10, 0),
        "headers": (7, 0),
    }


def _checkpoints(house: House) -> list[int]:
    with open_reader(house.url) as reader:
        return [size for (size,) in reader.rows("SELECT size FROM checkpoints ORDER BY number")]


def test_of_old_checkpoints_the_last_of_each_day_stays(any_house: House) -> None:
    ledger = any_house.ledger()
    for day in range(3):
        for number in range(3):
            ledger.commit([Item(old_record(day, number))])
            any_house.order()
    sizes = _checkpoints(any_house)
    # All of them were signed today, and the newest is never taken out.
    prune_now(any_house.url, ledger, 2, proofs=1.0)
    assert _checkpoints(any_house) == sizes[-1:]
    (told,) = _told(any_house)
    assert (told["what"], told["pruned"], told["kept"]) == ("proofs", len(sizes) - 1, 0)
    assert any_house.verify().flaws == ()
    any_house.order()
    prune_now(any_house.url, ledger, 2, proofs=3.0)
    assert len(_checkpoints(any_house)) == 2
    assert any_house.verify().flaws == ()


_MIDNIGHT = (MOMENT // DAY * DAY - MOMENT) / DAY
"""When this day began, in days after ``MOMENT``."""


def _sign_days(house: House, ledger: Ledger, days: int) -> None:
    """Three checkpoints at noon of each day, the last of them yesterday."""
    noon = MOMENT // DAY * DAY + DAY / 2
    for day in range(days):
        with pytest.MonkeyPatch.context() as patch:
            for number in range(3):
                moment = noon + (day - days) * DAY + 10 * number
                patch.setattr("gateway.audit.leading.time.time", lambda now=moment: now)
                ledger.commit([Item(old_record(0, 3 * day + number))])
                house.order()


def test_checkpoints_of_several_days_that_were_pruned_looked_deleted(any_house: House) -> None:
    ledger = any_house.ledger()
    _sign_days(any_house, ledger, 4)
    prune_now(any_house.url, ledger, _MIDNIGHT, proofs=1.0)
    assert len(_checkpoints(any_house)) == 6
    assert any_house.verify().flaws == ()
    ledger.commit([Item(old_record(0, 99))])
    any_house.order()
    prune_now(any_house.url, ledger, 3, proofs=1.0)
    assert len(_checkpoints(any_house)) == 5
    assert any_house.verify().flaws == ()


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_checkpoint_that_pruning_has_kept_cannot_go_under_its_cover(
    house: House, kept: int
) -> None:
    ledger = house.ledger()
    _sign_days(house, ledger, 4)
    prune_now(house.url, ledger, _MIDNIGHT, proofs=1.0)
    with open_reader(house.url) as reader:
        numbers = [number for (number,) in reader.rows("SELECT number FROM checkpoints")]
    house.execute("DELETE FROM checkpoints WHERE number = ?", sorted(numbers)[kept])
    assert house.verify().flaws != ()


@pytest.mark.parametrize(
    "detail",
    [
        {},
        None,
        {"what": "headers", "last": "9", "kept": 0},
        {"what": "headers", "last": 9},
        {"what": "headers", "last": 999, "kept": 0},
        {"what": 7, "last": 1, "kept": 0},
    ],
)
def test_a_record_of_any_other_shape_prunes_nothing(house: House, detail: Any) -> None:
    ledger = _write(house, 1)
    ledger.commit([Item(Record("audit.pruned", detail=detail))])
    with open_reader(house.url) as reader:
        assert set(prunings(reader)) <= {"7"}
    assert house.verify().flaws == ()


def test_verification_since_a_time_takes_what_was_kept_before_at_its_word(house: House) -> None:
    ledger = _write(house)
    _hold(ledger, "request", "call-0-1")
    prune_now(house.url, ledger, 4, sealed=2.0, headers=2.5)
    moment = int(MOMENT + 3 * DAY) * 1000
    assert house.verify(since=moment).flaws == ()
    assert house.verify(since=0).flaws == ()
