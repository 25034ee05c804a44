from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import ConfigurationError
from gateway.identity.identify import Identity
from gateway.identity.issuer import create_issuer, issue, put_claim
from gateway.identity.jws import read_jws
from gateway.ingress.guard import RequestHead
from gateway.settings import IdentitySettings, IssuerSettings

if TYPE_CHECKING:
    from pathlib import Path


def _settings(folder: Path, **changes: Any) -> IssuerSettings:
    every = {
        "issuer": "https://dev.test/", "audience": "llm-gateway", "algorithms": ["ES256"],
        "jwks_file": folder / "issuer.jwks.json", "development_key": folder / "issuer.key",
        **changes,
    }  # fmt: skip
    return IssuerSettings.model_validate(every)


@pytest.fixture
def issuer(tmp_path: Path) -> IssuerSettings:
    create_issuer(tmp_path)
    return _settings(tmp_path)


def test_a_new_issuer(tmp_path: Path) -> None:
    private, public = create_issuer(tmp_path)
    assert private.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE KEY" in private.read_bytes()
    document = json.loads(public.read_bytes())
    assert [sorted(key) for key in document["keys"]] == [
        ["alg", "crv", "kid", "kty", "use", "x", "y"]
    ]


@pytest.mark.parametrize("name", ["issuer.key", "issuer.jwks.json"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigurationError, match=f"{name}.*the file exists"):
        create_issuer(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        create_issuer(tmp_path / "missing")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"token_types": ["at+jwt"]},
        {"claims": {"roles": "realm_access.roles", "tenant": "org.id", "subject": "user.name"}},
        {"claims": {"roles": "https://example.com/roles", "tenant": "cognito:tenant"}},
    ],
)
async def test_its_tokens_are_taken(tmp_path: Path, changes: dict[str, Any]) -> None:
    create_issuer(tmp_path)
    settings = _settings(tmp_path, **changes)
    claims = {settings.claims.tenant: "acme", "groups": ["x"], "app.level": 3}
    token = issue(settings, roles=["analyst", "auditor"], subject="bob", claims=claims, ttl=60)
    identity = Identity(IdentitySettings(issuers=(settings,)))
    await identity.start()
    head = RequestHead("GET", b"/", b"", "1.1", ((b"authorization", b"Bearer " + token.encode()),))
    found = await identity.identify(head, None)
    await identity.close()
    assert (found.subject, found.roles, found.tenant) == ("bob", ("analyst", "auditor"), "acme")
    assert found.claims["groups"] == ["x"]
    assert found.claims["app"] == {"level": 3}
    assert found.claims["exp"] - found.claims["iat"] == 60


def test_every_token_is_another(issuer: IssuerSettings) -> None:
    claims = [read_jws(issue(issuer)).claims for _ in range(2)]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[0]["sub"] == "developer"
    assert "roles" not in claims[0]


@pytest.mark.parametrize(
    ("changes", "arguments", "words"),
    [
        ({}, {"ttl": 0}, "takes tokens for 1 to 86400 seconds"),
        ({}, {"ttl": 90000}, "takes tokens for"),
        ({}, {"claims": {"iss": "x"}}, "sets iss itself"),
        ({}, {"claims": {"exp": 1, "aud": "x"}}, "sets aud, exp itself"),
        ({}, {"claims": {"sub.x": 1}}, "leads through 'sub'"),
        ({"algorithms": ["RS256"]}, {}, "does not take ES256"),
        ({"development_key": None}, {}, "has no development_key"),
    ],
)
def test_what_it_does_not_issue(
    tmp_path: Path, changes: dict[str, Any], arguments: dict[str, Any], words: str
) -> None:
    create_issuer(tmp_path)
    with pytest.raises(ConfigurationError, match=words):
        issue(_settings(tmp_path, **changes), **arguments)


def test_unusable_keys(tmp_path: Path, issuer: IssuerSettings) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # only here
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # only here

    assert issuer.development_key is not None
    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for data, words in ((b"", "no unencrypted private key"), (other, "no key on the curve P-256")):
        issuer.development_key.write_bytes(data)
        with pytest.raises(ConfigurationError, match=words):
            issue(issuer)
    issuer.development_key.unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        issue(issuer)


def test_claims_by_path() -> None:
    claims: dict[str, Any] = {}
    put_claim(claims, "a", 1)
    put_claim(claims, "b.c.d", 2)
    put_claim(claims, "b.e", 3)
    put_claim(claims, "https://example.com/x", 4)
    put_claim(claims, "cognito:groups", 5)
    assert claims == {
        "a": 1, "b": {"c": {"d": 2}, "e": 3}, "https://example.com/x": 4, "cognito:groups": 5
    }  # fmt: skip
