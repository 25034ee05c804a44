from __future__ import annotations

from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.base64url import encode
from gateway.identity.jwk import BadKeySet, Key, is_kid, read_key

if TYPE_CHECKING:
    from tests.identity.conftest import Signer

ALL = ["RS256", "RS384", "PS256", "ES256", "ES384", "ES512", "EdDSA"]


@pytest.mark.parametrize("name", [*ALL, "Ed448"])
def test_a_key_verifies_what_its_private_half_signed(signers: dict[str, Signer], name: str) -> None:
    signer = signers[name]
    key = read_key(signer.jwk(), ALL)
    assert key is not None
    assert (key.kid, key.algorithm) == (f"key-{name}", signer.algorithm)
    signature = signer.sign("text")
    assert key.verify(b"text", signature)
    assert not key.verify(b"other", signature)
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(len(signature))):
        assert not key.verify(b"text", wrong)


def test_psychic_signature(signers: dict[str, Signer]) -> None:
    for name, size in (("ES256", 32), ("ES384", 48), ("ES512", 66)):
        key = read_key(signers[name].jwk(), ALL)
        assert key is not None
        one = (1).to_bytes(size, "big")
        for r, s in ((bytes(size), bytes(size)), (bytes(size), one), (one, bytes(size))):
            assert not key.verify(b"text", r + s)


def test_one_key_serves_one_algorithm(signers: dict[str, Signer]) -> None:
    member = signers["RS256"].jwk(alg=None)
    for algorithms, algorithm in (
        (["PS256", "RS256"], "PS256"),
        (["ES256", "RS384"], "RS384"),
    ):
        key = read_key(member, algorithms)
        assert key is not None
        assert key.algorithm == algorithm
    assert read_key(member, ["ES256"]) is None


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("RS256", {"use": "enc"}),
        ("RS256", {"alg": "RSA-OAEP"}),
        ("RS256", {"alg": "RS512"}),
        ("RS256", {"alg": "none"}),
        ("RS256", {"alg": "HS256"}),
        ("RS256", {"alg": 1}),
        ("RS256", {"key_ops": ["encrypt"]}),
        ("RS256", {"key_ops": "verify"}),
        ("RS256", {"use": None, "key_ops": []}),
        ("ES256", {"crv": "secp256k1", "alg": None}),
        ("ES256", {"crv": "P-192", "alg": None}),
        ("EdDSA", {"crv": "X25519", "alg": None}),
        ("EdDSA", {"kty": "AKP", "alg": "ML-DSA-65"}),
    ],
)
def test_keys_for_something_else_are_left_out(
    signers: dict[str, Signer], name: str, changes: dict[str, Any]
) -> None:
    assert read_key(signers[name].jwk(**changes), ALL) is None


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("RS256", {"kty": "oct", "k": "AAAA"}, "symmetric"),
        ("RS256", {"kty": None}, "kty"),
        ("RS256", {"kty": 3}, "kty"),
        ("RS256", {"d": "AAAA"}, "private"),
        ("EdDSA", {"d": "AAAA"}, "private"),
        ("RS256", {"kid": ""}, "kid"),
        ("RS256", {"kid": "x" * 129}, "kid"),
        ("RS256", {"kid": "a\nb"}, "kid"),
        ("RS256", {"kid": 7}, "kid"),
        ("RS256", {"alg": "ES256"}, "suit"),
        ("ES256", {"alg": "ES384"}, "suit"),
        ("ES256", {"crv": ["P-256"]}, "crv"),
        ("RS256", {"n": None}, "n is not"),
        ("RS256", {"n": ""}, "n is not"),
        ("RS256", {"n": "AAA="}, "n is not"),
        ("RS256", {"e": "AQAB=="}, "e is not"),
        ("RS256", {"e": 65537}, "e is not"),
        ("RS256", {"e": "AQ"}, "no key"),
        ("RS256", {"e": "BA"}, "no key"),
        ("RS256", {"e": encode(b"\1" + bytes(7) + b"\1")}, "exponent"),
        ("RS256", {"n": "_" * 2050 + "w"}, "no key|more than 8192"),
        ("ES256", {"x": "AAAA"}, "no key"),
        ("ES256", {"y": encode(b"\1" * 32)}, "no key"),
        ("ES256", {"x": encode(bytes(32)), "y": encode(bytes(32))}, "no key"),
        ("EdDSA", {"x": "AAAA"}, "no key"),
    ],
)
def test_keys_that_spoil_their_set(
    signers: dict[str, Signer], name: str, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadKeySet, match=words):
        read_key(signers[name].jwk(**changes), ALL)


