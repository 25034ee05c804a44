"""The one token of a request, from the headers that SDKs put their API keys into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from gateway.errors import Unauthenticated

if TYPE_CHECKING:
    from gateway.ingress.headers import Headers

__all__ = ["TOKEN_HEADERS", "Presented", "presented"]

TOKEN_HEADERS: Final = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
"""OpenAI and most others, Anthropic, Azure OpenAI, Gemini."""

Scheme = Literal["bearer", "dpop", "key"]
"""How a token is presented: RFC 6750 §2.1, RFC 9449 §7.1, or where an API key would stand."""

_SCHEMES: Final[dict[bytes, Scheme]] = {b"bearer": "bearer", b"dpop": "dpop"}
_MAX_LENGTH: Final = 8 * 2**10
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# The last letter of a segment by its length modulo 4, where no bit may be set beyond a byte.
_LAST: Final = (_LETTERS, b"", _LETTERS[::16], _LETTERS[::4])


@dataclass(frozen=True, slots=True)
class Presented:
    """The compact JWS (RFC 7515 §3.1) that a request carries; nothing of it has been verified."""

    token: str = field(repr=False)
    scheme: Scheme


def presented(headers: Headers) -> Presented:
    """The token of a request and how it was presented.

    Exactly one of ``TOKEN_HEADERS`` stands exactly once; ``authorization`` with the scheme Bearer
    or DPoP, in any case, and one space. The token has at most 8 KiB and three canonical base64url
    segments.

    Raises:
        Unauthenticated: There is no such token, or there are two.
    """
    found = [pair for pair in headers if pair[0] in TOKEN_HEADERS]
    if len(found) != 1:
        raise Unauthenticated("two tokens" if found else "no token")
    name, token = found[0]
    scheme: Scheme = "key"
    if name == b"authorization":
        scheme, token = _scheme(token)
    _check_form(token)
    return Presented(token.decode("ascii"), scheme)


def _scheme(value: bytes) -> tuple[Scheme, bytes]:
    word, space, token = value.partition(b" ")
    scheme = _SCHEMES.get(word.lower())
    if scheme is None or not space:
        raise Unauthenticated("scheme: neither Bearer nor DPoP")
    return scheme, token


def _check_form(token: bytes) -> None:
    if len(token) > _MAX_LENGTH:
        raise Unauthenticated("too long: the token has more than 8 KiB")
    segments = token.split(b".")
    if len(segments) == 5:
        raise Unauthenticated("encrypted: JWE is not taken")
    if len(segments) != 3:
        raise Unauthenticated("malformed: not three segments")
    for segment in segments:
        if not segment:
            raise Unauthenticated("malformed: an empty segment")
        if segment.translate(None, _LETTERS) or segment[-1] not in _LAST[len(segment) % 4]:
            raise Unauthenticated("malformed: not canonical base64url")
