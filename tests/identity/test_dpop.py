"""Proofs of possession that hold."""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from prover import Prover, encode

from gateway.errors import StateUnavailable, Unauthenticated
from gateway.identity.dpop import WINDOW, Proofs
from gateway.identity.htu import PublicUrls
from gateway.ingress.guard import RequestHead
from gateway.state.link import Link
from gateway.state.memory import MemoryState
from gateway.state.redis import RedisState
from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.state.state import State
    from tests.identity.conftest import Signer

URL, PATH, TOKEN = "https://llm.example.com/v1/messages", b"/v1/messages", "e30.e30.AAAA"


def holder(token: str = TOKEN) -> Principal:
    key = sha256(token.encode()).digest()
    return Principal("alice", "https://i/", (), None, {}, key, time.time() + 600)


def head(*proofs: str, method: str = "POST", path: bytes = PATH) -> RequestHead:
    return RequestHead(
        method, path, b"a=b", "1.1", tuple((b"dpop", proof.encode()) for proof in proofs)
    )


def checker(
    state: State | None = None,
    clock: Callable[[], float] = time.time,
    url: str = "https://llm.example.com",
) -> Proofs:
    return Proofs(PublicUrls([url]), state or MemoryState(), clock)


@pytest.fixture
def prover() -> Prover:
    return Prover()


async def test_the_example_of_the_standard() -> None:
    """RFC 9449 §7.1, figure 12."""
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjN"
        "oUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VE"
        "RWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwi"
        "aHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjY"
        "xOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP"
        "86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
    )
    proofs = checker(clock=lambda: 1562262618.0, url="https://resource.example.org")
    request = head(proof, method="GET", path=b"/protectedresource")
    await proofs.check(request, holder(token), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")


async def test_each_algorithm(signers: dict[str, Signer]) -> None:
    for name, signer in signers.items():
        prover = Prover(signer.algorithm, signer.private)
        request = head(prover.proof("POST", URL, TOKEN))
        await checker().check(request, holder(), prover.thumbprint)
        assert len(request.headers[0][1]) < 2048, name


async def test_the_embedded_key_may_say_what_it_is_for(prover: Prover) -> None:
    jwk = {**prover.jwk(), "use": "sig", "alg": "ES256", "kid": "mine", "key_ops": ["verify"]}
    request = head(prover.proof("POST", URL, TOKEN, header={"jwk": jwk, "kid": "mine"}, extra=1))
    await checker().check(request, holder(), prover.thumbprint)


@pytest.mark.parametrize("late", [-WINDOW, -1.5, 0, 1.5, WINDOW])
async def test_within_the_window(prover: Prover, late: float) -> None:
    proofs = checker(clock=lambda: 5000.0 + late)
    await proofs.check(
        head(prover.proof("POST", URL, TOKEN, iat=5000)), holder(), prover.thumbprint
    )
    fine = prover.proof("POST", URL, TOKEN, iat=5000.25 + late)
    await proofs.check(head(fine), holder(), prover.thumbprint)


@pytest.mark.parametrize("late", [-WINDOW - 1, WINDOW + 1, WINDOW + 1e9])
async def test_outside_the_window(prover: Prover, late: float) -> None:
    proofs = checker(clock=lambda: 5000.0 + late)
    with pytest.raises(Unauthenticated, match=r"^proof: iat is too long ago or ahead$"):
        await proofs.check(
            head(prover.proof("POST", URL, TOKEN, iat=5000)), holder(), prover.thumbprint
        )


async def test_each_proof_counts_once_and_a_refused_one_not_at_all(prover: Prover) -> None:
    proofs = checker()
    proof = prover.proof("POST", URL, TOKEN)
    for _ in range(3):
        with pytest.raises(Unauthenticated, match="htm"):
            await proofs.check(head(proof, method="GET"), holder(), prover.thumbprint)
    await proofs.check(head(proof), holder(), prover.thumbprint)
    with pytest.raises(Unauthenticated, match=r"^proof: it has been used before$"):
        await proofs.check(head(proof), holder(), prover.thumbprint)


async def test_two_clients_may_use_the_same_identifier(prover: Prover) -> None:
    """Nobody can use up the identifiers of somebody else's proofs."""
    proofs, other = checker(), Prover()
    for one in (prover, other):
        request = head(one.proof("POST", URL, TOKEN, jti="1"))
        await proofs.check(request, holder(), one.thumbprint)


class Marks(MemoryState):
    """A state that also keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, float]] = []

    async def add(self, key: str, seconds: float) -> bool:
        self.asked.append((key, seconds))
        return await super().add(key, seconds)


async def test_a_mark_outlives_its_proof_and_holds_nothing_of_it(prover: Prover) -> None:
    marks = Marks()
    request = head(prover.proof("POST", URL, TOKEN, jti="secret-ish " + "x" * 200))
    await checker(marks).check(request, holder(), prover.thumbprint)
    ((key, seconds),) = marks.asked
    # Dated a window ahead it counts for two windows; replicas' clocks may differ by a third.
    assert seconds >= 3 * WINDOW
    assert key.startswith(f"dpop:{prover.thumbprint}:")
    assert len(key) == len("dpop:") + 43 + 1 + 43
    assert "secret" not in key


@pytest.mark.parametrize("full", [True, False])
async def test_a_lost_state_refuses_and_does_not_say_that_the_token_is_bad(
    prover: Prover, *, full: bool
) -> None:
    state = MemoryState(capacity=0) if full else RedisState(Link("redis://127.0.0.1:1/0", 2))
    proofs = checker(state)
    with pytest.raises(StateUnavailable) as refusal:
        await proofs.check(head(prover.proof("POST", URL, TOKEN)), holder(), prover.thumbprint)
    assert refusal.value.status == 503
    assert "redis" not in (refusal.value.message + refusal.value.reason).lower()
    with pytest.raises(Unauthenticated):  # what does not hold is not worth asking for
        await proofs.check(head(prover.proof("GET", URL, TOKEN)), holder(), prover.thumbprint)
    await state.close()


async def test_of_many_copies_at_once_one_counts(prover: Prover) -> None:
    proofs, request = checker(), head(prover.proof("POST", URL, TOKEN))
    results = await asyncio.gather(
        *(proofs.check(request, holder(), prover.thumbprint) for _ in range(50)),
        return_exceptions=True,
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, Unauthenticated) for result in results) == 49


async def test_nothing_of_a_proof_is_shown(prover: Prover) -> None:
    proof = prover.proof("POST", URL, TOKEN, jti="my-own-id", htu="https://evil.test/my-own-path")
    with pytest.raises(Unauthenticated) as refusal:
        await checker().check(head(proof), holder(), prover.thumbprint)
    shown = f"{refusal.value} {refusal.value.message} {checker()!r} {head(proof)!r}"
    for word in ("evil", "my-own", prover.thumbprint, encode(holder().key), *proof.split(".")):
        assert word not in shown
