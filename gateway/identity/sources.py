"""Where the keys of an issuer come from, as its settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.discovery import Discovery
from gateway.identity.file_keys import FileKeys
from gateway.identity.secret_keys import SecretKeys
from gateway.identity.url_keys import Timing, UrlKeys

if TYPE_CHECKING:
    import httpx

    from gateway.identity.jwks import KeySource
    from gateway.settings import IssuerSettings

__all__ = ["key_source"]


def key_source(
    issuer: IssuerSettings, transport: httpx.AsyncBaseTransport | None = None
) -> KeySource:
    """The source of an issuer's keys; it reads nothing before it is started.

    Args:
        issuer: The issuer's settings.
        transport: How documents are fetched; httpx's own if not given.

    Raises:
        ConfigurationError: The settings name no source.
    """
    if issuer.jwks_file is not None:
        return FileKeys(issuer.jwks_file, issuer.algorithms)
    if issuer.secret_file is not None:
        return SecretKeys(issuer.secret_file, issuer.algorithms[0])
    timing = Timing(ttl=issuer.jwks_ttl)
    if issuer.jwks_url is not None:
        return UrlKeys(issuer.jwks_url, issuer.algorithms, timing=timing, transport=transport)
    if issuer.discovery:
        place = Discovery(issuer.issuer, max_stale=timing.max_stale)
        return UrlKeys(place, issuer.algorithms, timing=timing, transport=transport)
    raise ConfigurationError(Problem(Place("identity.issuers"), "an issuer has no source of keys"))
