from __future__ import annotations

from gateway.relay.outlet import Undelivered
from gateway.relay.sinks.parcel import Parcel, TooLarge


def test_too_large_is_a_kind_of_no() -> None:
    assert issubclass(TooLarge, Undelivered)


def test_headers_come_one_by_one_in_their_order() -> None:
    headers = tuple({"id": str(number)} for number in range(30))
    assert tuple(Parcel("x", tuple(range(30)), headers).one_by_one()) == headers
