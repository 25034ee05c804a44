"""What is sealed in an event, for those who hold a key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.opened import opened
from gateway.audit.opener import Erased, Opener
from gateway.audit.query import Event, sealed_events
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House


@pytest.fixture
def events_of(house: House, new_record: Callable[..., Record]) -> Callable[[], list[Event]]:
    def stored() -> list[Event]:
        sealed = [b'{"prompt": "one"}', b'{"prompt": "two"}', None]
        house.ledger().commit([Item(new_record(), content) for content in sealed])
        found = sealed_events(house.url, Filters())
        return [one for one in found if one.header["stage"] == "intent"]

    return stored


def test_the_auditor_reads_what_was_sealed(
    house: House, events_of: Callable[[], list[Event]]
) -> None:
    opener = Opener(house.auditor)
    assert [opened(one, opener) for one in events_of()] == [
        {"prompt": "one"},
        {"prompt": "two"},
        None,
    ]


def test_nobody_else_does(events_of: Callable[[], list[Event]]) -> None:
    stranger = Opener(X25519PrivateKey.generate())
    with pytest.raises(VerificationError, match="is not sealed to the key"):
        opened(events_of()[0], stranger)


def test_a_part_that_was_changed_swapped_or_lost_does_not_open(
    house: House, events_of: Callable[[], list[Event]]
) -> None:
    opener = Opener(house.auditor)
    one, other, _ = events_of()
    assert one.sealed is not None
    with pytest.raises(VerificationError, match="was changed"):
        opened(replace(one, sealed=one.sealed[:-1] + b"x"), opener)
    with pytest.raises(VerificationError, match="was changed"):
        opened(replace(one, sealed=other.sealed), opener)
    with pytest.raises(VerificationError, match="is missing"):
        opened(replace(one, sealed=None), opener)
    swapped = {**one.header, "sealed": other.header["sealed"]}
    with pytest.raises(VerificationError, match="does not belong to this record"):
        opened(replace(one, sealed=other.sealed, header=swapped), opener)


def test_what_was_erased_says_so_and_a_changed_salt_too(
    house: House, events_of: Callable[[], list[Event]]
) -> None:
    opener = Opener(house.auditor)
    one, _, _ = events_of()
    assert one.salt is not None
    with pytest.raises(Erased, match="was erased"):
        opened(replace(one, salt=None), opener)
    with pytest.raises(VerificationError, match="subject's salt was changed"):
        opened(replace(one, salt=one.salt[:-1] + b"x"), opener)
