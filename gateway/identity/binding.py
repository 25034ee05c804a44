"""What a token is bound to: the ``cnf`` claim (RFC 7800) of DPoP and mutual TLS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.errors import Unauthenticated
from gateway.identity.base64url import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNBOUND", "Binding", "binding"]

_METHODS: Final = frozenset({"jkt", "x5t#S256"})


@dataclass(frozen=True, slots=True)
class Binding:
    """What its bearer must prove possession of.

    Attributes:
        key: The thumbprint (RFC 7638) of the key that must sign DPoP proofs (RFC 9449 §6.1).
        certificate: SHA-256 of the client's certificate in DER, in base64url (RFC 8705 §3.1).
    """

    key: str | None = None
    certificate: str | None = None


UNBOUND: Final = Binding()


def binding(claims: Mapping[str, Any], proof: Literal["bearer", "dpop", "mtls"]) -> Binding:
    """What a token is bound to, and whether that is enough for its issuer.

    Any other way of confirmation than the two is refused rather than ignored: a token that is
    bound to something would be taken from whoever has stolen it.

    Args:
        claims: The verified claims.
        proof: What the settings ask of the issuer's tokens.

    Raises:
        Unauthenticated: ``cnf`` is not understood, or it lacks what the settings ask for.
    """
    found = _read(claims["cnf"]) if "cnf" in claims else UNBOUND
    if proof == "dpop" and found.key is None:
        raise Unauthenticated("binding: the issuer's tokens must be bound to a key, cnf.jkt")
    if proof == "mtls" and found.certificate is None:
        raise Unauthenticated(
            "binding: the issuer's tokens must be bound to a certificate, cnf.x5t#S256"
        )
    return found


def _read(cnf: object) -> Binding:
    if not isinstance(cnf, dict) or not cnf:
        raise Unauthenticated("binding: cnf is no object with members")
    if not cnf.keys() <= _METHODS:
        raise Unauthenticated("binding: cnf names something other than jkt and x5t#S256")
    for value in cnf.values():
        data = decode(value) if isinstance(value, str) else None
        if data is None or len(data) != 32:
            raise Unauthenticated("binding: cnf holds what is no SHA-256 in base64url")
    return Binding(cnf.get("jkt"), cnf.get("x5t#S256"))
