"""A call's clock never counts the upstream as the gateway's own time."""

from __future__ import annotations

import time
from typing import Any, cast

from gateway.audit.record import Coverage
from gateway.steps.call import Call, Clock
from gateway.steps.tally import Inspection
from gateway.terms import Action, Parameters
from gateway.wire.exchange import Exchange, Text


def _clock(**at: float) -> Clock:
    clock = Clock()
    for name, ago in at.items():
        setattr(clock, name, time.perf_counter() - ago)
    return clock


def test_before_the_upstream_all_time_is_the_gateways() -> None:
    clock = _clock(started=0.010)
    assert clock.upstream_ms() == clock.first_byte_ms() == 0.0
    assert clock.gateway_ms() >= 10.0


def test_waiting_for_the_upstream_is_not_the_gateways_time() -> None:
    clock = _clock(started=10.002, sent=10.0)
    assert 2.0 <= clock.gateway_ms() < 1000.0


def test_the_upstreams_time_is_taken_off() -> None:
    clock = _clock(started=1.0, sent=0.9, first_byte=0.4, answered=0.3)
    assert 599.0 < clock.upstream_ms() < 601.0
    assert 499.0 < clock.first_byte_ms() < 501.0
    assert 399.0 < clock.gateway_ms() < 600.0


def test_bug_an_upstream_that_never_answered_was_waited_for_no_time_at_all() -> None:
    clock = _clock(started=10.002, sent=10.0)
    clock.stop_waiting()
    assert clock.upstream_ms() >= 10_000.0
    assert 2.0 <= clock.gateway_ms() < 1000.0
    assert clock.first_byte_ms() == 0.0


def test_bug_what_came_after_the_first_byte_of_a_broken_answer_was_the_gateways_time() -> None:
    clock = _clock(started=10.002, sent=10.0, first_byte=9.9)
    clock.stop_waiting()
    assert clock.upstream_ms() >= 10_000.0
    assert clock.gateway_ms() < 1000.0


def test_who_was_not_asked_or_has_answered_is_not_waited_for() -> None:
    unasked, answered = _clock(started=1.0), _clock(started=1.0, sent=0.9, answered=0.3)
    unasked.stop_waiting()
    answered.stop_waiting()
    assert unasked.upstream_ms() == 0.0
    assert answered.upstream_ms() < 700.0


def test_a_call_lets_go_of_its_texts_and_keeps_what_records_say() -> None:
    call = Call(*[cast("Any", None)] * 5)
    call.let_go()
    text = Text("hello", "user", ("prompt",))
    call.exchange = Exchange("m", True, (text,), {"prompt": "hello"}, Parameters({}))
    call.asked = Inspection(Action.REDACT, (), Coverage(5, 5, {}), {("prompt",): "h"})
    call.let_go()
    assert (call.exchange.model, call.exchange.stream) == ("m", True)
    assert (call.exchange.texts, call.exchange.body) == ((), {})
    assert (call.asked.action, call.asked.coverage.chars) == (Action.REDACT, 5)
    assert not call.asked.replacements
