from __future__ import annotations

import time
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from signature_checks import SignatureChecks

from gateway.errors import Unauthenticated
from gateway.identity.jwt import Issuer, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import HeldKeys, Refused, Signer

    MakeSettings = Callable[..., IssuerSettings]


@pytest.mark.parametrize(
    "name", ["RS256", "RS384", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed448"]
)
async def test_a_good_token(signers: dict[str, Signer], verifier: Verifier, name: str) -> None:
    token = signers[name].token()
    found = await verifier.verify(token)
    assert (found.subject, found.roles, found.tenant) == ("alice", ("analyst",), "acme")
    assert found.key == sha256(token.encode()).digest()
    assert 600 <= found.expires - time.time() <= 631


async def test_a_token_without_kid_is_for_the_only_key(
    signer: Signer, held: HeldKeys, verifier: Verifier, refused: Refused
) -> None:
    token = signer.token(header={"kid": None})
    assert await refused(token) == "unknown kid: the issuer has no such key"
    held.put(signer.jwk())
    assert (await verifier.verify(token)).subject == "alice"


# Issuer, claims, types.


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.com",
        "https://login.example.com/evil",
        "https://login.example.com/ ",
        "HTTPS://login.example.com/",
        "",
        None,
        ["https://login.example.com/"],
        {"a": 1},
    ],
)
async def test_partial_match_of_the_issuer(signer: Signer, refused: Refused, issuer: Any) -> None:
    """CVE-2024-53861 compared with ``in``."""
    assert await refused(signer.token(iss=issuer)) == "issuer: not one of ours"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"aud": "other"}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "claims: exp"),
        ({"nbf": time.time() + 3600}, "not yet valid"),
        ({"exp": time.time() + 1e6}, "lifetime"),
        ({"sub": None}, "subject"),
        ({"sub": 5}, "claims: sub"),
        ({"tenant": 5}, "tenant"),
        ({"_claim_names": {"groups": "src1"}}, "overage"),
    ],
)
async def test_claims_are_checked(
    signer: Signer, refused: Refused, changes: dict[str, Any], word: str
) -> None:
    assert (await refused(signer.token(**changes))).startswith(word)


async def test_claims_are_read_only_after_the_signature(other: Signer, refused: Refused) -> None:
    for changes in ({"exp": 1}, {"aud": "other"}, {"sub": None}):
        assert (await refused(other.token(**changes))).startswith("signature")


async def test_crit_is_not_ignored(signer: Signer, refused: Refused) -> None:
    """CVE-2026-32597 ignored ``crit``."""
    assert (await refused(signer.token(header={"crit": ["b64"]}))).startswith("header: crit")


async def test_id_tokens_are_refused_where_types_are_named(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings
) -> None:
    verifier = Verifier([Issuer(make_settings(token_types=("at+jwt",)), held)])
    await verifier.verify(signer.token(header={"typ": "at+jwt"}))
    for kind in ("JWT", None, "id+jwt"):
        with pytest.raises(Unauthenticated, match="type"):
            await verifier.verify(signer.token(header={"typ": kind}))


# The cache.


async def test_a_verified_token_is_held(
    signer: Signer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, token = SignatureChecks(monkeypatch), signer.token()
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    assert counted.count == 1


async def test_a_held_token_is_known_without_being_read(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier, token = Verifier([Issuer(make_settings(), held)]), signer.token()
    assert verifier.known(token) is None
    caller = await verifier.verify(token)
    counted = SignatureChecks(monkeypatch)
    assert verifier.known(token) is caller
    assert verifier.known(token[:-4]) is None
    assert verifier.known(signer.token(jti="2")) is None
    assert counted.count == 0


@pytest.mark.parametrize("change", ["revoked", "expired", "key set"])
async def test_a_token_that_no_longer_counts_is_not_known(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings, change: str
) -> None:
    now, revoked = time.time(), None
    verifier = Verifier(
        [Issuer(make_settings(), held)], clock=lambda: now, revoked=lambda _: revoked
    )
    token = signer.token()
    caller = await verifier.verify(token)
    if change == "revoked":
        revoked = "revoked: the token"
    elif change == "expired":
        now = caller.expires
    else:
        held.put(signer.jwk())
    assert verifier.known(token) is None
    assert len(verifier._cache) == 0


async def test_a_refused_token_is_not_held(
    other: Signer, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, token = SignatureChecks(monkeypatch), other.token()
    for _ in range(2):
        await refused(token)
    assert counted.count == 2


async def test_a_removed_key_ends_the_tokens_that_are_held(
    signers: dict[str, Signer], held: HeldKeys, verifier: Verifier, refused: Refused
) -> None:
    token, lasting = signers["ES256"].token(), signers["RS256"].token()
    await verifier.verify(token)
    await verifier.verify(lasting)
    held.put(signers["RS256"].jwk())
    assert (await refused(token)).startswith("unknown kid")
    await verifier.verify(lasting)
    held.put()
    assert (await refused(lasting)).startswith("keys unavailable")


async def test_a_reloaded_set_is_verified_with_again(
    signer: Signer, held: HeldKeys, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, token = SignatureChecks(monkeypatch), signer.token()
    await verifier.verify(token)
    held.put(signer.jwk())
    await verifier.verify(token)
    await verifier.verify(token)
    assert counted.count == 2


async def test_a_held_token_expires(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings
) -> None:
    now = time.time()
    verifier = Verifier([Issuer(make_settings(leeway="10s"), held)], clock=lambda: now)
    token = signer.token(exp=int(now) + 60)
    await verifier.verify(token)
    now += 69
    await verifier.verify(token)
    now += 2
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(token)


async def test_a_held_token_ends_with_the_grace_of_its_key(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    assert held.keys is not None
    retired = replace(held.keys.keys["key-ES256"], until=now + 5)
    held.keys = replace(held.keys, keys={"key-ES256": retired})
    verifier = Verifier([Issuer(make_settings(), held)], clock=lambda: now)
    counted, token = SignatureChecks(monkeypatch), signer.token()
    for later in (0, 4, 2):
        now += later
        await verifier.verify(token)
    assert counted.count == 2


async def test_the_cache_is_bounded_and_keeps_what_is_used(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier([Issuer(make_settings(), held)], cache_size=2)
    one, two, three = (signer.token(jti=str(number)) for number in range(3))
    for token in (one, two, one, three):
        await verifier.verify(token)
    counted = SignatureChecks(monkeypatch)
    await verifier.verify(one)
    await verifier.verify(three)
    assert counted.count == 0
    await verifier.verify(two)
    assert counted.count == 1
    assert len(verifier._cache) == 2


async def test_a_held_token_takes_microseconds(signer: Signer, verifier: Verifier) -> None:
    token = signer.token()
    await verifier.verify(token)
    best = 1.0
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(100):
            await verifier.verify(token)
        best = min(best, (time.perf_counter() - start) / 100)
    assert best < 50e-6
