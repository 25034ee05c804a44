"""Who a verified token speaks for: subject, roles and tenant from the issuer's claim paths."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gateway.claims import claim_at, strings_at
from gateway.errors import Unauthenticated
from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.settings import IssuerSettings

__all__ = ["principal"]

_MAX_NAME: Final = 256


def principal(
    claims: Mapping[str, Any], settings: IssuerSettings, *, key: bytes, expires: float
) -> Principal:
    """The principal of a token.

    Roles are the string or the list of strings at the roles path, as they stand there; anything
    else at that place is no role. Nothing is matched by pattern and nothing is added.

    Args:
        claims: The verified claims.
        settings: The issuer's settings.
        key: Full SHA-256 of the token.
        expires: Unix time in seconds from which on the token no longer holds.

    Raises:
        Unauthenticated: There is no usable subject, the tenant is no name, or the issuer left
            groups out for lack of room, which would hide a group that a rule denies.
    """
    _check_overage(claims)
    return Principal(
        subject=_name(claim_at(claims, settings.claims.subject), "subject"),
        issuer=settings.issuer,
        roles=strings_at(claims, settings.claims.roles),
        tenant=_tenant(claims, settings.claims.tenant),
        claims=MappingProxyType(dict(claims)),
        key=key,
        expires=expires,
    )


def _check_overage(claims: Mapping[str, Any]) -> None:
    """Refuses distributed claims (OIDC Core §5.6.2) and Entra ID's marks of group overage."""
    if claims.get("_claim_names") or claims.get("hasgroups"):
        raise Unauthenticated("overage: the issuer has left claims out of the token")


def _tenant(claims: Mapping[str, Any], path: str) -> str | None:
    value = claim_at(claims, path)
    return None if value is None else _name(value, "tenant")


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME or not value.isprintable():
        raise Unauthenticated(f"{what}: missing, or not a name of at most {_MAX_NAME} characters")
    return value
