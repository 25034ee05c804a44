from __future__ import annotations

import hmac
import time
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.jwk import Key
from gateway.identity.jwt import Issuer, Verifier
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import HeldKeys, Refused, Signer

    MakeSettings = Callable[..., IssuerSettings]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


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


# Attacks on the algorithm.


@pytest.mark.parametrize("spelling", ["none", "None", "NONE", "nOnE"])
async def test_alg_none(signer: Signer, refused: Refused, spelling: str) -> None:
    good = signer.token(header={"alg": spelling})
    assert await refused(good) == "algorithm: not one of the issuer's"
    assert (await refused(good.rpartition(".")[0] + ".")).startswith("algorithm")
    assert (await refused(good.rpartition(".")[0])).startswith("malformed")


def _hmac_token(signer: Signer, secret: bytes, **header: Any) -> str:
    unsigned = signer.token(header={"alg": "HS256", **header}).rpartition(".")[0]
    return f"{unsigned}.{encode(hmac.digest(secret, unsigned.encode(), 'sha256'))}"


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
async def test_rs_to_hs_confusion(
    signers: dict[str, Signer], refused: Refused, encoding: Encoding
) -> None:
    public = signers["RS256"].private.public_key()
    secret = public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    token = _hmac_token(signers["RS256"], secret)
    assert await refused(token) == "algorithm: not one of the issuer's"


@pytest.mark.parametrize("kid", ["key-RS256", "", "/dev/null", None])
async def test_blank_key_hmac(
    signers: dict[str, Signer], refused: Refused, kid: str | None
) -> None:
    token = _hmac_token(signers["RS256"], b"", kid=kid)
    assert (await refused(token)).startswith("algorithm")


async def test_algorithm_of_another_key(signers: dict[str, Signer], refused: Refused) -> None:
    token = signers["RS256"].token(header={"alg": "PS256"})
    assert await refused(token) == "algorithm: not the key's"
    token = replace(signers["PS256"], private=signers["RS256"].private).token(
        header={"kid": "key-RS256"}
    )
    assert await refused(token) == "algorithm: not the key's"


async def test_algorithm_that_the_issuer_does_not_use(
    signer: Signer, held: HeldKeys, make_settings: MakeSettings
) -> None:
    verifier = Verifier([Issuer(make_settings(algorithms=("RS256",)), held)])
    for algorithm in ("ES256", ["RS256"], None, 256, "RS256 ", "rs256"):
        with pytest.raises(Unauthenticated, match="algorithm: not one"):
            await verifier.verify(signer.token(header={"alg": algorithm}))


# Attacks on the key.


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "/proc/self/environ",
        "key-ES256\0",
        "x' UNION SELECT 'secret' -- ",
        "key-ES256; sleep 9",
        "KEY-ES256",
        "",
        "x" * 4000,
        ["key-ES256"],
        {"$ne": None},
        5,
    ],
)
async def test_kid_traversal_and_injection(other: Signer, refused: Refused, kid: Any) -> None:
    reason = await refused(other.token(header={"kid": kid}))
    assert reason.startswith("unknown kid")


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c"])
async def test_embedded_jwk(other: Signer, refused: Refused, member: str) -> None:
    value: Any = other.jwk() if member == "jwk" else "https://evil.test/jwks.json"
    reason = await refused(other.token(header={member: value}))
    assert reason.startswith(f"header: {member}")


async def test_embedded_jwk_in_a_token_with_a_good_signature(
    signer: Signer, refused: Refused
) -> None:
    assert (await refused(signer.token(header={"jwk": signer.jwk()}))).startswith("header: jwk")


async def test_key_of_somebody_else(other: Signer, refused: Refused) -> None:
    assert await refused(other.token()) == "signature: it does not hold"


async def test_key_of_another_issuer(
    signer: Signer, other: Signer, held: HeldKeys, make_settings: MakeSettings
) -> None:
    second = type(held)(other.jwk())
    verifier = Verifier(
        [Issuer(make_settings(), held), Issuer(make_settings(issuer="https://two/"), second)]
    )
    assert (await verifier.verify(signer.token())).issuer == make_settings().issuer
    assert (await verifier.verify(other.token(iss="https://two/"))).issuer == "https://two/"
    for wrong in (other.token(), signer.token(iss="https://two/")):
        with pytest.raises(Unauthenticated, match="signature"):
            await verifier.verify(wrong)


