"""The tree of errors is what its own picture says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gateway import errors
from gateway.errors import (
    ConfigurationError,
    GatewayError,
    Place,
    Problem,
    Refusal,
    Unauthenticated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAWN = {
    name: (int(status), code)
    for name, status, code in re.findall(r"── (\w+) +(\d{3}) (\w+)", errors.__doc__ or "")
}


def leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from leaves(child)


def test_every_refusal_is_drawn_with_its_status_and_code() -> None:
    assert {kind.__name__: (kind.status, kind.code) for kind in leaves(Refusal)} == DRAWN


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in leaves(Refusal)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", list(leaves(Refusal)), ids=lambda kind: kind.__name__)
def test_a_refusals_cause_is_not_what_the_client_reads(kind: type[Refusal]) -> None:
    refusal = kind("the true cause")
    assert refusal.reason == str(refusal) == "the true cause"
    assert refusal.message == kind.default
    assert "cause" not in refusal.message
    assert isinstance(refusal, GatewayError)


def test_the_client_reads_a_message_of_its_own_where_there_is_one() -> None:
    refusal = Unauthenticated("expired", message="Log in again.", retry_after=3)
    assert (refusal.message, refusal.retry_after) == ("Log in again.", 3)


def test_a_place_reads_as_editors_write_it() -> None:
    assert str(Place("gateway.yaml", 3, 7)) == "gateway.yaml:3:7"
    assert str(Place("gateway.yaml")) == "gateway.yaml"


def test_a_problem_is_one_line() -> None:
    place = Place("a.yaml", 1, 2)
    assert str(Problem(place, "is wrong", "mend it")) == "a.yaml:1:2: is wrong; mend it"
    assert str(Problem(place, "is wrong")) == "a.yaml:1:2: is wrong"


def test_a_configuration_error_is_a_line_for_each_problem() -> None:
    one, two = Problem(Place("a"), "first"), Problem(Place("b", 2, 1), "second")
    assert ConfigurationError(one).problems == (one,)
    assert str(ConfigurationError([one, two])) == "a: first\nb:2:1: second"
