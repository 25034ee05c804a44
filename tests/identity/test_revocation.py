from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from redis_server import run_redis
from structlog.testing import capture_logs

from gateway.errors import ConfigurationError, Unauthenticated
from gateway.identity.identify import Identity
from gateway.identity.revocation import Revocations
from gateway.identity.revocation_lists import SHARED_KEY
from gateway.ingress.guard import RequestHead
from gateway.ingress.strict_json import dumps
from gateway.settings import IdentitySettings, RevocationSettings
from gateway.state.memory import MemoryState
from gateway.state.opening import open_state
from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import Signer, Until

    MakeSettings = Callable[..., IssuerSettings]

UNKNOWN = "revocation unknown: the list of revoked tokens is too old"
ADA = Principal("ada", "https://one/", (), None, {}, b"", 9e9, token_id="t1", issued=1e9)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def put(path: Path, data: bytes | None) -> None:
    path.unlink() if data is None else path.write_bytes(data)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "revoked.jsonl"
    file.write_bytes(b"")
    return file


def settings(path: Path | None = None, **changes: Any) -> RevocationSettings:
    """Read by hand in most tests, so that no test depends on how fast it runs."""
    return RevocationSettings.model_validate(
        {"file": path, "refresh": "30m", "max_age": "1h"} | changes
    )


async def test_without_settings_nothing_is_revoked_and_nothing_grows_old() -> None:
    found = Revocations(None, clock=lambda: 1e12)
    await found.start()
    assert found.known
    assert found.reason(ADA) is None
    await found.refresh()
    await found.close()


async def test_before_the_first_reading_nothing_is_taken(path: Path) -> None:
    found = Revocations(settings(path))
    assert not found.known
    assert found.reason(ADA) == UNKNOWN
    await found.start()
    assert found.reason(ADA) is None
    await found.close()


async def test_what_is_revoked_counts_with_the_next_reading(path: Path) -> None:
    found = Revocations(settings(path))
    await found.start()
    put(path, b'{"jti":"t1"}')
    assert found.reason(ADA) is None
    await found.refresh()
    assert found.reason(ADA) == "revoked: the token"
    put(path, b"")
    await found.refresh()
    assert found.reason(ADA) is None
    await found.close()


async def test_lists_are_read_of_their_own_accord(path: Path, until: Until) -> None:
    found = Revocations(settings(path, refresh="100ms", max_age="1m"))
    await found.start()
    put(path, b'{"jti":"t1"}')
    await until(lambda: found.reason(ADA) == "revoked: the token")
    await found.close()


@pytest.mark.parametrize("broken", [None, b"x"])
async def test_a_list_that_cannot_be_read_counts_for_max_age_and_then_nothing_does(
    path: Path, broken: bytes | None
) -> None:
    clock = Clock()
    put(path, b'{"jti":"t2"}')
    found = Revocations(settings(path, refresh="5s", max_age="60s"), clock=clock)
    await found.start()
    put(path, broken)
    clock.now += 60
    await found.refresh()
    assert found.reason(ADA) is None, "not yet too old"
    clock.now += 0.1
    assert found.reason(ADA) == UNKNOWN, "no reading is needed for it to grow old"
    await found.refresh()
    assert found.reason(ADA) == UNKNOWN
    put(path, b'{"jti":"t2"}')
    await found.refresh()
    assert found.reason(ADA) is None
    await found.close()


async def test_both_lists_must_be_known(path: Path) -> None:
    clock, state = Clock(), MemoryState()
    found = Revocations(settings(path, shared=True, max_age="31m"), state, clock=clock)
    await found.start()
    await state.put(SHARED_KEY, "x", '{"subject":"ada","before":"2030-01-01T00:00:00Z"}')
    await found.refresh()
    assert found.reason(ADA) == "revoked: the subject"
    await state.put(SHARED_KEY, "y", "not understood")
    clock.now += 31 * 60 + 1
    await found.refresh()
    assert found.reason(ADA) == UNKNOWN, "one list that is read does not stand in for the other"
    await found.close()


async def test_a_missing_or_broken_file_refuses_the_start(path: Path) -> None:
    for data in (b'{"jti":"t1"', None):
        put(path, data)
        found = Revocations(settings(path))
        with pytest.raises(ConfigurationError):
            await found.start()
        await found.close()


async def test_revocations_of_issuers_that_nobody_has_are_pointed_out(path: Path) -> None:
    put(
        path,
        b'{"jti":"a","issuer":"https://one"}\n{"jti":"b","issuer":"https://one/"}\n{"jti":"c"}',
    )
    found = Revocations(settings(path), issuers=frozenset({"https://one/"}))
    with capture_logs() as logs:
        await found.start()
        await found.refresh()
    assert logs == [{"event": "revocation_of_unknown_issuer", "log_level": "warning", "issuers": 1}]
    await found.close()


