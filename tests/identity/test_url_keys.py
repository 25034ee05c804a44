from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import Unauthenticated
from gateway.identity.jwt import Issuer, Verifier
from gateway.identity.url_keys import Timing, UrlKeys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from issuer_server import IssuerServer

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import Signer, Until

ALL = ["RS256", "ES256"]
QUICK = Timing(ttl=600, timeout=0.5, cooldown=30, grace=300, max_stale=600, retry=0.05)


@pytest.fixture
async def start(server: IssuerServer) -> AsyncIterator[Callable[..., Awaitable[UrlKeys]]]:
    sources: list[UrlKeys] = []

    async def started(timing: Timing = QUICK) -> UrlKeys:
        sources.append(UrlKeys(server.url, ALL, timing=timing))
        await sources[-1].start()
        return sources[-1]

    yield started
    for source in sources:
        await source.close()


async def test_keys_are_there_after_the_start(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer
) -> None:
    source = await start()
    found = await source.find("key-ES256")
    assert found is not None
    assert len(server.asked) == 1
    assert "accept-encoding: identity" in server.asked[0].lower()
    assert "authorization" not in server.asked[0].lower()


async def test_many_requests_with_an_unknown_key_share_one_fetch(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, signers: dict[str, Signer]
) -> None:
    source = await start()
    server.put(signers["ES256"].jwk(), signers["RS256"].jwk())
    server.delay = 0.05
    found = await asyncio.gather(*(source.find("key-RS256") for _ in range(50)))
    assert all(key is not None for key in found)
    assert len(server.asked) == 2


async def test_unknown_keys_cause_one_fetch_in_a_cooldown(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer
) -> None:
    source = await start()
    for number in range(20):
        assert await source.find(f"guess-{number}") is None
    assert await source.find(None) is not None
    assert len(server.asked) == 2


async def test_a_name_that_was_not_found_is_not_asked_for_again(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, signers: dict[str, Signer]
) -> None:
    source = await start(replace(QUICK, cooldown=0))
    for _ in range(5):
        assert await source.find("guess") is None
    assert len(server.asked) == 2
    server.put(signers["ES256"].jwk(), signers["RS256"].jwk())
    assert await source.find("key-RS256") is not None
    assert len(server.asked) == 3


async def test_a_name_that_was_not_found_may_be_found_later(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, signers: dict[str, Signer]
) -> None:
    """An issuer may sign with a key before all its servers publish it."""
    source = await start(replace(QUICK, cooldown=0, missing=0.05))
    assert await source.find("key-RS256") is None
    server.put(signers["ES256"].jwk(), signers["RS256"].jwk())
    await asyncio.sleep(0.06)
    assert await source.find("key-RS256") is not None


async def test_a_fetch_that_failed_says_nothing_of_a_name(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, signers: dict[str, Signer]
) -> None:
    source = await start(replace(QUICK, cooldown=0))
    server.put(signers["ES256"].jwk(), signers["RS256"].jwk())
    server.status = "503 Service Unavailable"
    assert await source.find("key-RS256") is None
    server.status = "200 OK"
    assert await source.find("key-RS256") is not None


async def test_replicas_do_not_ask_in_step(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer
) -> None:
    pauses = set()
    for _ in range(5):
        source = await start()
        await source.find("guess")
        pauses.add(source._next_ask - time.monotonic())
    assert len(pauses) == 5
    assert all(29 < pause <= 36 for pause in pauses)


async def test_names_that_were_not_found_are_bounded(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer
) -> None:
    source = await start(replace(QUICK, cooldown=0))
    source._missing.update({f"old-{number}": time.monotonic() + 60 for number in range(1024)})
    assert await source.find("guess") is None
    assert len(source._missing) == 1024
    assert "guess" in source._missing
    assert len(server.asked) == 2


async def test_rotation_under_load(
    start: Callable[..., Awaitable[UrlKeys]],
    server: IssuerServer,
    signers: dict[str, Signer],
    make_settings: Callable[..., IssuerSettings],
) -> None:
    source = await start(replace(QUICK, ttl=0.05))
    verifier = Verifier([Issuer(make_settings(algorithms=ALL), source)])
    done = 0

    async def load(signer: Signer, count: int) -> None:
        nonlocal done
        for number in range(count):
            await verifier.verify(signer.token(jti=str(number)))
            done += 1
            await asyncio.sleep(0.002)

    old = asyncio.gather(*(load(signers["ES256"], 40) for _ in range(4)))
    await asyncio.sleep(0.02)
    server.put(signers["RS256"].jwk())
    await asyncio.gather(old, *(load(signers["RS256"], 20) for _ in range(4)))
    assert done == 240


async def test_a_retired_key_counts_for_its_grace(
    start: Callable[..., Awaitable[UrlKeys]],
    server: IssuerServer,
    signers: dict[str, Signer],
    make_settings: Callable[..., IssuerSettings],
) -> None:
    source = await start(replace(QUICK, grace=0.3, cooldown=0))
    verifier = Verifier([Issuer(make_settings(algorithms=ALL), source)])
    token = signers["ES256"].token()
    server.put(signers["RS256"].jwk())
    assert await source.find("key-RS256") is not None
    await verifier.verify(token)
    await verifier.verify(token)
    await asyncio.sleep(0.35)
    with pytest.raises(Unauthenticated, match="unknown kid"):
        await verifier.verify(token)
    await verifier.verify(signers["RS256"].token())


