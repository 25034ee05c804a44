"""Whose counts a request goes into, and attacks by names that look like others."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.charges import charges_of
from gateway.terms import Limit, LimitScope, LimitUse, Principal, Rate

SCOPES: tuple[LimitScope, ...] = ("subject", "role", "tenant", "everyone")


def principal(subject: str = "ada", issuer: str = "https://a/", **more: Any) -> Principal:
    values = {"roles": (), "tenant": None, "claims": {}, "key": b"", "expires": 0.0, **more}
    return Principal(subject, issuer, **values)


def keys(who: Principal, per: LimitScope, *roles: str, name: str = "human") -> list[str]:
    limit = Limit(name, per, requests=Rate(1, 60))
    return [charge.key for charge in charges_of([LimitUse(limit, roles)], who)]


def test_a_subject_is_one_of_its_issuer() -> None:
    assert keys(principal(), "subject") == keys(principal(tenant="t", roles=("r",)), "subject")
    assert keys(principal(), "subject") != keys(principal("bob"), "subject")
    assert keys(principal(), "subject") != keys(principal(issuer="https://b/"), "subject")


def test_a_request_counts_in_each_of_its_roles() -> None:
    both = keys(principal(), "role", "dev", "ops")
    assert len(both) == 2
    assert both == [*keys(principal("bob"), "role", "dev"), *keys(principal("bob"), "role", "ops")]


def test_a_role_that_is_named_twice_counts_once() -> None:
    assert len(keys(principal(), "role", "dev", "dev")) == 1


def test_a_limit_per_role_without_a_role_counts_the_subject_alone() -> None:
    assert len(keys(principal(), "role")) == 1
    assert keys(principal(), "role") != keys(principal("bob"), "role")


def test_a_tenant_is_its_name_whichever_issuer_says_it() -> None:
    one, other = principal(tenant="acme"), principal("bob", "https://b/", tenant="acme")
    assert keys(one, "tenant") == keys(other, "tenant")
    assert keys(one, "tenant") != keys(principal(tenant="other"), "tenant")


def test_who_has_no_tenant_is_a_tenant_alone() -> None:
    assert keys(principal(), "tenant") != keys(principal("bob"), "tenant")
    assert keys(principal(), "tenant") != keys(principal(tenant=""), "tenant")


def test_everyone_is_counted_together() -> None:
    assert keys(principal(), "everyone") == keys(principal("bob", "https://b/"), "everyone")


def test_each_limit_counts_for_itself() -> None:
    assert keys(principal(), "subject", name="one") != keys(principal(), "subject", name="two")


def test_no_key_shows_a_name() -> None:
    for per in SCOPES:
        for key in keys(principal("ada@example.com", tenant="acme"), per, "dev"):
            assert len(key) == 64
            assert set(key) <= set("0123456789abcdef")


def test_a_limit_that_is_used_twice_charges_once() -> None:
    use = LimitUse(Limit("human", requests=Rate(1, 60)))
    assert len(charges_of([use, use], principal())) == 1


def test_a_subject_named_like_the_parts_of_another() -> None:
    # Whatever separates the parts, a name can hold it.
    pairs = [("a", "b:c"), ("a:b", "c"), ("", "a:b:c"), ("a:b:c", ""), ("a", "b\x00c")]
    found = {
        key for issuer, subject in pairs for key in keys(principal(subject, issuer), "subject")
    }
    assert len(found) == len(pairs)


def test_a_tenant_named_like_a_role_or_a_subject() -> None:
    named = [
        *keys(principal("x", "x", tenant="x"), "tenant", "x", name="x"),
        *keys(principal("x", "x", tenant="x"), "role", "x", name="x"),
        *keys(principal("x", "x", tenant="x"), "subject", "x", name="x"),
        *keys(principal("x", "x"), "tenant", name="x"),
        *keys(principal("x", "x"), "everyone", name="x"),
        *keys(principal("x", "x"), "role", name="x"),
    ]
    assert len(set(named)) == 6


def test_a_name_that_is_no_text_is_counted_all_the_same() -> None:
    assert keys(principal("\ud800"), "subject") != keys(principal("\ud801"), "subject")


TEXTS = st.text(alphabet="ab:\x00\x01\x08", max_size=6)
WHO = st.tuples(TEXTS, st.sampled_from(SCOPES), TEXTS, TEXTS, st.none() | TEXTS, TEXTS)


def meaning(who: tuple[str, LimitScope, str, str, str | None, str]) -> object:
    name, per, issuer, subject, tenant, role = who
    counted: dict[LimitScope, object] = {
        "subject": (issuer, subject),
        "role": role,
        "tenant": (issuer, subject) if tenant is None else tenant,
        "everyone": None,
    }
    return name, per, counted[per]


@given(WHO, WHO)
def test_two_keys_are_equal_only_where_their_meaning_is(one: Any, other: Any) -> None:
    def key(who: Any) -> list[str]:
        name, per, issuer, subject, tenant, role = who
        return keys(principal(subject, issuer, tenant=tenant), per, role, name=name)

    assert (key(one) == key(other)) == (meaning(one) == meaning(other))
