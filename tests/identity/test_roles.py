from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import Unauthenticated
from gateway.identity.roles import principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from gateway.terms import Principal

    MakeSettings = Callable[..., IssuerSettings]


def _principal(make: MakeSettings, claims: dict[str, Any], **paths: str) -> Principal:
    settings = make(claims=paths)
    return principal({"sub": "alice", **claims}, settings, key=b"key", expires=5.0)


@pytest.mark.parametrize(
    ("path", "claims", "roles"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["a", "b"]}}, ("a", "b")),
        ("resource_access.app.roles", {"resource_access": {"app": {"roles": ["a"]}}}, ("a",)),
        ("groups", {"groups": ["0d5c", "77aa"]}, ("0d5c", "77aa")),
        ("roles", {"roles": ["App.Read"]}, ("App.Read",)),
        ("https://example.com/roles", {"https://example.com/roles": ["a"]}, ("a",)),
        ("cognito:groups", {"cognito:groups": ["a"]}, ("a",)),
        ("role", {"role": "admin"}, ("admin",)),
        ("roles", {}, ()),
        ("roles", {"roles": {"admin": True}}, ()),
        ("roles", {"roles": ["admin", 1]}, ()),
        ("roles", {"roles": None}, ()),
        ("roles", {"roles": ["*"]}, ("*",)),
    ],
)
def test_roles_as_issuers_write_them(
    make_settings: MakeSettings, path: str, claims: dict[str, Any], roles: tuple[str, ...]
) -> None:
    assert _principal(make_settings, claims, roles=path).roles == roles


def test_everything_about_a_principal(make_settings: MakeSettings) -> None:
    found = _principal(
        make_settings, {"uid": "u1", "org": {"id": "t1"}}, subject="uid", tenant="org.id"
    )
    assert (found.subject, found.tenant, found.key, found.expires) == ("u1", "t1", b"key", 5.0)
    assert found.issuer == make_settings().issuer
    assert found.claims["sub"] == "alice"
    assert "alice" not in repr(found)
    assert not hasattr(found.claims, "update")


@pytest.mark.parametrize("value", [None, "", 5, ["alice"], "x" * 257, "a\nb", "a\0", "a\u202eb"])
def test_a_subject_is_a_name(make_settings: MakeSettings, value: object) -> None:
    with pytest.raises(Unauthenticated, match=r"^subject: "):
        _principal(make_settings, {"sub": value})


def test_a_tenant_is_a_name_or_missing(make_settings: MakeSettings) -> None:
    assert _principal(make_settings, {}).tenant is None
    for wrong in (5, "", ["a"], {"id": "a"}, "a\r\nb"):
        with pytest.raises(Unauthenticated, match=r"^tenant: "):
            _principal(make_settings, {"tenant": wrong})


def test_a_tenant_that_the_settings_fix(make_settings: MakeSettings) -> None:
    """A claim that names another is not looked at, be it well-formed or not."""
    settings = make_settings(tenant="acme", claims={"tenant": "org.id"})
    for more in ({}, {"org": {"id": "evil"}}, {"tenant": "evil"}, {"org": {"id": 5}}):
        found = principal({"sub": "alice", **more}, settings, key=b"key", expires=5.0)
        assert found.tenant == "acme"


def test_what_revocation_and_the_audit_log_know_a_token_by(make_settings: MakeSettings) -> None:
    found = _principal(make_settings, {"jti": "t-1", "iat": 7, "act": {"sub": "agent"}})
    assert (found.token_id, found.issued, found.actors) == ("t-1", 7.0, ("agent",))
    assert isinstance(found.issued, float)
    bare = _principal(make_settings, {})
    assert (bare.token_id, bare.issued, bare.actors) == (None, None, ())


def test_an_actor_lends_its_subject_neither_roles_nor_tenant(make_settings: MakeSettings) -> None:
    actor = {"sub": "admin", "roles": ["admin"], "tenant": "evil"}
    found = _principal(make_settings, {"roles": ["analyst"], "act": actor})
    assert (found.subject, found.roles, found.tenant) == ("alice", ("analyst",), None)


def test_an_actor_that_cannot_be_recorded(make_settings: MakeSettings) -> None:
    with pytest.raises(Unauthenticated, match=r"^actor: "):
        _principal(make_settings, {"act": {"sub": 5}})


@pytest.mark.parametrize(
    "claims",
    [
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}},
        {"_claim_names": ["groups"]},
        {"hasgroups": True},
    ],
)
def test_group_overage(make_settings: MakeSettings, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match=r"^overage: "):
        _principal(make_settings, claims, roles="groups")
