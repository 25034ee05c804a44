"""The registered claims (RFC 7519 §4.1) of a token whose signature holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.claims import claim_at
from gateway.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.settings import IssuerSettings

__all__ = ["check_registered"]


def check_registered(claims: Mapping[str, Any], settings: IssuerSettings, now: float) -> float:
    """Checks audience, times and types; the issuer was matched before its key was chosen.

    Args:
        claims: The token's claims.
        settings: The issuer's settings: audience and where it stands, leeway, longest lifetime.
        now: Unix time in seconds.

    Returns:
        Unix time in seconds from which on the token no longer holds, leeway included.

    Raises:
        Unauthenticated: With ``audience``, ``expired``, ``not yet valid``, ``lifetime`` or
            ``claims`` as the first word of its reason.
    """
    for name in ("sub", "client_id", "jti"):
        if name in claims and not isinstance(claims[name], str):
            raise Unauthenticated(f"claims: {name} is no string")
    _check_audience(claim_at(claims, settings.claims.audience), settings.audience)
    return _check_times(claims, settings, now)


def _check_audience(claimed: object, ours: str) -> None:
    listed = claimed if isinstance(claimed, list) else [claimed]
    if not all(isinstance(audience, str) for audience in listed):
        raise Unauthenticated("audience: missing, or not made of strings")
    if ours not in listed:
        raise Unauthenticated("audience: not ours")


def _check_times(claims: Mapping[str, Any], settings: IssuerSettings, now: float) -> float:
    expires = _time(claims, "exp")
    issued, not_before = _time(claims, "iat"), _time(claims, "nbf")
    if expires is None:
        raise Unauthenticated("claims: exp is missing")
    if now >= expires + settings.leeway:
        raise Unauthenticated("expired")
    for start in (not_before, issued):
        if start is not None and now + settings.leeway < start:
            raise Unauthenticated("not yet valid")
    if issued is not None and expires <= issued:
        raise Unauthenticated("claims: exp is not after iat")
    lifetime = expires - (now if issued is None else issued)
    if lifetime > settings.max_lifetime:
        raise Unauthenticated("lifetime: longer than the issuer's tokens may live")
    return expires + settings.leeway


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 §2): any JSON number, and nothing else."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unauthenticated(f"claims: {name} is no number")
    return float(value)
