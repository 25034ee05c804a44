"""One key of an issuer (RFC 7517), and the policy that a public one must meet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import InvalidKeyError

from gateway.errors import GatewayError
from gateway.identity.base64url import decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BadKeySet", "Key", "is_kid", "read_key"]

_ALGORITHMS: Final = get_default_algorithms()
_RSA: Final = frozenset({("RSA", "")})
_KINDS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), _RSA),
    "ES256": frozenset({("EC", "P-256")}),
    "ES384": frozenset({("EC", "P-384")}),
    "ES512": frozenset({("EC", "P-521")}),
    "EdDSA": frozenset({("OKP", "Ed25519"), ("OKP", "Ed448")}),
}
"""What each algorithm of RFC 7518 §3.1 and RFC 8037 signs with: ``kty`` and ``crv``."""

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MEMBERS: Final = {"RSA": ("n", "e"), "EC": ("x", "y"), "OKP": ("x",)}
_MAX_KID: Final = 128
_PRIMES: Final = (
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
)  # fmt: skip
_ROCA: Final = tuple((prime, {pow(65537, at, prime) for at in range(prime)}) for prime in _PRIMES)

_P25519: Final = 2**255 - 19
_P448: Final = 2**448 - 2**224 - 1
_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of every point whose order divides the cofactor, also as encodings that are not reduced.
_SMALL_ORDER: Final = {
    32: frozenset({0, 1, _P25519 - 1, _P25519, _P25519 + 1, _ORDER_8, _P25519 - _ORDER_8}),
    57: frozenset({0, 1, _P448 - 1, _P448, _P448 + 1}),
}


class BadKeySet(GatewayError):
    """A key set that the policy refuses as a whole; its text holds nothing of the keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, for one algorithm.

    Attributes:
        kid: Its name, if it has one.
        algorithm: The only algorithm that it verifies.
        material: The public key itself, or the secret of a symmetric issuer.
        until: Unix time in seconds until which it counts, for a key that its issuer has retired.
    """

    kid: str | None
    algorithm: str
    material: Any = field(repr=False)
    until: float = math.inf

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature (RFC 7515 §5.2)."""
        if isinstance(self.material, EllipticCurvePublicKey) and not _is_point_pair(
            signature, (self.material.key_size + 7) // 8
        ):
            return False
        verified: bool = _ALGORITHMS[self.algorithm].verify(message, self.material, signature)
        return verified


def is_kid(value: object) -> bool:
    """Whether a value can name a key: 1 to 128 printable ASCII characters."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _MAX_KID
        and value.isascii()
        and value.isprintable()
    )


def read_key(member: object, algorithms: Sequence[str]) -> Key | None:
    """One member of a key set as a key for one of the issuer's algorithms.

    A key without ``alg`` serves the first of the issuer's algorithms that its type can do, as one
    key for two algorithms is what RFC 8725 §3.1 warns of.

    Returns:
        The key, or None where it is none of ours: for encryption, of another algorithm, of a
        type or curve that no algorithm here has (RFC 7517 §5 lets such keys stand).

    Raises:
        BadKeySet: It is symmetric, private, weak or malformed, so its set cannot be trusted.
    """
    if not isinstance(member, dict) or not isinstance(member.get("kty"), str):
        raise BadKeySet("a key is no object with a kty")
    if member["kty"] == "oct":
        raise BadKeySet("a symmetric key stands among public ones")
    if not _PRIVATE.isdisjoint(member):
        raise BadKeySet("a private key stands among public ones")
    if "kid" in member and not is_kid(member["kid"]):
        raise BadKeySet("a kid is not 1 to 128 printable ASCII characters")
    algorithm = _algorithm(member, algorithms)
    if algorithm is None or not _is_for_verifying(member):
        return None
    return Key(member.get("kid"), algorithm, _public(member, algorithm))


def _is_for_verifying(member: Mapping[str, Any]) -> bool:
    operations = member.get("key_ops", ["verify"])
    return (
        member.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def _algorithm(member: Mapping[str, Any], algorithms: Sequence[str]) -> str | None:
    curve = "" if member["kty"] == "RSA" else member.get("crv")
    if not isinstance(curve, str):
        raise BadKeySet("a crv is no string")
    kind = (member["kty"], curve)
    able = [name for name in algorithms if kind in _KINDS.get(name, ())]
    if "alg" not in member:
        return able[0] if able else None
    named = member["alg"]
    if named in algorithms and named not in able:
        raise BadKeySet("a key's alg does not suit its type")
    return named if named in able else None


def _public(member: Mapping[str, Any], algorithm: str) -> Any:
    for name in _MEMBERS[member["kty"]]:
        value = member.get(name)
        if not isinstance(value, str) or not decode(value):
            raise BadKeySet(f"a key's {name} is not canonical base64url")
    try:
        public = _ALGORITHMS[algorithm].from_jwk(dict(member))
    except (InvalidKeyError, ValueError, TypeError, OverflowError):
        raise BadKeySet("a key's numbers are no key") from None
    if isinstance(public, RSAPublicKey):
        _check_rsa(public)
    if member["kty"] == "OKP":
        _check_order(decode(member["x"]) or b"")
    return public


def _check_order(x: bytes) -> None:
    """Refuses points of small order (RFC 8032 §8.9), with which anybody signs anything."""
    y = int.from_bytes(x, "little") & ~(1 << (8 * len(x) - 1))
    if y in _SMALL_ORDER[len(x)]:
        raise BadKeySet("an Edwards key is a point of small order")


def _check_rsa(public: RSAPublicKey) -> None:
    numbers = public.public_numbers()
    if not 2048 <= public.key_size <= 8192:
        raise BadKeySet("an RSA key has less than 2048 or more than 8192 bits")
    if numbers.e >= 2**64:
        raise BadKeySet("an RSA key has an exponent that nobody uses")
    if all(numbers.n % prime in powers for prime, powers in _ROCA):
        raise BadKeySet("an RSA key has the ROCA fingerprint (CVE-2017-15361)")


def _is_point_pair(signature: bytes, size: int) -> bool:
    """Whether r and s are there and neither is zero (CVE-2022-21449, psychic signatures)."""
    return len(signature) == 2 * size and any(signature[:size]) and any(signature[size:])
