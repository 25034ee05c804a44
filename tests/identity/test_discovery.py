from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.errors import Unauthenticated
from gateway.identity.discovery import Discovery, metadata_url, read_metadata
from gateway.identity.fetch import FetchFailed
from gateway.identity.jwt import Issuer, Verifier
from gateway.identity.url_keys import Timing, UrlKeys
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from issuer_server import IssuerServer

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import Signer, Until

ISSUER = "https://login.example.com/realms/main"
PLACE = "https://login.example.com/keys"
METADATA = "/.well-known/openid-configuration"
ALL = ["RS256", "ES256"]
QUICK = Timing(ttl=600, timeout=0.5, cooldown=0, max_stale=600, retry=0.05)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://a.test", "https://a.test/.well-known/openid-configuration"),
        ("https://a.test/", "https://a.test/.well-known/openid-configuration"),
        ("https://a.test/x", "https://a.test/x/.well-known/openid-configuration"),
        ("https://a.test/x/y/", "https://a.test/x/y/.well-known/openid-configuration"),
        ("https://a.test//", "https://a.test//.well-known/openid-configuration"),
    ],
)
def test_where_the_document_is(issuer: str, url: str) -> None:
    """OpenID Connect Discovery 1.0 §4.1."""
    assert metadata_url(issuer) == url


def document(**changes: Any) -> bytes:
    usual = {"issuer": ISSUER, "jwks_uri": PLACE, "authorization_endpoint": "https://x.test/a"}
    return dumps({**usual, **changes})


def test_the_place_of_the_keys() -> None:
    assert read_metadata(document(), ISSUER) == PLACE
    for place in ("https://keys.test:8443/a/b.json", "https://login.example.com/"):
        assert read_metadata(document(jwks_uri=place), ISSUER) == place


@pytest.mark.parametrize(
    "issuer",
    [
        f"{ISSUER}/", ISSUER.upper(), "https://login.example.com", f"{ISSUER}/evil", "", None, 1,
        [ISSUER], "https://login.microsoftonline.com/{tenantid}/v2.0", f" {ISSUER}",
        "http://login.example.com/realms/main",
    ],
)  # fmt: skip
def test_document_of_another_issuer(issuer: object) -> None:
    with pytest.raises(FetchFailed, match="its issuer is not the one"):
        read_metadata(document(issuer=issuer), ISSUER)


@pytest.mark.parametrize(
    "place",
    [
        "http://login.example.com/keys", "http://169.254.169.254/latest/meta-data", "file:///etc/x",
        "ftp://a.test/", "//a.test/keys", "/keys", "keys", "", None, 7, [PLACE], {"a": 1},
        "https://user:password@a.test/keys", "https://a.test/keys?x=1", "https://a.test/keys#x",
        "https://a.test:0/", "https://a.test:99999/", "https:///keys", "https://a.test/\n",
        "https://a.test/ keys", "javascript:alert(1)", "https://[::1/",
        "http://127.0.0.1/keys", "http://localhost:8080/keys", "http://[::1]/keys",
    ],
)  # fmt: skip
def test_places_that_are_refused(place: object) -> None:
    """Among them this machine, where an issuer from elsewhere has no business."""
    with pytest.raises(FetchFailed, match="its jwks_uri is"):
        read_metadata(document(jwks_uri=place), ISSUER)


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/keys", "https://keys.test/"])
def test_an_issuer_on_this_machine_may_be_plain(place: str) -> None:
    local = "http://127.0.0.1:9/"
    assert read_metadata(document(issuer=local, jwks_uri=place), local) == place


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b"<html>", b"\xff", dumps("text"), b'{"a":' * 9 + b"1" + b"}" * 9,
     document()[:-1] + b',"jwks_uri":"https://evil.test/"}', b"\xef\xbb\xbf" + document()],
)  # fmt: skip
def test_documents_that_are_none(data: bytes) -> None:
    with pytest.raises(FetchFailed):
        read_metadata(data, ISSUER)


@given(st.binary(max_size=60) | st.dictionaries(st.text(), st.text() | st.booleans()).map(dumps))
def test_any_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(FetchFailed):
        read_metadata(data, ISSUER)


# Against a real server.


