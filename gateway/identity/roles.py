"""Who a verified token speaks for: subject, roles and tenant from the issuer's claim paths.

Nothing here is read before the token's signature and its registered claims have been checked.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gateway.claims import claim_at, strings_at
from gateway.errors import Unauthenticated
from gateway.identity.actors import actors
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
        Unauthenticated: There is no usable subject, the tenant is no name, who acts for the
            subject cannot be told, or the issuer left groups out for lack of room, which would
            hide a group that a rule denies.
    """
    _check_overage(claims)
    return Principal(
        subject=_name(claim_at(claims, settings.claims.subject), "subject"),
        issuer=settings.issuer,
        roles=strings_at(claims, settings.claims.roles),
        tenant=_tenant(claims, settings),
        claims=MappingProxyType(dict(claims)),
        key=key,
        expires=expires,
        token_id=claims.get("jti"),
        issued=float(claims["iat"]) if "iat" in claims else None,
        actors=actors(claims, settings.issuer),
    )


def _check_overage(claims: Mapping[str, Any]) -> None:
    """Refuses distributed claims (OIDC Core §5.6.2) and Entra ID's marks of group overage."""
    if claims.get("_claim_names") or claims.get("hasgroups"):
        raise Unauthenticated("overage: the issuer has left claims out of the token")


def _tenant(claims: Mapping[str, Any], settings: IssuerSettings) -> str | None:
    """The tenant that the settings fix; otherwise the one that the token names, if any."""
    if settings.tenant is not None:
        return settings.tenant
    value = claim_at(claims, settings.claims.tenant)
    return None if value is None else _name(value, "tenant")


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME or not value.isprintable():
        raise Unauthenticated(f"{what}: missing, or not a name of at most {_MAX_NAME} characters")
    return value
