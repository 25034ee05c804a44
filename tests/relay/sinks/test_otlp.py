"""A collector gets OTLP in JSON; what it rejects for good is told, and not sent without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from made_up_headers import new_header
from receivers import HttpReceiver, receive_http
from structlog.testing import capture_logs

from gateway.audit.exports.genai import to_log_record, to_logs
from gateway.relay.outlet import Outlet, Undelivered
from gateway.relay.sinks.otlp import Otlp
from gateway.relay.sinks.parcel import Parcel, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARCEL = Parcel("0123456789abcdef", (4, 7), (new_header(), new_header(decision="block")))


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with receive_http() as receiver:
        yield receiver


def _send(receiver: HttpReceiver) -> None:
    otlp = Otlp(Outlet(f"{receiver.url}/v1/logs", 5.0))
    try:
        otlp.send(_PARCEL)
    finally:
        otlp.close()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"partialSuccess":{}}', b"\xff", b"[]"])
def test_a_parcel_is_one_export(receiver: HttpReceiver, body: bytes) -> None:
    receiver.answer = lambda _posted: (200, {}, body)
    with capture_logs() as logged:
        _send(receiver)
    (posted,) = receiver.seen
    assert (posted.path, posted.headers["content-type"]) == ("/v1/logs", "application/json")
    assert orjson.loads(posted.body) == to_logs(map(to_log_record, _PARCEL.headers))
    assert logged == []


@pytest.mark.parametrize("count", ["2", 2])
def test_rejected_records_are_told(receiver: HttpReceiver, count: object) -> None:
    body = orjson.dumps({"partialSuccess": {"rejectedLogRecords": count}})
    receiver.answer = lambda _posted: (200, {}, body)
    with capture_logs() as logged:
        _send(receiver)
    assert [(one["event"], one["count"]) for one in logged] == [("records_rejected", 2)]


@pytest.mark.parametrize("status", [202, 400, 429, 503])
def test_only_200_is_a_yes(receiver: HttpReceiver, status: int) -> None:
    receiver.answer = lambda _posted: (status, {}, b"")
    with pytest.raises(Undelivered, match=str(status)):
        _send(receiver)


def test_too_large_is_said_as_that(receiver: HttpReceiver) -> None:
    receiver.answer = lambda _posted: (413, {}, b"")
    with pytest.raises(TooLarge):
        _send(receiver)