def publish(server: IssuerServer, *signers: Signer, place: str = "/keys", **changes: Any) -> None:
    server.documents[place] = dumps({"keys": [signer.jwk() for signer in signers]})
    metadata = {"issuer": server.base, "jwks_uri": f"{server.base}{place}", **changes}
    server.documents[METADATA] = dumps(metadata)


Start = Callable[..., Awaitable[UrlKeys]]


@pytest.fixture
async def start(server: IssuerServer, signer: Signer) -> AsyncIterator[Start]:
    sources: list[UrlKeys] = []
    publish(server, signer)

    async def started(timing: Timing = QUICK, max_stale: float = 600) -> UrlKeys:
        discovery = Discovery(server.base, max_stale=max_stale)
        sources.append(UrlKeys(discovery, ALL, timing=timing))
        await sources[-1].start()
        return sources[-1]

    yield started
    for source in sources:
        await source.close()


async def test_keys_are_found_where_the_document_says(start: Start, server: IssuerServer) -> None:
    source = await start()
    assert await source.find("key-ES256") is not None
    assert server.paths == [METADATA, "/keys"]


async def test_keys_that_move_are_followed_with_the_next_fetch(
    start: Start, server: IssuerServer, signers: dict[str, Signer]
) -> None:
    source = await start()
    publish(server, signers["RS256"], place="/elsewhere")
    assert await source.find("key-RS256") is not None
    assert server.paths[2:] == [METADATA, "/elsewhere"]


FAULTS: dict[str, Callable[[IssuerServer], None]] = {
    "another issuer": lambda server: publish(server, issuer="https://evil.test"),
    "plain place": lambda server: publish(server, jwks_uri="http://evil.test/keys"),
    "no place": lambda server: publish(server, jwks_uri=None),
    "no JSON": lambda server: server.documents.update({METADATA: b"<html>"}),
    "too large": lambda server: server.documents.update({METADATA: b" " * 300_000}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_bad_document_leaves_the_last_good_place(
    start: Start, server: IssuerServer, signers: dict[str, Signer], fault: str
) -> None:
    source = await start()
    FAULTS[fault](server)
    server.documents["/keys"] = dumps({"keys": [signers["RS256"].jwk()]})
    with capture_logs() as logs:
        assert await source.find("key-RS256") is not None
    assert [log["event"] for log in logs] == ["discovery_failed"]
    assert server.paths[2:] == [METADATA, "/keys"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_issuer_with_a_bad_document_has_no_keys_until_it_is_mended(
    start: Start, server: IssuerServer, signer: Signer, fault: str, until: Until
) -> None:
    FAULTS[fault](server)
    with capture_logs() as logs:
        source = await start()
    assert source.keys is None
    assert logs[0]["url"] == server.base + METADATA
    assert logs[0]["error"].startswith("discovery: ")
    assert "/keys" not in server.paths
    publish(server, signer)
    await until(lambda: source.keys is not None)


async def test_the_last_good_place_counts_only_so_long(
    start: Start, server: IssuerServer, signers: dict[str, Signer]
) -> None:
    source = await start(max_stale=0.05)
    publish(server, issuer="https://evil.test")
    server.documents["/keys"] = dumps({"keys": [signers["RS256"].jwk()]})
    await asyncio.sleep(0.06)
    assert await source.find("key-RS256") is None
    assert "/keys" not in server.paths[2:]
    assert source.keys is not None, "the keys themselves have a bound of their own"


async def test_issuer_in_the_document_does_not_widen_what_tokens_may_say(
    start: Start, server: IssuerServer, signer: Signer, make_settings: Callable[..., IssuerSettings]
) -> None:
    settings = make_settings(issuer=server.base, jwks_file=None, discovery=True, algorithms=ALL)
    verifier = Verifier([Issuer(settings, await start())])
    assert (await verifier.verify(signer.token(iss=server.base))).subject == "alice"
    for other in (f"{server.base}/", "https://login.example.com/"):
        with pytest.raises(Unauthenticated, match="issuer: not one of ours"):
            await verifier.verify(signer.token(iss=other))


async def test_algorithms_come_from_the_settings(
    start: Start, server: IssuerServer, signers: dict[str, Signer]
) -> None:
    publish(server, signers["EdDSA"], id_token_signing_alg_values_supported=["EdDSA", "none"])
    assert (await start()).keys is None
