"""Where an issuer publishes its keys, by OpenID Connect Discovery 1.0 §4."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from gateway.errors import BadRequest
from gateway.identity.fetch import FetchFailed
from gateway.ingress.strict_json import loads
from gateway.values import check_secure_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Discovery", "metadata_url", "read_metadata"]

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_MAX_DEPTH: Final = 8
_log = structlog.get_logger("gateway.identity")


class Discovery:
    """The place of an issuer's keys, asked for anew each time that the keys are.

    Nothing but the place is taken from the document: algorithms, audience and everything else
    stand in the settings. While the document cannot be read, or is refused, the last good place
    counts, for at most ``max_stale`` seconds.
    """

    def __init__(self, issuer: str, *, max_stale: float) -> None:
        self._issuer = issuer
        self._max_stale = max_stale
        self._place: str | None = None
        self._read = 0.0

    @property
    def url(self) -> str:
        """Where the document is."""
        return metadata_url(self._issuer)

    async def find(self, fetch: Callable[[str], Awaitable[bytes]]) -> str:
        """The URL of the issuer's keys.

        Raises:
            FetchFailed: It is not known, or what is known of it is too old.
        """
        try:
            place = read_metadata(await fetch(self.url), self._issuer)
        except FetchFailed as error:
            if self._place is None or time.monotonic() - self._read > self._max_stale:
                raise FetchFailed(f"discovery: {error}") from None
            _log.warning("discovery_failed", url=self.url, error=str(error))
            return self._place
        self._place, self._read = place, time.monotonic()
        return place


def metadata_url(issuer: str) -> str:
    """The address of an issuer's document (§4.1): one slash at the end is taken off first."""
    return issuer.removesuffix("/") + _WELL_KNOWN


def read_metadata(data: bytes, issuer: str) -> str:
    """The ``jwks_uri`` of an issuer's document.

    Its ``issuer`` equals the settings' letter by letter (§4.3), or whoever can place a document
    on that server could speak for another. The URL is https; plain http leads to this machine
    only, and only from an issuer that is itself there.

    Raises:
        FetchFailed: The document is not the issuer's, or names no such URL.
    """
    try:
        document = loads(data, max_depth=_MAX_DEPTH)
    except BadRequest as error:
        raise FetchFailed(error.reason) from None
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise FetchFailed("its issuer is not the one of the settings")
    place = document.get("jwks_uri")
    try:
        secure = isinstance(place, str) and check_secure_url(place) == place
    except ValueError:
        secure = False
    if not isinstance(place, str) or not secure:
        raise FetchFailed("its jwks_uri is no https URL without credentials, query and fragment")
    if urlsplit(issuer).scheme == "https" != urlsplit(place).scheme:
        raise FetchFailed("its jwks_uri is not https, as the issuer is")
    return place
