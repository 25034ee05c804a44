"""A provider in a process of its own changes its keys under load, and no request fails."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
from issuer_process import run_issuer_process

from gateway.identity.identify import Identity
from gateway.identity.url_keys import Timing
from gateway.ingress.guard import RequestHead
from gateway.settings import IdentitySettings, IssuerSettings

if TYPE_CHECKING:
    from issuer_process import IssuerProcess

ROTATIONS, CLIENTS, TOKENS, COOLDOWN = 5, 40, 60, 0.2
METADATA = "/.well-known/openid-configuration"


def head(token: str) -> RequestHead:
    return RequestHead("GET", b"/", b"", "1.1", ((b"authorization", b"Bearer " + token.encode()),))


class Load:
    """Clients that call without pause, with tokens of every key that there has been so far."""

    def __init__(self, identity: Identity, tokens: list[str]) -> None:
        self.identity = identity
        self.generations = [tokens]
        self.done = [0]
        self.over = False

    async def client(self) -> None:
        for turn in count():
            if self.over:
                return
            # The newest half of the time, which is the hardest just after a rotation.
            newest = len(self.generations) - 1
            at = newest if turn % 2 else turn // 2 % (newest + 1)
            token = self.generations[at][turn % TOKENS]
            principal = await self.identity.identify(head(token), "127.0.0.1")
            assert principal.subject == "ada"
            self.done[at] += 1
            await asyncio.sleep(0)

    async def rotate(self, issuer: IssuerProcess) -> None:
        """Changes the key; comes back when every client has had time to use the new one."""
        tokens = await asyncio.to_thread(issuer.rotate, TOKENS)
        self.generations.append(tokens)
        self.done.append(0)
        while self.done[-1] < 2 * CLIENTS:  # noqa: ASYNC110  # clients set no event
            await asyncio.sleep(0.01)
        # Two unknown keys within one cooldown are no rotation but an attack.
        await asyncio.sleep(COOLDOWN * 1.3)


@pytest.mark.parametrize("place", ["discovery", "jwks_url"])
async def test_rotation_under_load(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr("gateway.identity.sources.Timing", partial(Timing, cooldown=COOLDOWN))
    with run_issuer_process() as issuer:
        source = True if place == "discovery" else f"{issuer.url}/jwks.json"
        settings = IssuerSettings.model_validate(
            {"issuer": issuer.url, "audience": "llm-gateway", "algorithms": ["ES256"],
             place: source}
        )  # fmt: skip
        first = issuer.rotate(TOKENS)
        identity = Identity(IdentitySettings(issuers=(settings,)))
        await identity.start()
        load = Load(identity, first)
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(load.client())
            for _ in range(ROTATIONS):
                await load.rotate(issuer)
            load.over = True
        await identity.close()
        asked = issuer.asked()
    assert all(calls >= CLIENTS for calls in load.done), "every key was used"
    # One fetch at the start and one for each rotation, however many clients saw it first.
    assert asked.pop("/jwks.json") == ROTATIONS + 1
    assert asked == ({METADATA: ROTATIONS + 1} if place == "discovery" else {})