async def test_a_grace_is_not_renewed(
    start: Callable[..., Awaitable[UrlKeys]],
    server: IssuerServer,
    signers: dict[str, Signer],
    until: Until,
) -> None:
    source = await start(replace(QUICK, ttl=0.03, grace=0.2))
    server.put(signers["RS256"].jwk())
    await until(lambda: source.keys is not None and "key-RS256" in source.keys.keys)
    assert source.keys is not None
    ends = source.keys.keys["key-ES256"].until
    server.body += b" "
    asked = len(server.asked)
    await until(lambda: len(server.asked) > asked + 1)
    retired = source.keys.keys.get("key-ES256")
    assert retired is None or retired.until == ends
    await asyncio.sleep(0.2)
    assert await source.find("key-ES256") is None


async def test_an_unchanged_set_stays_the_same_object(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, until: Until
) -> None:
    source = await start(replace(QUICK, ttl=0.02))
    before = source.keys
    await until(lambda: len(server.asked) > 4)
    assert source.keys is before


FAULTS: dict[str, dict[str, Any]] = {
    "redirect": {"status": "302 Found", "headers": "location: /moved\r\n"},
    "server error": {"status": "503 Service Unavailable"},
    "oversize": {"body": b'{"keys":[]}' + b" " * 2**18},
    "compressed": {"headers": "content-encoding: gzip\r\n", "squeeze": True},
    "not JSON": {"body": b"<html>"},
    "no keys": {"body": b'{"keys":[]}'},
    "symmetric": {"body": b'{"keys":[{"kty":"oct","k":"AAAA"}]}'},
    "slow": {"delay": 60.0},
    "a byte at a time": {"drip": 0.02},
    "no HTTP": {"status": "\r\n\0"},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failure_never_overwrites_the_last_good_set(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, fault: str
) -> None:
    source = await start(replace(QUICK, timeout=0.1, cooldown=0))
    before = source.keys
    for name, value in FAULTS[fault].items():
        setattr(server, name, value)
    assert await source.find("guess") is None
    assert len(server.asked) == 2
    assert source.keys is before is not None


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_faulty_issuer_does_not_prevent_the_start(
    start: Callable[..., Awaitable[UrlKeys]],
    server: IssuerServer,
    signer: Signer,
    fault: str,
    until: Until,
) -> None:
    good = replace(server)
    for name, value in FAULTS[fault].items():
        setattr(server, name, value)
    source = await start(replace(QUICK, timeout=0.1))
    assert source.keys is None
    assert await source.find("key-ES256") is None
    for name in FAULTS[fault]:
        setattr(server, name, getattr(good, name))
    await until(lambda: source.keys is not None)
    assert await source.find("key-ES256") is not None


async def test_an_endless_answer_is_not_read_to_its_end(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer
) -> None:
    server.flood = 1024
    source = await start(replace(QUICK, timeout=5, retry=60))
    assert source.keys is None
    assert server.flood > 800


async def test_a_mistake_of_ours_does_not_end_the_fetching(
    start: Callable[..., Awaitable[UrlKeys]],
    server: IssuerServer,
    monkeypatch: pytest.MonkeyPatch,
    until: Until,
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("gateway.identity.url_keys.read_key_set", broken)
    source = await start()
    await until(lambda: len(server.asked) > 2)
    monkeypatch.undo()
    await until(lambda: source.keys is not None)


async def test_an_outage_and_the_recovery_from_it(
    server: IssuerServer, signer: Signer, make_settings: Callable[..., IssuerSettings], until: Until
) -> None:
    closed = UrlKeys("http://127.0.0.1:1/jwks.json", ALL, timing=QUICK)
    await closed.start()
    verifier = Verifier([Issuer(make_settings(algorithms=ALL), closed)])
    with pytest.raises(Unauthenticated, match="keys unavailable"):
        await verifier.verify(signer.token())
    closed._place = server.url
    await until(lambda: closed.keys is not None)
    await verifier.verify(signer.token())
    await closed.close()


async def test_the_last_good_set_counts_only_so_long(
    start: Callable[..., Awaitable[UrlKeys]],
    server: IssuerServer,
    signer: Signer,
    make_settings: Callable[..., IssuerSettings],
    until: Until,
) -> None:
    source = await start(replace(QUICK, ttl=0.05, max_stale=0.3))
    verifier = Verifier([Issuer(make_settings(algorithms=ALL), source)])
    token = signer.token()
    await verifier.verify(token)
    server.status = "500 Internal Server Error"
    await until(lambda: len(server.asked) > 2)
    await verifier.verify(token)
    await until(lambda: source.keys is None)
    with pytest.raises(Unauthenticated, match="keys unavailable"):
        await verifier.verify(token)
    server.status = "200 OK"
    await until(lambda: source.keys is not None)
    await verifier.verify(token)


async def test_a_client_that_leaves_does_not_end_the_fetch_of_others(
    start: Callable[..., Awaitable[UrlKeys]], server: IssuerServer, signers: dict[str, Signer]
) -> None:
    source = await start()
    server.put(signers["ES256"].jwk(), signers["RS256"].jwk())
    server.delay = 0.1
    leaving = asyncio.create_task(source.find("key-RS256"))
    await asyncio.sleep(0.02)
    staying = asyncio.create_task(source.find("key-RS256"))
    await asyncio.sleep(0.02)
    leaving.cancel()
    assert await staying is not None
    assert len(server.asked) == 2


async def test_the_environment_names_no_proxy(
    monkeypatch: pytest.MonkeyPatch, start: Callable[..., Awaitable[UrlKeys]]
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert (await start()).keys is not None
