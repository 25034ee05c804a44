from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.binding import Binding, Subject
from gateway.audit.record import Actor, Record

_NAMES = st.text(max_size=6)
_PARTS = st.tuples(_NAMES, _NAMES, _NAMES, _NAMES, _NAMES)


def _subject_of(actor: Actor | None, tenant: str | None = None) -> Subject | None:
    return Subject.of(Record("intent", actor=actor, tenant=tenant).header("w", 1))


def _data(parts: tuple[str, str, str, str, str], version: int) -> bytes:
    tenant, event, writer, segment, field = parts
    return Binding(tenant, event, writer, 1, segment, field).associated_data(version)


@pytest.mark.parametrize("version", [1, 2])
@settings(max_examples=60)
@given(one=_PARTS, two=_PARTS)
def test_no_two_bindings_look_alike(
    one: tuple[str, str, str, str, str], two: tuple[str, str, str, str, str], version: int
) -> None:
    assert (_data(one, version) == _data(two, version)) == (one == two)


@settings(max_examples=60)
@given(st.tuples(_NAMES, _NAMES, _NAMES, _NAMES), st.tuples(_NAMES, _NAMES, _NAMES, _NAMES))
def test_no_two_subjects_look_alike(
    one: tuple[str, str, str, str], two: tuple[str, str, str, str]
) -> None:
    data = [Subject(*rest).associated_data(segment) for segment, *rest in (one, two)]
    assert (data[0] == data[1]) == (one == two)


def test_a_salt_is_bound_otherwise_than_a_record() -> None:
    assert Subject("s", "i", "t").associated_data("g").startswith(b"salt,")
    assert Binding("t", "e", "w", 1, "g").associated_data(2).startswith(b"2,")


def test_no_tenant_is_not_an_empty_one() -> None:
    none, empty = Binding(None, "", "", 0, ""), Binding("", "", "", 0, "")
    assert none.associated_data(2) != empty.associated_data(2)


def test_no_subject_is_not_an_empty_one() -> None:
    none = Binding("t", "e", "w", 1, "g")
    empty = Binding("t", "e", "w", 1, "g", subject=Subject(""))
    assert none.associated_data(2) != empty.associated_data(2)


@pytest.mark.parametrize(
    "change", [{"name": "bob"}, {"issuer": "https://other.example"}], ids=["name", "issuer"]
)
def test_the_second_version_names_the_subject(change: dict[str, Any]) -> None:
    subject = {"name": "alice", "issuer": "https://id.example"}
    one = Binding("t", "e", "w", 1, "g", subject=Subject(**subject))
    two = Binding("t", "e", "w", 1, "g", subject=Subject(**{**subject, **change}))
    assert one.associated_data(2) != two.associated_data(2)
    assert one.associated_data(1) == two.associated_data(1)


def test_the_subject_is_the_one_in_the_header() -> None:
    alice = Actor("alice", "https://id.example", ("analyst",), act=("service",))
    assert _subject_of(alice, "acme") == Subject("alice", "https://id.example", "acme")
    assert _subject_of(Actor("alice")) == Subject("alice", "", "")
    assert _subject_of(Actor("")) == Subject("")
    assert _subject_of(Actor(None, "https://id.example")) is None
    assert _subject_of(None) is None


def test_a_binding_is_that_of_its_record() -> None:
    record = Record("intent", actor=Actor("alice", "https://id.example"), tenant="acme")
    assert Binding.of(record.header("w", 7), "g") == Binding(
        "acme", record.id, "w", 7, "g", subject=Subject("alice", "https://id.example", "acme")
    )
