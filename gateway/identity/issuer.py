"""The development issuer: tokens for trying out and for tests, made with a key on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.base64url import encode
from gateway.identity.thumbprint import thumbprint
from gateway.ids import uuid7
from gateway.ingress.strict_json import dumps
from gateway.key_files import PRIVATE, PUBLIC, create_key, refuse_existing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gateway.settings import IssuerSettings

__all__ = ["create_issuer", "issue", "put_claim"]

_ALGORITHM: Final = ECAlgorithm(ECAlgorithm.SHA256, ec.SECP256R1)
_OURS: Final = ("iss", "aud", "exp", "nbf", "iat", "jti")


def create_issuer(folder: Path) -> tuple[Path, Path]:
    """Makes an ES256 key pair (RFC 7518 §3.4): ``issuer.key``, 0600, and ``issuer.jwks.json``.

    Returns:
        The private key's file, in PEM, and the public key set's.

    Raises:
        ConfigurationError: One of the files is there already, or the folder cannot be written.
    """
    private, public = folder / "issuer.key", folder / "issuer.jwks.json"
    refuse_existing(private, public)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    jwk = _public_jwk(key)
    member = {**jwk, "kid": thumbprint(jwk), "alg": "ES256", "use": "sig"}
    create_key(private, pem, PRIVATE)
    create_key(public, dumps({"keys": [member]}) + b"\n", PUBLIC)
    return private, public


def issue(
    settings: IssuerSettings,
    *,
    roles: Sequence[str] = (),
    subject: str = "developer",
    claims: Mapping[str, Any] | None = None,
    ttl: float = 3600.0,
) -> str:
    """A token that this issuer's settings take, signed with its ``development_key``.

    Args:
        settings: The issuer; its claim paths say where subject and roles are put.
        roles: The roles.
        subject: The subject.
        claims: Further claims, by path.
        ttl: Seconds until it expires.

    Raises:
        ConfigurationError: There is no usable development key, the issuer does not take ES256, a
            claim is one that the issuer sets, or the lifetime is longer than the settings allow.
    """
    _check(settings, claims or {}, ttl)
    key = _load(settings)
    now = int(time.time())
    payload: dict[str, Any] = {
        "iss": settings.issuer, "aud": settings.audience, "iat": now, "nbf": now,
        "exp": int(now + ttl), "jti": uuid7(),
    }  # fmt: skip
    put_claim(payload, settings.claims.subject, subject)
    if roles:
        put_claim(payload, settings.claims.roles, list(roles))
    for path, value in (claims or {}).items():
        put_claim(payload, path, value)
    kind = settings.token_types[0] if settings.token_types else "JWT"
    header = {"alg": "ES256", "typ": kind, "kid": thumbprint(_public_jwk(key))}
    signed = f"{encode(dumps(header))}.{encode(dumps(payload))}"
    return f"{signed}.{encode(_ALGORITHM.sign(signed.encode(), key))}"


def put_claim(claims: dict[str, Any], path: str, value: Any) -> None:
    """Sets a claim; dots in the path lead inwards unless it is a name with ``/`` or ``:``."""
    names = [path] if "/" in path or ":" in path else path.split(".")
    for name in names[:-1]:
        inner = claims.setdefault(name, {})
        if not isinstance(inner, dict):
            raise _problem("--claim", f"{path!r} leads through {name!r}, which is no object")
        claims = inner
    claims[names[-1]] = value


def _check(settings: IssuerSettings, claims: Mapping[str, Any], ttl: float) -> None:
    where = f"issuer {settings.issuer}"
    if "ES256" not in settings.algorithms:
        raise _problem(where, "does not take ES256", "add it to the issuer's algorithms")
    if not 1 <= ttl <= settings.max_lifetime:
        raise _problem(where, f"takes tokens for 1 to {settings.max_lifetime:.0f} seconds")
    taken = [name for name in _OURS if name in claims]
    if taken:
        raise _problem(where, f"sets {', '.join(taken)} itself", "leave it out")


def _load(settings: IssuerSettings) -> ec.EllipticCurvePrivateKey:
    path = settings.development_key
    if path is None:
        raise _problem(f"issuer {settings.issuer}", "has no development_key")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise _problem(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise _problem(path, "is no unencrypted private key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _problem(path, "is no key on the curve P-256")
    return key


def _public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    jwk = _ALGORITHM.to_jwk(key.public_key(), as_dict=True)
    return {name: str(jwk[name]) for name in ("crv", "kty", "x", "y")}


def _problem(place: object, message: str, advice: str = "") -> ConfigurationError:
    return ConfigurationError(Problem(Place(str(place)), message, advice))
