"""Attacks on proofs of possession, by whoever holds a stolen token or a stolen proof."""

from __future__ import annotations

import base64
import hmac
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from prover import Prover, encode

from gateway.errors import Unauthenticated
from gateway.identity.dpop import Proofs
from gateway.identity.htu import PublicUrls
from gateway.ingress.guard import RequestHead
from gateway.ingress.strict_json import dumps
from gateway.state.memory import MemoryState
from gateway.terms import Principal

if TYPE_CHECKING:
    from tests.identity.conftest import Signer

URL, TOKEN = "https://llm.example.com/v1/messages", "e30.e30.AAAA"


@pytest.fixture
def prover() -> Prover:
    return Prover()


async def refused(*proofs: str | bytes, key: str, token: str = TOKEN, path: bytes = b"") -> str:
    """The reason for which a POST to ``URL`` with these proofs is refused."""
    given = (one if isinstance(one, bytes) else one.encode("latin-1") for one in proofs)
    headers = tuple((b"dpop", one) for one in given)
    head = RequestHead("POST", path or b"/v1/messages", b"", "1.1", headers)
    digest = sha256(token.encode()).digest()
    holder = Principal("alice", "https://i/", (), None, {}, digest, time.time() + 600)
    checker = Proofs(PublicUrls(["https://llm.example.com"]), MemoryState(), time.time)
    with pytest.raises(Unauthenticated, match=r"^proof: ") as refusal:
        await checker.check(head, holder, key)
    assert refusal.value.message == Unauthenticated.default
    return refusal.value.reason.removeprefix("proof: ")


# No proof, or too many.


async def test_stolen_token_without_a_proof(prover: Prover) -> None:
    assert await refused(key=prover.thumbprint) == "there is none"
    assert (await refused("", key=prover.thumbprint)).startswith("malformed")


async def test_two_proofs(prover: Prover) -> None:
    good = prover.proof("POST", URL, TOKEN)
    for second in (good, "", Prover().proof("POST", URL, TOKEN)):
        assert await refused(good, second, key=prover.thumbprint) == "there are two"
    assert (await refused(f"{good}, {good}", key=prover.thumbprint)).startswith("malformed")


async def test_oversized_proof(prover: Prover) -> None:
    plain = len(prover.proof("POST", URL, TOKEN, htm="GET", padding=""))
    room = (4096 - plain) * 3 // 4
    for more, reason in ((room, "htm"), (room + 1, "htm"), (room + 3, "it has more than 4 KiB")):
        proof = prover.proof("POST", URL, TOKEN, htm="GET", padding="x" * more)
        assert (len(proof) <= 4096) == (reason == "htm")
        assert (await refused(proof, key=prover.thumbprint)).startswith(reason)


# Somebody else's key.


async def test_proof_by_another_key(prover: Prover) -> None:
    reason = await refused(Prover().proof("POST", URL, TOKEN), key=prover.thumbprint)
    assert reason == "its key is not the one that the token is bound to"


async def test_the_right_key_embedded_and_another_one_signing(prover: Prover) -> None:
    proof = Prover().proof("POST", URL, TOKEN, header={"jwk": prover.jwk()})
    assert await refused(proof, key=prover.thumbprint) == "its signature does not hold"


async def test_psychic_signature(prover: Prover) -> None:
    unsigned = prover.proof("POST", URL, TOKEN).rpartition(".")[0]
    for signature in (
        bytes(64),
        b"",
        bytes(63) + b"\1",
        bytes(31) + b"\1" + bytes(32),
        b"\xff" * 64,
    ):
        reason = await refused(f"{unsigned}.{encode(signature)}", key=prover.thumbprint)
        assert reason == "its signature does not hold"


@pytest.mark.parametrize("member", ["jku", "x5u", "x5c", "crit", "b64", "zip", "enc"])
async def test_key_from_elsewhere_and_extensions(prover: Prover, member: str) -> None:
    for value in ("https://evil.test", [], ["b64"], False):
        proof = prover.proof("POST", URL, TOKEN, header={member: value})
        assert (await refused(proof, key=prover.thumbprint)).startswith(f"header: {member}")


async def test_nested_token(prover: Prover) -> None:
    proof = prover.proof("POST", URL, TOKEN, header={"cty": "JWT"})
    assert (await refused(proof, key=prover.thumbprint)).startswith("header: nested")


