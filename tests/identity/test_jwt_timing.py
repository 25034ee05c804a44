"""What a clock sees of a refusal: each costs one signature check, whatever it is for."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from signature_checks import SignatureChecks

from gateway.errors import Unauthenticated
from gateway.identity.jwk import Key
from gateway.identity.jwks import KeySet
from gateway.identity.jwt import Issuer, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from gateway.terms import Principal
    from tests.identity.conftest import HeldKeys, Refused, Signer

    MakeSettings = Callable[..., IssuerSettings]

SECRET = KeySet(MappingProxyType({}), Key(None, "HS256", b"k" * 32), b"")


async def refuse(verifier: Verifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await verifier.verify(token)
    return refusal.value.reason


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "unknown"}, {"alg": "PS256"}, {"alg": "HS256"}, {"alg": "none"}, {"alg": None},
        {"crit": []}, {"jwk": {}}, {"kid": "x" * 200}, {"kid": 7}, {},
    ],
)  # fmt: skip
async def test_every_refusal_costs_one_signature_check(
    other: Signer, refused: Refused, monkeypatch: pytest.MonkeyPatch, header: dict[str, Any]
) -> None:
    checks = SignatureChecks(monkeypatch)
    await refused(other.token(header=header))
    assert checks.count == 1
    await refused(other.token(header=header, iss="https://unknown/"))
    assert checks.count == 2


async def test_so_does_a_token_whose_claims_do_not_hold(
    signer: Signer, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = SignatureChecks(monkeypatch)
    for changes in ({"exp": 1}, {"aud": "x"}, {"sub": None}, {"hasgroups": True}, {"nbf": 9e9}):
        await refused(signer.token(**changes))
    assert checks.algorithms == ["ES256"] * 5


@pytest.fixture
def three(held: HeldKeys, make_settings: MakeSettings) -> Verifier:
    """A symmetric issuer, one whose keys are not there, and one with keys, in this order."""
    symmetric, lost = type(held)(), type(held)()
    symmetric.keys = SECRET
    return Verifier(
        [
            Issuer(
                make_settings(
                    issuer="https://symmetric/", jwks_file=None, secret_file="x",
                    algorithms=("HS256",),
                ),
                symmetric,
            ),
            Issuer(make_settings(issuer="https://lost/"), lost),
            Issuer(make_settings(), held),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_an_unknown_issuer_costs_what_a_wrong_signature_of_that_algorithm_would(
    three: Verifier, signers: dict[str, Signer], monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    """A check of the first issuer's secret instead would be thirty times as fast."""
    checks = SignatureChecks(monkeypatch)
    for issuer in ("https://unknown/", "https://lost/", None):
        token = signers[algorithm].token(iss=issuer)
        assert (await refuse(three, token)).startswith(("issuer", "keys unavailable"))
    assert checks.algorithms == [algorithm] * 3


async def test_an_unknown_issuer_with_an_algorithm_that_nobody_has(
    three: Verifier, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = SignatureChecks(monkeypatch)
    await refuse(three, signer.token(iss="https://unknown/", header={"alg": "none"}))
    assert checks.count == 1


async def test_a_symmetric_issuer_costs_its_own_check_whatever_the_token_says(
    three: Verifier, signers: dict[str, Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = SignatureChecks(monkeypatch)
    for header in ({"alg": "RS256"}, {"alg": "HS256"}, {"alg": "HS512"}, {"crit": ["b64"]}):
        await refuse(three, signers["RS256"].token(iss="https://symmetric/", header=header))
    assert checks.algorithms == ["HS256"] * 4


async def test_where_nobody_has_keys_there_is_nothing_to_tell_apart(
    held: HeldKeys, make_settings: MakeSettings, signer: Signer
) -> None:
    held.put()
    verifier = Verifier([Issuer(make_settings(), held)])
    assert (await refuse(verifier, signer.token())).startswith("keys unavailable")
    assert (await refuse(verifier, signer.token(iss="x"))).startswith("issuer")


async def test_a_token_that_was_revoked_while_it_was_held_costs_one_as_well(
    held: HeldKeys, make_settings: MakeSettings, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    against: str | None = None

    def revoked(_who: Principal) -> str | None:
        return against

    verifier = Verifier([Issuer(make_settings(), held)], revoked=revoked)
    token = signer.token()
    await verifier.verify(token)
    checks = SignatureChecks(monkeypatch)
    await verifier.verify(token)
    assert checks.count == 0
    against = "revoked: the token"
    for _ in range(3):
        assert await refuse(verifier, token) == "revoked: the token"
    assert checks.count == 3
    assert len(verifier._cache) == 0
    against = None
    await verifier.verify(token)
    assert checks.count == 4


async def test_whether_a_forged_token_is_revoked_is_not_told(
    held: HeldKeys, make_settings: MakeSettings, signer: Signer, other: Signer
) -> None:
    verifier = Verifier([Issuer(make_settings(), held)], revoked=lambda _: "revoked: the token")
    assert (await refuse(verifier, other.token())).startswith("signature")
    assert (await refuse(verifier, signer.token(exp=1))).startswith("expired")
