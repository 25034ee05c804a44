from __future__ import annotations

from gateway.relay.outlet import Undelivered
from gateway.relay.sinks.parcel import TooLarge


def test_too_large_is_a_kind_of_no() -> None:
    assert issubclass(TooLarge, Undelivered)
