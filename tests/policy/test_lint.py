"""Warnings: allowed, but seldom meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy import lint as room
from gateway.policy.lint import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

CARELESS = """
defaults: {on_scanner_error: allow, on_state_error: allow, unknown_conversations: allow}
roles: {lonely: {}, claimed: {match: {claim: c, any_of: [v]}}, analyst: {}}
models: {small: [m], big: [b]}
limits: {idle: {concurrent: 1}}
scanners:
  unread: {kind: injection, on: [user]}
  words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}
rules:
  - {id: all, allow: {roles: [analyst]}}
  - {id: nowhere, allow: {models: ["[b-a]"]}, scan: [words]}
  - {id: denied, allow: {roles: [analyst], models: [small]}, scan: [words]}
  - {id: deny, deny: {models: [m]}}
  - {id: slip, deny: {models: [smal]}}
  - {id: idle, override: {scanner: unread, block_at: 0.7}}
  - {id: over, mode: shadow, until: 2020-01-01, deny: {roles: [claimed]}}
exceptions:
  - id: past
    rule: denied
    suppress: {scanner: words, entities: [A]}
    match: {roles: [analyst]}
    reason: r
    approved_by: a
    expires: 2020-01-01
tests:
  - name: t
    given: {role: analyst, route: messages, model: small}
    expect: {decision: allow}
"""


def test_each_warning_has_one_of_the_codes(load: Callable[..., Policy]) -> None:
    found = {warning.code for warning in load(CARELESS).warnings}
    elsewhere = {"expiring-exception", "expiring-shadow", "no-tests", "unused-list"}
    assert found == set(CODES) - elsewhere


def test_warnings_stand_in_the_order_of_the_files(load: Callable[..., Policy]) -> None:
    second = "limits: {other: {concurrent: 1}}\nscanners: {x: {kind: injection, on: [user]}}\n"
    places = [warning.place for warning in load(CARELESS, second).warnings]
    assert places == sorted(places, key=lambda place: (place.file, place.line, place.column))
    assert len({place.file for place in places}) == 2


def test_a_policy_without_faults_has_no_warnings(load: Callable[..., Policy]) -> None:
    text = """
roles: {analyst: {}}
rules: [{id: chat, allow: {roles: [analyst], routes: [messages]}, scan: []}]
tests:
  - name: t
    given: {role: analyst, route: messages, model: m}
    expect: {decision: allow}
"""
    assert load(text).warnings == ()


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_where_the_warnings_are_made(code: str) -> None:
    word = code.replace("unused-", "").replace("untested-", "").replace("expir", "")
    assert code in str(room.__doc__) or word in str(room.__doc__)
