"""The one token of a request, from the headers that SDKs put their API keys into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.errors import Unauthenticated

if TYPE_CHECKING:
    from gateway.ingress.headers import Headers

__all__ = ["TOKEN_HEADERS", "token_from"]

TOKEN_HEADERS: Final = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
"""OpenAI and most others, Anthropic, Azure OpenAI, Gemini."""

_MAX_LENGTH: Final = 8 * 2**10
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# The last letter of a segment by its length modulo 4, where no bit may be set beyond a byte.
_LAST: Final = (_LETTERS, b"", _LETTERS[::16], _LETTERS[::4])


def token_from(headers: Headers) -> str:
    """The compact JWS (RFC 7515 §3.1) that a request carries.

    Exactly one of ``TOKEN_HEADERS`` stands exactly once; ``authorization`` with the scheme
    Bearer and one space (RFC 6750 §2.1). The token has at most 8 KiB and three canonical
    base64url segments; nothing of it has been verified.

    Raises:
        Unauthenticated: There is no such token, or there are two.
    """
    found = [pair for pair in headers if pair[0] in TOKEN_HEADERS]
    if len(found) != 1:
        raise Unauthenticated("two tokens" if found else "no token")
    name, token = found[0]
    if name == b"authorization":
        if token[:7].lower() != b"bearer ":
            raise Unauthenticated("scheme: not Bearer")
        token = token[7:]
    _check_form(token)
    return token.decode("ascii")


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
