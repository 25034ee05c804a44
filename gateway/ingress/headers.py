"""Header fields as ASGI gives them: pairs of lower-case name and value, in their order."""

from __future__ import annotations

from typing import Final

from gateway.ingress.rules import refuse

__all__ = ["Headers", "require_json", "single"]

Headers = tuple[tuple[bytes, bytes], ...]
"""A copy of the headers, made before the body is read: some servers append trailers to theirs."""

_USUAL: Final = frozenset(
    {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)


def single(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header that may stand once; None where it is missing.

    Raises:
        BadRequest: It stands twice.
    """
    found: bytes | None = None
    for key, value in headers:
        if key == name:
            if found is not None:
                refuse("duplicate-header")
            found = value
    return found


def require_json(headers: Headers) -> None:
    """Takes only bodies in JSON, in UTF-8, as they are.

    Raises:
        UnsupportedMediaType: Another type or charset, none, or any ``Content-Encoding`` but
            ``identity``.
    """
    kind = single(headers, b"content-type")
    if kind is None or (kind not in _USUAL and not _is_json(kind.lower())):
        refuse("content-type")
    coding = single(headers, b"content-encoding")
    if coding is not None and coding.lower() != b"identity":
        refuse("content-encoding")


def _is_json(kind: bytes) -> bool:
    """Whether a media type, in lower case, is JSON with no parameter but ``charset=utf-8``."""
    essence, *parameters = (part.strip(b" ") for part in kind.split(b";"))
    if essence != b"application/json" or len(parameters) > 1:
        return False
    return parameters in ([], [b"charset=utf-8"], [b'charset="utf-8"'])
