from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.binding import Subject
from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.query import sealed_events
from gateway.audit.record import Actor, Record
from gateway.audit.salts import Erasures, Salts, Scope, salt_flaw
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.audit.conftest import House

_ALICE = Subject("alice", "https://id.example", "acme")


def _fill(house: House, *records: Record) -> list[dict[str, Any]]:
    """Headers of records with sealed parts."""
    house.ledger().commit([Item(record, b"{}") for record in records])
    found = [event.header for event in sealed_events(house.url, Filters())]
    return [header for header in found if header["sealed"] is not None]


def _of(name: str | None, tenant: str | None = None, issuer: str | None = None) -> Record:
    return Record("intent", actor=Actor(name, issuer), tenant=tenant)


def test_each_subject_of_each_issuer_and_tenant_has_its_own(house: House) -> None:
    headers = _fill(
        house,
        _of("alice", "acme", "https://id.example"),
        _of("alice", "acme", "https://other.example"),
        _of("alice", "other", "https://id.example"),
        _of("alice"),
        _of("alice", "acme", "https://id.example"),
    )
    with open_reader(house.url) as reader:
        salts = Salts(reader)
        found = [salts.find(header) for header in headers]
        assert [salt_flaw(*pair) for pair in zip(headers, found, strict=True)] == [None] * 5
        assert found[0] == found[4]
        assert len(set(found)) == 4


def test_who_has_no_name_needs_none(house: House) -> None:
    (nobody,) = _fill(house, _of(None))
    with open_reader(house.url) as reader:
        assert Salts(reader).find(nobody) is None
    assert salt_flaw(nobody, None) is None


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ("DELETE FROM salts", "is gone"),
        ("UPDATE salts SET sealed = zeroblob(61)", "was changed"),
        ("UPDATE salts SET sealed = 'text'", "was changed"),
        ("UPDATE salts SET sealed = x''", "was changed"),
        ("UPDATE salts SET tenant = 'other'", "is gone"),
        ("UPDATE salts SET subject = 'mallory'", "is gone"),
    ],
)
def test_a_salt_that_was_changed_or_is_gone_is_seen(house: House, change: str, flaw: str) -> None:
    (header,) = _fill(house, _of("alice", "acme"))
    house.execute(change)
    with open_reader(house.url) as reader:
        found = salt_flaw(header, Salts(reader).find(header))
    assert found == f"its subject's salt {flaw}"


def test_known_salts_do_not_pile_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.audit.salts._KNOWN", 2)
    headers = _fill(house, *(_of(f"user-{n}") for n in range(5)))
    with open_reader(house.url) as reader:
        salts = Salts(reader)
        for header in (*headers, *headers):
            assert salt_flaw(header, salts.find(header)) is None
        assert len(salts._known) <= 2


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (Scope("alice"), True),
        (Scope("alice", issuer="https://id.example"), True),
        (Scope("alice", tenant="acme"), True),
        (Scope("alice", issuer="https://other.example"), False),
        (Scope("alice", tenant=""), False),
        (Scope("Alice"), False),
        (Scope("alic"), False),
    ],
)
def test_a_scope_means_what_it_says(scope: Scope, *, covers: bool) -> None:
    assert scope.covers(_ALICE) is covers


def test_an_erasure_covers_what_was_recorded_before_it() -> None:
    erasures = Erasures([(5, Scope("alice", tenant="acme")), (9, Scope("alice", tenant="other"))])
    assert erasures.cover(_ALICE, 4)
    assert not erasures.cover(_ALICE, 5)
    assert not erasures.cover(Subject("bob"), 1)
    assert not Erasures().cover(_ALICE, 0)


def test_erasures_are_those_on_record(house: House, new_record: Callable[..., Record]) -> None:
    details: list[Any] = [
        {"subject": "alice", "issuer": None, "tenant": "acme"},
        {"subject": 7},
        None,
        {},
    ]
    records = [Record("audit.erased", detail=detail) for detail in details]
    house.ledger().commit([Item(new_record()), *(Item(record) for record in records)])
    with open_reader(house.url) as reader:
        erasures = Erasures.read(reader)
    assert erasures.cover(_ALICE, 2)
    assert not erasures.cover(_ALICE, 3)
    assert not erasures.cover(Subject("alice", "", "other"), 2)
