"""Guessing tokens from one address, and using the bound on it against others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gate import Gate, open_gate
from prover import Prover

from gateway.identity.jwk import Key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.identity.conftest import Signer

GUESSER, NEIGHBOUR = "203.0.113.9", "203.0.113.10"
UNREAD = "too many failures: the token was not read"


def bearer(token: str) -> tuple[bytes, bytes]:
    return b"authorization", b"Bearer " + token.encode()


@pytest.fixture
async def gate(tmp_path: Path, signer: Signer) -> AsyncIterator[Gate]:
    async with open_gate(tmp_path, signer.jwk(), max_failures=5) as gate:
        yield gate


async def exhaust(gate: Gate, signer: Signer, source: str | None = GUESSER) -> None:
    for guess in range(5):
        reason = await gate.reason(bearer(signer.token(exp=1, jti=str(guess))), source=source)
        assert reason == "expired"


async def test_guessing_from_one_address_ends(gate: Gate, signer: Signer, other: Signer) -> None:
    await exhaust(gate, signer)
    for token in (other.token(), signer.token(exp=1), signer.token()):
        assert await gate.reason(bearer(token), source=GUESSER) == UNREAD


async def test_guessed_tokens_are_not_read_any_more(
    gate: Gate, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await exhaust(gate, signer)
    checked: list[bytes] = []
    monkeypatch.setattr(Key, "verify", lambda _key, message, _signature: checked.append(message))
    for _ in range(100):
        assert await gate.reason(bearer(signer.token()), source=GUESSER) == UNREAD
    assert checked == []


async def test_lock_out_of_others(gate: Gate, signer: Signer) -> None:
    """Refusals of one address are no reason to refuse another, nor one without an address."""
    await exhaust(gate, signer)
    for source in (NEIGHBOUR, "2001:db8::1", None):
        await gate.ask(bearer(signer.token(jti=str(source))), source=source)


async def test_lock_out_of_a_good_client_behind_the_same_address(
    gate: Gate, signer: Signer
) -> None:
    """Tokens that are known as good go on counting, from there and from elsewhere."""
    good = bearer(signer.token())
    await gate.ask(good, source=GUESSER)
    await exhaust(gate, signer)
    for source in (GUESSER, NEIGHBOUR, GUESSER):
        await gate.ask(good, source=source)
    fresh = bearer(signer.token(jti="fresh"))
    assert await gate.reason(fresh, source=GUESSER) == UNREAD
    await gate.ask(fresh, source=NEIGHBOUR)  # and once it is known, it counts from there as well
    await gate.ask(fresh, source=GUESSER)


async def test_unread_tokens_do_not_prolong_the_bound(gate: Gate, signer: Signer) -> None:
    await exhaust(gate, signer)
    (count,) = gate.identity._failures._counts.values()
    for _ in range(50):
        assert await gate.reason(bearer(signer.token()), source=GUESSER) == UNREAD
        assert await gate.reason(source=GUESSER) == "no token"
    assert count.now == 5


async def test_an_outage_of_the_issuer_locks_nobody_out(tmp_path: Path, signer: Signer) -> None:
    down = {"jwks_file": None, "jwks_url": "http://127.0.0.1:1/jwks.json"}
    async with open_gate(tmp_path, signer.jwk(), issuer=down, max_failures=1) as gate:
        for _ in range(5):
            assert await gate.reason(source=GUESSER) == "no token"
            reason = await gate.reason(bearer(signer.token()), source=GUESSER)
            assert reason.startswith("keys unavailable")


async def test_proofs_that_do_not_hold_are_failures_too(gate: Gate, signer: Signer) -> None:
    """Trying what to show beside a stolen token is guessing as well."""
    prover = Prover()
    token = signer.token(cnf={"jkt": prover.thumbprint})
    for _ in range(5):
        reason = await gate.reason((b"authorization", b"DPoP " + token.encode()), source=GUESSER)
        assert reason == "proof: there is none"
    assert await gate.reason(bearer(signer.token()), source=GUESSER) == UNREAD


async def test_zero_is_no_bound(tmp_path: Path, signer: Signer) -> None:
    async with open_gate(tmp_path, signer.jwk(), max_failures=0) as gate:
        for _ in range(3):
            await exhaust(gate, signer)
        await gate.ask(bearer(signer.token()), source=GUESSER)
