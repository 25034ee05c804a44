"""Whom exceptions are made for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy.exceptions import PolicyException

LAWYER = {"team": "legal"}


def exception(
    roles: set[str], claim: str | None = None, any_of: frozenset[str] = frozenset()
) -> PolicyException:
    return PolicyException(
        "x", "rule", "pii", frozenset({"PERSON"}), frozenset(roles), claim, any_of, "", "", 100
    )


@pytest.mark.parametrize(
    ("roles", "claims", "made"),
    [
        ({"analyst"}, LAWYER, True),
        ({"analyst", "other"}, {"team": ["hr", "legal"]}, True),
        ({"analyst"}, {"team": "hr"}, False),
        ({"analyst"}, {}, False),
        ({"other"}, LAWYER, False),
        (set(), LAWYER, False),
    ],
)
def test_roles_and_claim_must_both_fit(
    roles: set[str], claims: dict[str, Any], made: object
) -> None:
    one = exception({"analyst"}, "team", frozenset({"legal"}))
    assert one.is_for(frozenset(roles), claims) is made


def test_without_a_claim_the_role_decides_and_without_roles_the_claim() -> None:
    assert exception({"analyst"}).is_for(frozenset({"analyst"}), {})
    assert not exception({"analyst"}).is_for(frozenset({"other"}), LAWYER)
    by_claim = exception(set(), "team", frozenset({"legal"}))
    assert by_claim.is_for(frozenset(), LAWYER)
    assert not by_claim.is_for(frozenset({"analyst"}), {})


def test_attack_an_exception_that_names_nobody_is_for_nobody() -> None:
    assert not exception(set()).is_for(frozenset({"analyst"}), LAWYER)
    assert not exception(set(), "team").is_for(frozenset({"analyst"}), LAWYER)
    assert not exception({"analyst"}, "team").is_for(frozenset({"analyst"}), LAWYER)


@pytest.mark.parametrize("claim", [True, 1, None, {"legal": "legal"}, ["legal", 1], [["legal"]]])
def test_attack_a_claim_that_is_not_text_makes_no_exception(claim: Any) -> None:
    one = exception(set(), "team", frozenset({"legal", "1", "True"}))
    assert not one.is_for(frozenset(), {"team": claim})
