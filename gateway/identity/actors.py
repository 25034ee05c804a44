"""Who acts for the subject of a token: the ``act`` claim of token exchange (RFC 8693 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["actors"]

_MAX_DEPTH: Final = 8
_MAX_NAME: Final = 256


def actors(claims: Mapping[str, Any], issuer: str) -> tuple[str, ...]:
    """The present actor, then those who acted before it, as the claims nest them.

    An actor is named by its ``sub``, or by its ``client_id`` where it has none; one of another
    issuer than the token's by that issuer, a space, and its name. No rights come of it: whom a
    token speaks for is its subject.

    Args:
        claims: The verified claims.
        issuer: The token's own issuer.

    Raises:
        Unauthenticated: The chain is malformed or has more than 8 members. Who acted could not be
            recorded.
    """
    chain: list[str] = []
    holder: Mapping[str, Any] = claims
    while "act" in holder:
        actor = holder["act"]
        if not isinstance(actor, dict):
            raise Unauthenticated("actor: act is no object")
        if len(chain) == _MAX_DEPTH:
            raise Unauthenticated(f"actor: more than {_MAX_DEPTH} act for each other")
        chain.append(_name(actor, issuer))
        holder = actor
    return tuple(chain)


def _name(actor: Mapping[str, Any], issuer: str) -> str:
    for claim in ("sub", "client_id", "iss"):
        if claim in actor and not _is_name(actor[claim]):
            raise Unauthenticated(f"actor: {claim} is no name of at most {_MAX_NAME} characters")
    name: str | None = actor.get("sub", actor.get("client_id"))
    if name is None:
        raise Unauthenticated("actor: it has neither sub nor client_id")
    return name if actor.get("iss", issuer) == issuer else f"{actor['iss']} {name}"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_NAME and value.isprintable()