async def test_psychic_signature(signer: Signer, refused: Refused) -> None:
    unsigned = signer.token().rpartition(".")[0]
    assert await refused(f"{unsigned}.{encode(bytes(64))}") == "signature: it does not hold"


async def test_truncated_and_swapped_signatures(signer: Signer, refused: Refused) -> None:
    token = signer.token()
    unsigned, _, signature = token.rpartition(".")
    for wrong in (signature[:40], signature[4:], signature * 2, "AA", signature[::-1][:84] + "AA"):
        assert (await refused(f"{unsigned}.{wrong}")).startswith("signature")
    assert (await refused(f"{signer.token(sub='eve').rpartition('.')[0]}.{signature}")).startswith(
        "signature"
    )


# Attacks on the text of a token.


async def test_duplicate_claims(signer: Signer, refused: Refused) -> None:
    twice = dumps({"iss": "https://login.example.com/"})[:-1] + b',"sub":"alice","sub":"admin"}'
    assert "duplicate key" in await refused(signer.token(claims=twice))
    header = dumps(signer.header())[:-1] + b',"alg":"none"}'
    assert "duplicate key" in await refused(signer.token(header=header))


async def test_padding_malleability(
    signers: dict[str, Signer], verifier: Verifier, refused: Refused
) -> None:
    token = signers["RS256"].token()  # 256 bytes, so that the last letter has unused bits
    assert (await verifier.verify(token)).subject == "alice"
    at = LETTERS.index(token[-1])
    for spelling in (
        token[:-1] + LETTERS[at ^ 1],
        token + "=",
        token + "==",
        token + "\n",
        " " + token,
        token.replace(".", "=.", 1),
        token + "A",
        token + ".",
    ):
        assert (await refused(spelling)).startswith(("malformed", "signature"))


async def test_text_that_is_not_ascii(refused: Refused, signer: Signer) -> None:
    token = signer.token()
    for wrong in ("\ud800", token + "\ud800", token.replace("e", "\uff45")):
        assert (await refused(wrong)).startswith("malformed")


async def test_cached_prefix_collision(
    signer: Signer, verifier: Verifier, refused: Refused
) -> None:
    token = signer.token()
    assert (await verifier.verify(token)).subject == "alice"
    unsigned, _, signature = token.rpartition(".")
    header, _, _ = unsigned.partition(".")
    forged = encode(dumps({"iss": "https://login.example.com/", "sub": "admin", "exp": 2e9}))
    for twin in (token[:-8] + "AAAAAAAA", f"{header}.{forged}.{signature}", token[:-4]):
        assert twin[:20] == token[:20]
        assert (await refused(twin)).startswith(("signature", "malformed"))


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


# The cache, and the time a refusal takes.


class CountedVerify:
    """Counts how often a signature is checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        verify = Key.verify

        def counted(key: Key, message: bytes, signature: bytes) -> bool:
            self.count += 1
            return verify(key, message, signature)

        monkeypatch.setattr(Key, "verify", counted)


async def test_a_verified_token_is_held(
    signer: Signer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, token = CountedVerify(monkeypatch), signer.token()
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    assert counted.count == 1


async def test_a_refused_token_is_not_held(
    other: Signer, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, token = CountedVerify(monkeypatch), other.token()
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
    counted, token = CountedVerify(monkeypatch), signer.token()
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
    counted, token = CountedVerify(monkeypatch), signer.token()
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
    counted = CountedVerify(monkeypatch)
    await verifier.verify(one)
    await verifier.verify(three)
    assert counted.count == 0
    await verifier.verify(two)
    assert counted.count == 1
    assert len(verifier._cache) == 2


@pytest.mark.parametrize(
    "header",
    [{"kid": "unknown"}, {"alg": "PS256"}, {"alg": "HS256"}, {"crit": []}, {"kid": "x" * 200}, {}],
)
async def test_every_refusal_costs_one_signature_check(
    other: Signer, refused: Refused, monkeypatch: pytest.MonkeyPatch, header: dict[str, Any]
) -> None:
    counted = CountedVerify(monkeypatch)
    await refused(other.token(header=header))
    assert counted.count == 1
    await refused(other.token(header=header, iss="https://unknown/"))
    assert counted.count == 2


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