def _rsa(modulus: int) -> dict[str, Any]:
    data = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    return {"kty": "RSA", "e": "AQAB", "n": encode(data)}


def test_short_rsa_key() -> None:
    with pytest.raises(BadKeySet, match="2048"):
        read_key(_rsa((1 << 1023) + 1), ALL)


def test_roca_fingerprint() -> None:
    primes = [at for at in range(3, 168) if all(at % below for below in range(2, at))]
    product = reduce(mul, primes)
    # As the flawed library made moduli: a power of 65537 modulo the product of small primes.
    weak = pow(65537, 4711, product)
    weak += product * ((1 << 2047) // product + 1)
    weak += product if weak % 2 == 0 else 0
    assert weak.bit_length() == 2048
    with pytest.raises(BadKeySet, match="ROCA"):
        read_key(_rsa(weak), ALL)


P25519 = 2**255 - 19
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize(
    "y",
    [0, 1, P25519 - 1, P25519, P25519 + 1, int.from_bytes(ORDER_8, "little"),
     P25519 - int.from_bytes(ORDER_8, "little")],
)  # fmt: skip
def test_small_order_key(y: int, sign: int) -> None:
    """With such a key the signature R, 0 holds for one message in eight, and nobody signed it."""
    raw = bytearray(y.to_bytes(32, "little"))
    raw[31] |= sign
    member = {"kty": "OKP", "crv": "Ed25519", "x": encode(bytes(raw))}
    with pytest.raises(BadKeySet, match=r"small order|no key"):
        read_key(member, ALL)


@pytest.mark.parametrize("y", [0, 1, 2**448 - 2**224 - 2])
def test_small_order_key_on_ed448(y: int) -> None:
    member = {"kty": "OKP", "crv": "Ed448", "x": encode(y.to_bytes(57, "little"))}
    with pytest.raises(BadKeySet, match=r"small order|no key"):
        read_key(member, ALL)


@pytest.mark.parametrize(
    "member",
    [
        {"x5c": ["AAAA"]},
        {"x5u": "https://evil.test/cert"},
        {"x5t": "AAAA", "x5t#S256": "AAAA"},
        {"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"},
        {"key_ops": ["verify"], "use": "sig"},
        {"ext": True, "nbf": 1, "exp": 2},
    ],
)
def test_other_members_change_nothing(signers: dict[str, Signer], member: dict[str, Any]) -> None:
    """A certificate beside a key is not what its trust rests on, so it is not looked at."""
    key = read_key(signers["RS256"].jwk(**member), ALL)
    assert key is not None
    assert key.verify(b"text", signers["RS256"].sign("text"))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_never_serves_a_symmetric_algorithm(
    signers: dict[str, Signer], algorithm: str
) -> None:
    for name in ("RS256", "ES256", "EdDSA"):
        assert read_key(signers[name].jwk(alg=None), [algorithm]) is None
        with pytest.raises(BadKeySet, match="does not suit"):
            read_key(signers[name].jwk(alg=algorithm), [algorithm])


def test_a_name_of_a_key() -> None:
    for good in ("a", "x" * 128, "../../etc/passwd", "' OR 1=1 --"):
        assert is_kid(good)
    for bad in (None, 1, "", "x" * 129, "\0", "é", b"a", ["a"]):
        assert not is_kid(bad)


def test_a_key_does_not_show_itself(signers: dict[str, Signer]) -> None:
    assert "material" not in repr(read_key(signers["RS256"].jwk(), ALL))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(["kty", "crv", "alg", "use", "kid", "key_ops", "n", "e", "x", "y"])
KINDS = st.sampled_from(["RSA", "EC", "OKP", "P-256", "Ed25519", "ES256", "AQAB", "sig"])


@given(JSON | st.dictionaries(NAMES, KINDS | JSON))
def test_any_json_is_a_key_or_nothing_or_refused(member: Any) -> None:
    try:
        key = read_key(member, ALL)
    except BadKeySet:
        return
    assert key is None or isinstance(key, Key)
