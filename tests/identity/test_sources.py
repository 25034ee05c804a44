from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.errors import ConfigurationError
from gateway.identity.discovery import Discovery
from gateway.identity.file_keys import FileKeys
from gateway.identity.secret_keys import SecretKeys
from gateway.identity.sources import key_source
from gateway.identity.url_keys import UrlKeys
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import Signer

    MakeSettings = Callable[..., IssuerSettings]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, FileKeys),
        ({"jwks_url": "https://a.test/jwks"}, UrlKeys),
        ({"discovery": True}, UrlKeys),
        ({"secret_file": "secret", "algorithms": ["HS384"]}, SecretKeys),
    ],
)
def test_each_setting_has_its_source(
    make_settings: MakeSettings, changes: dict[str, Any], kind: type
) -> None:
    settings = make_settings(**({"jwks_file": None, **changes} if changes else {}))
    assert type(key_source(settings)) is kind


def test_the_time_to_live_of_the_settings_counts(make_settings: MakeSettings) -> None:
    for place in ({"jwks_url": "https://a.test/jwks"}, {"discovery": True}):
        source = key_source(make_settings(jwks_file=None, jwks_ttl="7m", **place))
        assert isinstance(source, UrlKeys)
        assert source._timing.ttl == 420
        assert source._timing.timeout == 3
        assert isinstance(source._place, Discovery) == ("discovery" in place)


@pytest.mark.parametrize("ttl", ["299s", "25h", "0s"])
def test_the_time_to_live_has_bounds(make_settings: MakeSettings, ttl: str) -> None:
    with pytest.raises(ValueError, match="jwks_ttl"):
        make_settings(jwks_file=None, discovery=True, jwks_ttl=ttl)


async def test_discovered_keys_come_over_the_given_transport(
    make_settings: MakeSettings, signer: Signer
) -> None:
    settings = make_settings(jwks_file=None, discovery=True)
    documents = {
        "/.well-known/openid-configuration": {
            "issuer": settings.issuer, "jwks_uri": "https://keys.test/jwks"
        },
        "/jwks": {"keys": [signer.jwk()]},
    }  # fmt: skip
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=dumps(documents[request.url.path]))

    source = key_source(settings, httpx.MockTransport(answer))
    await source.start()
    assert source.keys is not None
    await source.close()
    assert asked == [
        "https://login.example.com/.well-known/openid-configuration", "https://keys.test/jwks"
    ]  # fmt: skip


def test_an_issuer_without_a_source(make_settings: MakeSettings) -> None:
    settings = make_settings().model_copy(update={"jwks_file": None})
    with pytest.raises(ConfigurationError, match="no source"):
        key_source(settings)


@pytest.mark.parametrize(
    "issuer", ["http://login.example.com", "login.example.com", "https://a.test/?x", "urn:issuer"]
)
def test_discovery_needs_an_https_issuer(make_settings: MakeSettings, issuer: str) -> None:
    with pytest.raises(ValueError, match=r"https|is not an http|has no credentials"):
        make_settings(jwks_file=None, discovery=True, issuer=issuer)
