from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from gateway.relay.outlet import Undelivered
from gateway.relay.sinks.parcel import Parcel, TooLarge


def test_too_large_is_a_kind_of_no() -> None:
    assert issubclass(TooLarge, Undelivered)


def _number(header: dict[str, Any]) -> int:
    return int(header["number"])


def test_headers_come_in_their_order() -> None:
    headers = tuple({"number": str(number)} for number in range(30))
    parcel = Parcel("x", tuple(range(30)), headers)
    assert list(parcel.each(_number)) == list(range(30))


def test_a_damaged_one_is_told_and_left_out() -> None:
    headers: tuple[dict[str, Any], ...] = (
        {"number": "1"},
        {},
        {"number": None},
        {"number": "x"},
        {"number": "5"},
    )
    with capture_logs() as logged:
        assert list(Parcel("x", (1, 2, 3, 4, 5), headers).each(_number)) == [1, 5]
    assert [(one["event"], one["seq"]) for one in logged] == [
        ("record_damaged", number) for number in (2, 3, 4)
    ]
