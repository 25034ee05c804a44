from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import Unauthenticated
from gateway.identity.registered import check_registered
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import Refused, Signer

NOW = 1_000_000.0
GOOD: dict[str, Any] = {"aud": "llm-gateway", "exp": NOW + 600}


@pytest.fixture
def issuer(make_settings: Callable[..., IssuerSettings]) -> IssuerSettings:
    return make_settings(leeway="30s", max_lifetime="1h")


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["other", "llm-gateway"]},
        {"exp": NOW + 0.5},
        {"exp": NOW - 29},
        {"iat": NOW, "exp": NOW + 3600},
        {"iat": NOW + 29, "nbf": NOW + 29.9},
        {"iat": NOW + 30, "nbf": NOW + 30},
        {"sub": "a", "client_id": "b", "jti": "c"},
    ],
)
def test_good_claims(claims: dict[str, Any], issuer: IssuerSettings) -> None:
    every = GOOD | claims
    assert check_registered(every, issuer, NOW) == every["exp"] + 30


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": None}, "audience: missing"),
        ({"aud": 5}, "audience: missing"),
        ({"aud": ["llm-gateway", 5]}, "audience: missing"),
        ({"aud": {"llm-gateway": 1}}, "audience: missing"),
        ({"aud": []}, "audience: not ours"),
        ({"aud": "llm-gateway2"}, "audience: not ours"),
        ({"aud": "LLM-gateway"}, "audience: not ours"),
        ({"aud": "llm"}, "audience: not ours"),
        ({"exp": NOW - 30}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": -1}, "expired"),
        ({"exp": "9999999999"}, "claims: exp"),
        ({"exp": True}, "claims: exp"),
        ({"exp": None}, "claims: exp"),
        ({"exp": [NOW]}, "claims: exp"),
        ({"exp": 1e308}, "lifetime"),
        ({"exp": 2**64 - 1}, "lifetime"),
        ({"exp": NOW + 3601}, "lifetime"),
        ({"exp": NOW + 3600, "iat": NOW - 1}, "lifetime"),
        ({"exp": NOW + 5, "iat": NOW + 5}, "claims: exp is not after iat"),
        ({"exp": NOW + 5, "iat": NOW + 20}, "claims: exp is not after iat"),
        ({"iat": -(2**63)}, "lifetime"),
        ({"iat": -1e308, "exp": NOW + 1}, "lifetime"),
        ({"nbf": 1e308}, "not yet valid"),
        ({"iat": 2**64 - 1}, "not yet valid"),
        ({"nbf": NOW + 31}, "not yet valid"),
        ({"iat": NOW + 31}, "not yet valid"),
        ({"nbf": "0"}, "claims: nbf"),
        ({"nbf": None}, "claims: nbf"),
        ({"iat": {}}, "claims: iat"),
        ({"iat": False}, "claims: iat"),
        ({"sub": 1}, "claims: sub"),
        ({"sub": None}, "claims: sub"),
        ({"client_id": ["a"]}, "claims: client_id"),
        ({"jti": 7}, "claims: jti"),
    ],
)
def test_bad_claims(claims: dict[str, Any], reason: str, issuer: IssuerSettings) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        check_registered(GOOD | claims, issuer, NOW)
    assert refusal.value.reason.startswith(reason)


@pytest.mark.parametrize("name", ["aud", "exp"])
def test_required_claims(name: str, issuer: IssuerSettings) -> None:
    claims = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(Unauthenticated):
        check_registered(claims, issuer, NOW)


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("client_id", {"client_id": "llm-gateway"}),  # AWS Cognito's access tokens have no aud
        ("app.audience", {"app": {"audience": ["other", "llm-gateway"]}}),
        ("https://example.com/aud", {"https://example.com/aud": "llm-gateway"}),
    ],
)
def test_an_audience_in_a_claim_of_another_name(
    make_settings: Callable[..., IssuerSettings], path: str, claims: dict[str, Any]
) -> None:
    settings = make_settings(claims={"audience": path})
    assert check_registered({"exp": NOW + 600, **claims}, settings, NOW) == NOW + 630


def test_another_audience_does_not_stand_in_for_the_claim_that_is_named(
    make_settings: Callable[..., IssuerSettings],
) -> None:
    settings = make_settings(claims={"audience": "client_id"})
    for more in ({}, {"client_id": "other"}, {"client_id": ""}):
        with pytest.raises(Unauthenticated, match=r"^audience: "):
            check_registered({**GOOD, **more}, settings, NOW)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "1" + "0" * 30, "0x1"])
async def test_numbers_that_no_clock_shows(number: str, signer: Signer, refused: Refused) -> None:
    """Strict JSON has none of them, so no comparison ever sees an infinity or a NaN."""
    for name in ("exp", "nbf", "iat"):
        claims = dumps({"iss": "https://login.example.com/", "aud": "llm-gateway", "sub": "a"})
        text = claims[:-1] + f',"{name}":{number}}}'.encode()
        assert (await refused(signer.token(claims=text))).startswith("malformed: claims: json: ")