@pytest.mark.parametrize(
    "jwk", [None, "key", 5, [], {}, {"kty": "EC"}, {"kty": "oct", "k": "AAAA"}]
)
async def test_no_key_embedded(prover: Prover, jwk: Any) -> None:
    proof = prover.proof("POST", URL, TOKEN, header={"jwk": jwk})
    assert (await refused(proof, key=prover.thumbprint)).startswith("its key is not the one")


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
async def test_private_key_embedded(prover: Prover, member: str) -> None:
    proof = prover.proof("POST", URL, TOKEN, header={"jwk": {**prover.jwk(), member: "AAAA"}})
    assert await refused(proof, key=prover.thumbprint) == (
        "its key is refused: a private key stands among public ones"
    )


async def test_weak_keys_and_unknown_curves() -> None:
    weak = Prover("RS256", rsa.generate_private_key(65537, 1024))  # noqa: S505  # weak on purpose
    proof = weak.proof("POST", URL, TOKEN)
    assert "less than 2048" in await refused(proof, key=weak.thumbprint)
    other = Prover("ES256K", ec.generate_private_key(ec.SECP256K1()))
    proof = other.proof("POST", URL, TOKEN)
    assert (await refused(proof, key=other.thumbprint)).startswith("algorithm")
    proof = other.proof("POST", URL, TOKEN, header={"alg": "ES256"})
    assert await refused(proof, key=other.thumbprint) == "its key is not for its algorithm"


async def test_invalid_curve_point() -> None:
    """A point that is on no curve would leak or be forged by whoever chose it."""
    prover = Prover()
    jwk = {**prover.jwk(), "y": encode(b"\1" * 32)}
    named = encode(sha256(dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")})).digest())
    proof = prover.proof("POST", URL, TOKEN, header={"jwk": jwk})
    assert await refused(proof, key=named) == "its key is refused: a key's numbers are no key"


@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"key_ops": ["sign"]}, {"key_ops": []}, {"alg": "ES384"}]
)
async def test_key_for_something_else(prover: Prover, change: dict[str, Any]) -> None:
    proof = prover.proof("POST", URL, TOKEN, header={"jwk": {**prover.jwk(), **change}})
    assert "its key is" in await refused(proof, key=prover.thumbprint)


# The algorithm.


@pytest.mark.parametrize(
    "spelling", ["none", "None", "NONE", "nOnE", "", "es256", "ES256 ", None, 256, ["ES256"], {}]
)
async def test_alg_none_and_other_spellings(prover: Prover, spelling: Any) -> None:
    proof = prover.proof("POST", URL, TOKEN, header={"alg": spelling})
    for one in (proof, proof.rpartition(".")[0] + "."):
        assert (await refused(one, key=prover.thumbprint)).startswith("algorithm")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_hmac_with_the_public_key(signers: dict[str, Signer], algorithm: str) -> None:
    prover = Prover("RS256", signers["RS256"].private)
    pem = prover.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, b""):
        unsigned = prover.proof("POST", URL, TOKEN, header={"alg": algorithm}).rpartition(".")[0]
        mac = hmac.digest(secret, unsigned.encode(), f"sha{algorithm[2:]}")
        reason = await refused(f"{unsigned}.{encode(mac)}", key=prover.thumbprint)
        assert reason.startswith("algorithm")


async def test_algorithm_of_another_key(signers: dict[str, Signer]) -> None:
    prover = Prover("RS256", signers["RS256"].private)
    for algorithm in ("ES256", "EdDSA"):
        proof = prover.proof("POST", URL, TOKEN, header={"alg": algorithm})
        assert await refused(proof, key=prover.thumbprint) == "its key is not for its algorithm"
    proof = prover.proof("POST", URL, TOKEN, header={"alg": "PS256"})
    assert await refused(proof, key=prover.thumbprint) == "its signature does not hold"


# What it is a proof of.


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "DPOP+JWT", "application/dpop+jwt", "", None, 5])
async def test_a_token_is_no_proof(prover: Prover, kind: Any) -> None:
    """A client's other signed statements, such as assertions, prove nothing here."""
    proof = prover.proof("POST", URL, TOKEN, header={"typ": kind})
    assert await refused(proof, key=prover.thumbprint) == "its type is not dpop+jwt"


@pytest.mark.parametrize("method", ["GET", "post", "POST ", "", None, 5, ["POST"]])
async def test_proof_for_another_method(prover: Prover, method: Any) -> None:
    proof = prover.proof("POST", URL, TOKEN, htm=method)
    assert (await refused(proof, key=prover.thumbprint)).startswith("htm")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/v1/messages",
        "http://llm.example.com/v1/messages",
        URL + "/x",
        None,
        5,
        [URL],
    ],
)
async def test_proof_for_another_address(prover: Prover, url: Any) -> None:
    """A proof that another server was given does not open this one."""
    proof = prover.proof("POST", URL, TOKEN, htu=url)
    assert (await refused(proof, key=prover.thumbprint)).startswith("htu")


