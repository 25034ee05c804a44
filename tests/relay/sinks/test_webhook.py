"""A webhook gets signed lines, and its every answer but a yes is no."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import orjson
import pytest
from made_up_headers import new_header
from receivers import HttpReceiver, receive_http

from gateway.relay.outlet import Outlet, Undelivered
from gateway.relay.sinks.parcel import Parcel, TooLarge
from gateway.relay.sinks.webhook import Webhook, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARCEL = Parcel("0123456789abcdef", (4, 7), (new_header(), new_header(decision="block")))


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with receive_http() as receiver:
        yield receiver


def _send(receiver: HttpReceiver, form: str = "jsonl", secret: bytes | None = None) -> None:
    webhook = Webhook(Outlet(receiver.url, 5.0), form, secret, lambda: 1_800_000_000.7)
    try:
        webhook.send(_PARCEL)
    finally:
        webhook.close()


def test_a_batch_is_a_line_for_each_record(receiver: HttpReceiver) -> None:
    _send(receiver)
    (posted,) = receiver.seen
    assert [orjson.loads(line) for line in posted.body.splitlines()] == list(_PARCEL.headers)
    assert posted.headers["content-type"] == "application/x-ndjson"
    assert posted.headers["x-gateway-batch"] == "0123456789abcdef-4-7"
    assert "x-gateway-signature" not in posted.headers


def test_other_formats_are_lines_too(receiver: HttpReceiver) -> None:
    _send(receiver, "cef")
    (posted,) = receiver.seen
    assert posted.body.count(b"CEF:0|") == posted.body.count(b"\n") == 2
    assert posted.headers["content-type"].startswith("text/plain")


def test_a_receiver_can_check_who_sent_it(receiver: HttpReceiver) -> None:
    secret = b"a shared secret"
    _send(receiver, "ocsf", secret)
    (posted,) = receiver.seen
    moment, _, digest = posted.headers["x-gateway-signature"].partition(",v1=")
    assert moment == "t=1800000000"
    expected = hmac.new(secret, b"1800000000." + posted.body, hashlib.sha256).hexdigest()
    assert digest == expected


def test_a_signature_is_of_its_time_its_body_and_its_secret() -> None:
    made = {
        signature(secret, body, moment)
        for secret in (b"one", b"two")
        for body in (b"x", b"y")
        for moment in (1, 2)
    }
    assert len(made) == 8


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500, 503])
def test_every_other_answer_is_no(receiver: HttpReceiver, status: int) -> None:
    receiver.answer = lambda _posted: (status, {}, b"secret words")
    with pytest.raises(Undelivered, match=str(status)) as caught:
        _send(receiver)
    assert "secret" not in str(caught.value)


def test_too_large_is_said_as_that(receiver: HttpReceiver) -> None:
    receiver.answer = lambda _posted: (413, {}, b"")
    with pytest.raises(TooLarge):
        _send(receiver)
