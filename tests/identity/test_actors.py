from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unauthenticated
from gateway.identity.actors import actors

ISSUER = "https://login.example.com/"


def chain(*names: str) -> dict[str, Any]:
    """Claims in which the first name acts, then the second, and so on inwards."""
    claims: dict[str, Any] = {}
    for name in reversed(names):
        claims = {"act": {"sub": name, **claims}}
    return claims


def test_a_token_without_actors() -> None:
    assert actors({"sub": "alice"}, ISSUER) == ()
    assert actors({"may_act": {"sub": "agent"}}, ISSUER) == ()


def test_the_present_actor_comes_first() -> None:
    """The example of RFC 8693 §4.1."""
    claims = chain("https://service16.example.com", "https://service77.example.com")
    assert actors(claims, ISSUER) == (
        "https://service16.example.com",
        "https://service77.example.com",
    )


@given(st.lists(st.text("abc-", min_size=1), max_size=12))
def test_a_chain_has_at_most_eight_members(names: list[str]) -> None:
    if len(names) > 8:
        with pytest.raises(Unauthenticated, match=r"^actor: more than 8"):
            actors(chain(*names), ISSUER)
    else:
        assert actors(chain(*names), ISSUER) == tuple(names)


def test_an_actor_of_another_issuer_is_named_with_it() -> None:
    """Somebody else's ``admin`` is not taken for ours in the audit log."""
    assert actors({"act": {"sub": "agent", "iss": ISSUER}}, ISSUER) == ("agent",)
    assert actors({"act": {"sub": "admin", "iss": "https://two/"}}, ISSUER) == (
        "https://two/ admin",
    )


def test_a_client_without_subject_is_named_by_its_id() -> None:
    assert actors({"act": {"client_id": "agent-7"}}, ISSUER) == ("agent-7",)
    assert actors({"act": {"client_id": "agent-7", "sub": "bob"}}, ISSUER) == ("bob",)


@pytest.mark.parametrize(
    "act",
    [
        None, "agent", 5, True, ["agent"], [{"sub": "agent"}], {}, {"iss": ISSUER}, {"sub": None},
        {"sub": 5}, {"sub": ""}, {"sub": ["agent"]}, {"sub": "x" * 257}, {"sub": "a\nb"},
        {"sub": "a\u202eb"}, {"sub": "agent", "iss": 5}, {"sub": "agent", "iss": None},
        {"sub": "agent", "iss": "https://\n"}, {"sub": "agent", "client_id": 5},
        {"client_id": None},
        {"sub": "agent", "act": None}, {"sub": "agent", "act": {}}, {"sub": "agent", "act": "x"},
    ],
)  # fmt: skip
def test_a_malformed_chain_is_refused_whole(act: Any) -> None:
    with pytest.raises(Unauthenticated, match=r"^actor: "):
        actors({"act": act}, ISSUER)
