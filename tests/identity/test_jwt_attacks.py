"""Attacks on tokens: on the algorithm, on the key, and on the text itself."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.jwt import Issuer, Verifier
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import HeldKeys, Refused, Signer

    MakeSettings = Callable[..., IssuerSettings]

ORDERS = {
    "ES256": 2**256 - 2**224 + 2**192 - 0x4319055258E8617B0C46353D039CDAAF,
    "ES384": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
    "ES512": 2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
}
"""How many points there are on each curve: what r and s count in (FIPS 186-5)."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


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


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512"])
async def test_psychic_signature(
    signers: dict[str, Signer], refused: Refused, algorithm: str
) -> None:
    """CVE-2022-21449: a signature whose numbers are zero held for any message and any key."""
    signer, order = signers[algorithm], ORDERS[algorithm]
    size = (order.bit_length() + 7) // 8
    unsigned = signer.token().rpartition(".")[0]
    for r, s in ((0, 0), (0, 1), (1, 0), (order, order), (order, 1), (1, order), (order + 1, 1)):
        signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
        assert await refused(f"{unsigned}.{encode(signature)}") == "signature: it does not hold"
    assert (await refused(f"{unsigned}.{encode(b'')}")).startswith("signature")


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


async def test_chain_of_actors_that_is_too_deep_to_follow(
    signer: Signer, verifier: Verifier, refused: Refused
) -> None:
    def chain(depth: int) -> dict[str, Any]:
        return {"sub": f"agent-{depth}", **({"act": chain(depth - 1)} if depth > 1 else {})}

    assert len((await verifier.verify(signer.token(act=chain(7)))).actors) == 7
    for depth in (8, 9, 100):
        assert "deeper than 8" in await refused(signer.token(act=chain(depth)))
