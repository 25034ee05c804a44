from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.errors import ConfigurationError, Unauthenticated
from gateway.identity.identify import Identity
from gateway.ingress.guard import RequestHead
from gateway.ingress.strict_json import dumps
from gateway.settings import IdentitySettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import Signer

    MakeSettings = Callable[..., IssuerSettings]


def _head(token: str | None) -> RequestHead:
    given = () if token is None else ((b"authorization", b"Bearer " + token.encode()),)
    return RequestHead("POST", b"/v1/messages", b"", "1.1", ((b"host", b"a"), *given))


async def test_issuers_with_a_file_and_with_a_url(
    tmp_path: Path, make_settings: MakeSettings, signers: dict[str, Signer]
) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(dumps({"keys": [signers["ES256"].jwk()]}))
    document = dumps({"keys": [signers["RS256"].jwk()]})
    answers = [httpx.Response(200, content=document)]
    transport = httpx.MockTransport(lambda _: answers[0])
    second = {"issuer": "https://two/", "jwks_file": None, "jwks_url": "https://two/jwks"}
    settings = IdentitySettings(
        issuers=(make_settings(jwks_file=file), make_settings(**second, algorithms=["RS256"]))
    )
    identity = Identity(settings, transport=transport)
    assert identity.unavailable() == (make_settings().issuer, "https://two/")
    await identity.start()
    assert identity.unavailable() == ()
    assert identity.problem() is None
    assert (await identity.identify(_head(signers["ES256"].token()), None)).subject == "alice"
    found = await identity.identify(_head(signers["RS256"].token(iss="https://two/")), None)
    assert found.issuer == "https://two/"
    with pytest.raises(Unauthenticated, match="no token"):
        await identity.identify(_head(None), None)
    await identity.close()


async def test_an_issuer_that_is_down_does_not_prevent_the_start(
    make_settings: MakeSettings, signer: Signer
) -> None:
    settings = make_settings(jwks_file=None, jwks_url="http://127.0.0.1:1/jwks")
    identity = Identity(IdentitySettings(issuers=(settings,)))
    await identity.start()
    assert identity.unavailable() == (settings.issuer,)
    assert identity.problem() == "no issuer's keys are known"
    with pytest.raises(Unauthenticated, match="keys unavailable"):
        await identity.identify(_head(signer.token()), None)
    await identity.close()


async def test_wrong_key_files_are_named_together(
    tmp_path: Path, make_settings: MakeSettings, signer: Signer
) -> None:
    good = tmp_path / "good.json"
    good.write_bytes(dumps({"keys": [signer.jwk()]}))
    files = (tmp_path / "one.json", good, tmp_path / "two.json")
    issuers = tuple(
        make_settings(issuer=f"https://{at}/", jwks_file=file) for at, file in enumerate(files)
    )
    identity = Identity(IdentitySettings(issuers=issuers))
    with pytest.raises(ConfigurationError, match=r"one\.json.*\n.*two\.json"):
        await identity.start()


@pytest.mark.parametrize("url", ["http://issuer.example/jwks", "ftp://127.0.0.1/jwks", "file:///x"])
def test_keys_come_over_https_or_from_this_machine(make_settings: MakeSettings, url: str) -> None:
    with pytest.raises(ValueError, match=r"is not an http|must be https"):
        make_settings(jwks_file=None, jwks_url=url)