async def test_proof_for_another_path(prover: Prover) -> None:
    proof = prover.proof("POST", URL, TOKEN)
    for path in (b"/v1/chat/completions", b"/v1/messages/count_tokens", b"/gateway/whoami"):
        assert (await refused(proof, key=prover.thumbprint, path=path)).startswith("htu")


async def test_proof_for_another_token(prover: Prover) -> None:
    """A proof that was seen with one token does not bind another to the same key."""
    proof = prover.proof("POST", URL, "e30.e30.AAAB")
    assert (await refused(proof, key=prover.thumbprint)).startswith("ath")
    digest = sha256(TOKEN.encode())
    good = encode(digest.digest())
    for ath in (None, "", good + "=", good[:-1], digest.hexdigest(), [good], 5, encode(b"x" * 32)):
        proof = prover.proof("POST", URL, TOKEN, ath=ath)
        assert (await refused(proof, key=prover.thumbprint)).startswith("ath")


@pytest.mark.parametrize("made", [None, "0", True, [], {}, 1e308, -1, 0, 2**64 - 1])
async def test_proof_without_a_time_or_of_another(prover: Prover, made: Any) -> None:
    proof = prover.proof("POST", URL, TOKEN, iat=made)
    number = type(made) in {int, float}
    wrong = "iat is too long ago or ahead" if number else "iat is no number"
    assert await refused(proof, key=prover.thumbprint) == wrong


@pytest.mark.parametrize("identifier", [None, "", 5, ["a"], "x" * 257])
async def test_proof_that_could_not_be_told_from_its_copy(prover: Prover, identifier: Any) -> None:
    proof = prover.proof("POST", URL, TOKEN, jti=identifier)
    assert (await refused(proof, key=prover.thumbprint)).startswith("jti")


# Its text.


async def test_duplicate_members(prover: Prover) -> None:
    header = dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": prover.jwk()})[:-1]
    proof = prover.proof("POST", URL, TOKEN, header=header + b',"alg":"none"}')
    assert "duplicate key" in await refused(proof, key=prover.thumbprint)
    inner = dumps(Prover().jwk())[:-1] + dumps(prover.jwk()).replace(b"{", b",", 1)
    header = b'{"typ":"dpop+jwt","alg":"ES256","jwk":' + inner + b"}"
    proof = prover.proof("POST", URL, TOKEN, header=header)
    assert "duplicate key" in await refused(proof, key=prover.thumbprint)


async def test_padding_malleability_makes_no_second_proof() -> None:
    """A copy in another spelling would not be known by its identifier if that were its text."""
    prover = Prover("RS256", rsa.generate_private_key(65537, 2048))
    proof = prover.proof("POST", URL, TOKEN)  # 256 bytes, so that the last letter has unused bits
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for spelling in (
        proof[:-1] + letters[letters.index(proof[-1]) ^ 1],
        proof + "=",
        proof + " ",
        " " + proof,
        proof.replace(".", "=.", 1),
        proof + ".",
        proof.replace("e", "\xe9"),
    ):
        assert (await refused(spelling, key=prover.thumbprint)).startswith("malformed")


async def test_mauled_signature_is_no_second_proof(prover: Prover) -> None:
    """ECDSA lets anybody write a second signature; the identifier is signed and stays."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    checker = Proofs(PublicUrls(["https://llm.example.com"]), MemoryState(), time.time)
    digest = sha256(TOKEN.encode()).digest()
    holder = Principal("alice", "https://i/", (), None, {}, digest, time.time() + 600)
    proof = prover.proof("POST", URL, TOKEN)
    unsigned, _, text = proof.rpartition(".")
    signature = base64.urlsafe_b64decode(text + "==")
    twin = signature[:32] + (order - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    outcomes = []
    for one in (proof, f"{unsigned}.{encode(twin)}"):
        head = RequestHead("POST", b"/v1/messages", b"", "1.1", ((b"dpop", one.encode()),))
        try:
            await checker.check(head, holder, prover.thumbprint)
            outcomes.append("taken")
        except Unauthenticated as refusal:
            outcomes.append(refusal.reason)
    assert outcomes == ["taken", "proof: it has been used before"]


async def test_every_changed_letter_is_noticed(prover: Prover) -> None:
    proof = prover.proof("POST", URL, TOKEN)
    for at in range(0, len(proof), 7):
        changed = proof[:at] + ("A" if proof[at] != "A" else "B") + proof[at + 1 :]
        assert await refused(changed, key=prover.thumbprint)
