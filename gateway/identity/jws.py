"""A token taken apart (RFC 7515 §7.1), and the header members that are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import BadRequest, Unauthenticated
from gateway.identity.base64url import decode
from gateway.ingress.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Jws", "check_header", "check_type", "read_jws"]

_MAX_DEPTH: Final = 8
_REFUSED: Final = {
    "crit": "no extension is understood, so RFC 7515 §4.1.11 refuses all",
    "b64": "the payload must be encoded (RFC 7797)",
    "zip": "compression is not taken",
    "enc": "JWE is not taken",
    "jku": "keys come from the settings, never from a token",
    "jwk": "keys come from the settings, never from a token",
    "x5u": "keys come from the settings, never from a token",
    "x5c": "keys come from the settings, never from a token",
}
_ACCESS_TOKENS: Final = frozenset({"jwt", "at+jwt"})


@dataclass(frozen=True, slots=True)
class Jws:
    """The parts of a token, not one of them verified.

    Attributes:
        header: The JOSE header.
        claims: The claims.
        signed: The bytes that the signature is over.
        signature: The signature.
    """

    header: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read_jws(token: str) -> Jws:
    """Takes a compact JWS apart; header and claims are strict JSON, at most 8 levels deep.

    Raises:
        Unauthenticated: It is not made of three canonical segments, two of them JSON objects.
    """
    segments = token.split(".")
    if len(segments) != 3 or not token.isascii():
        raise Unauthenticated("malformed: not three segments")
    header, claims, signature = (decode(segment) for segment in segments)
    if header is None or claims is None or signature is None:
        raise Unauthenticated("malformed: not canonical base64url")
    signed = token[: token.rindex(".")].encode()
    return Jws(_object(header, "header"), _object(claims, "claims"), signed, signature)


def check_header(header: Mapping[str, Any]) -> None:
    """Refuses header members that would change what a token is or where its key comes from.

    Raises:
        Unauthenticated: One of them is there, or a JWT is nested inside this one.
    """
    for name, why in _REFUSED.items():
        if name in header:
            raise Unauthenticated(f"header: {name} is refused; {why}")
    nested = header.get("cty")
    if nested is not None and _media_type(nested) == "jwt":
        raise Unauthenticated("header: nested tokens are not taken")


def check_type(header: Mapping[str, Any], wanted: tuple[str, ...]) -> None:
    """Refuses tokens that are made for something else (RFC 8725 §3.11, RFC 9068 §4).

    Args:
        header: The token's header.
        wanted: The types that the issuer's tokens must have; where none is named, access tokens
            and tokens without a type are taken, and no others.

    Raises:
        Unauthenticated: The type is another.
    """
    kind = _media_type(header["typ"]) if "typ" in header else None
    if wanted:
        fits = kind is not None and kind in {_media_type(name) for name in wanted}
    else:
        fits = "typ" not in header or kind in _ACCESS_TOKENS
    if not fits:
        raise Unauthenticated("type: not a type of token that is taken here")


def _media_type(value: object) -> str | None:
    """A media type as ``typ`` and ``cty`` name them: any case, ``application/`` left out."""
    return value.lower().removeprefix("application/") if isinstance(value, str) else None


def _object(data: bytes, part: str) -> Mapping[str, Any]:
    try:
        value = loads(data, max_depth=_MAX_DEPTH)
    except BadRequest as error:
        raise Unauthenticated(f"malformed: {part}: {error.reason}") from None
    if not isinstance(value, dict):
        raise Unauthenticated(f"malformed: {part}: no JSON object")
    return value