async def test_reading_goes_on_after_a_mistake_of_ours(
    path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Revocations(settings(path, refresh="100ms", max_age="1m"))
    await found.start()

    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("gateway.identity.revocation.RevokedTokens", broken)
    put(path, b'{"jti":"t1"}')
    with capture_logs() as logs:
        await until(lambda: len(logs) > 0)
    assert logs[0]["error"] == "MemoryError"
    monkeypatch.undo()
    await until(lambda: found.reason(ADA) == "revoked: the token")
    await found.close()


# In the identity room: for tokens that are held as well.


def head(token: str) -> RequestHead:
    return RequestHead("GET", b"/", b"", "1.1", ((b"authorization", b"Bearer " + token.encode()),))


@pytest.fixture
async def identity(
    tmp_path: Path, path: Path, make_settings: MakeSettings, signer: Signer
) -> AsyncIterator[Identity]:
    keys = tmp_path / "jwks.json"
    put(keys, dumps({"keys": [signer.jwk()]}))
    issuers = (make_settings(jwks_file=keys),)
    room = Identity(IdentitySettings(issuers=issuers, revocation=settings(path), max_failures=0))
    await room.start()
    yield room
    await room.close()


async def reason(identity: Identity, token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await identity.identify(head(token), None)
    assert refusal.value.message == Unauthenticated.default
    return refusal.value.reason


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b'{"jti":"1"}', "revoked: the token"),
        (b'{"jti":"1","issuer":"https://login.example.com/"}', "revoked: the token"),
        (b'{"subject":"alice","before":"2999-01-01T00:00:00Z"}', "revoked: the subject"),
        (
            b'{"issuer":"https://login.example.com/","before":"2999-01-01T00:00:00Z"}',
            "revoked: the issuer",
        ),
    ],
)
async def test_a_token_that_is_held_is_revoked_too(
    identity: Identity, signer: Signer, path: Path, line: bytes, word: str
) -> None:
    token = signer.token()
    for _ in range(2):
        assert (await identity.identify(head(token), None)).subject == "alice"
    put(path, line)
    await identity._revocations.refresh()
    for _ in range(2):
        assert await reason(identity, token) == word
    put(path, b"")
    await identity._revocations.refresh()
    assert (await identity.identify(head(token), None)).subject == "alice"


async def test_a_subject_may_come_back_with_a_newer_token(
    identity: Identity, signer: Signer, path: Path
) -> None:
    put(path, b'{"subject":"alice","before":"%b"}' % _stamp(time.time() - 60))
    await identity._revocations.refresh()
    now = int(time.time())
    assert await reason(identity, signer.token(iat=now - 61)) == "revoked: the subject"
    assert await reason(identity, signer.token(iat=None)) == "revoked: the subject"
    assert (await identity.identify(head(signer.token(iat=now)), None)).subject == "alice"


def _stamp(seconds: float) -> bytes:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)).encode()


async def test_while_revocations_are_unknown_no_token_is_taken(
    identity: Identity, signer: Signer
) -> None:
    token = signer.token()
    await identity.identify(head(token), None)
    assert identity.problem() is None
    identity._revocations._until = 0
    for one in (token, signer.token(jti="2"), signer.token(jti=None)):
        assert await reason(identity, one) == UNKNOWN
    assert identity.problem() == "what is revoked is not known"


def knows(identity: Identity, token_id: str) -> bool:
    return (None, token_id) in identity._revocations._revoked._tokens


async def test_revocation_in_a_real_redis_reaches_every_replica(
    tmp_path: Path, make_settings: MakeSettings, signer: Signer, until: Until
) -> None:
    keys = tmp_path / "jwks.json"
    put(keys, dumps({"keys": [signer.jwk()]}))
    with run_redis(tmp_path) as server:
        states = [open_state(server.url, 0.2) for _ in range(3)]
        every = IdentitySettings(
            issuers=(make_settings(jwks_file=keys),),
            revocation=settings(shared=True, refresh="100ms", max_age="1s"),
            max_failures=0,
        )
        replicas = [Identity(every, state=state) for state in states[:2]]
        token, other = signer.token(), signer.token(jti="2")
        for replica in replicas:
            await replica.start()
            await replica.identify(head(token), None)
        await states[2].put(SHARED_KEY, "one", '{"jti":"1"}')
        for replica in replicas:
            await until(partial(knows, replica, "1"))
            assert await reason(replica, token) == "revoked: the token"
            await replica.identify(head(other), None)
        server.freeze()
        await until(lambda: all(one.problem() is not None for one in replicas))
        for replica in replicas:
            assert await reason(replica, other) == UNKNOWN
        server.thaw()
        await until(lambda: all(one.problem() is None for one in replicas))
        for replica in replicas:
            await replica.identify(head(other), None)
            assert await reason(replica, token) == "revoked: the token"
            await replica.close()
        for state in states:
            await state.close()


async def test_a_shared_list_that_was_never_read_takes_no_token(
    tmp_path: Path, make_settings: MakeSettings, signer: Signer
) -> None:
    keys = tmp_path / "jwks.json"
    put(keys, dumps({"keys": [signer.jwk()]}))
    state = open_state("redis://127.0.0.1:1/0", 0.2)
    every = IdentitySettings(
        issuers=(make_settings(jwks_file=keys),), revocation=settings(shared=True)
    )
    identity = Identity(every, state=state)
    await identity.start()
    assert await reason(identity, signer.token()) == UNKNOWN
    await identity.close()
    await state.close()
