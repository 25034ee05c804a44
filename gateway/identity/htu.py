"""The address that a DPoP proof is made for: its ``htu`` claim (RFC 9449 §4.3, step 9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PublicUrls"]

_PORTS: Final = {"http": 80, "https": 443}
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_MAX_LENGTH: Final = 4096


class PublicUrls:
    """The base URLs that clients call; ``Host`` and ``X-Forwarded-*`` are never asked.

    Args:
        urls: ``http`` or ``https``, without query or fragment, perhaps with a path.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        found = [(url, _split(url)) for url in urls]
        wrong = [url for url, parts in found if parts is None]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no URL that a client can call")
        self._bases = [(_origin(parts), parts.path.rstrip("/")) for _, parts in found if parts]

    def __bool__(self) -> bool:
        return bool(self._bases)

    def match(self, htu: object, raw_path: bytes) -> bool:
        """Whether a proof for ``htu`` is a proof for a request with this path.

        Both are compared in the normal form of RFC 3986 §6.2.2.1 and §6.2.3: scheme and host in
        lower case, no default port, escapes in upper case. Query and fragment do not count.

        Args:
            htu: The claim, whatever it is.
            raw_path: The request's path as it stood on the wire, in its one spelling
                (``gateway.ingress.target``).
        """
        parts = _split(htu) if isinstance(htu, str) else None
        if parts is None:
            return False
        origin, path = _origin(parts), _path(parts.path)
        wanted = raw_path.decode("latin-1")
        return any(origin == own and path == _path(base + wanted) for own, base in self._bases)


def _split(url: str) -> SplitResult | None:
    """The parts of an absolute http or https URL without credentials; None if it is none."""
    # urlsplit drops tabs and line breaks and strips spaces, so that they are refused before it.
    if (
        len(url) > _MAX_LENGTH
        or not url.isascii()
        or not url.isprintable()
        or set(url) & set(' \\"')
    ):
        return None
    try:
        parts = urlsplit(url)
        _origin(parts)
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname and "@" not in parts.netloc else None


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _path(path: str) -> str:
    return _ESCAPE.sub(lambda found: found[0].upper(), path) or "/"
