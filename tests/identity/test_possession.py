"""Bound tokens, and what their bearers show beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from certificates import ClientCertificate, new_certificate
from gate import URL, Gate, open_gate
from prover import Prover

from gateway.errors import StateUnavailable
from gateway.identity.binding import UNBOUND, Binding
from gateway.state.memory import MemoryState
from gateway.state.opening import open_state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from redis_server import RedisServer

    from tests.identity.conftest import Signer

Header = tuple[bytes, bytes]


@pytest.fixture
def prover() -> Prover:
    return Prover()


@pytest.fixture(scope="module")
def certificate() -> ClientCertificate:
    return new_certificate()


@pytest.fixture
async def gate(tmp_path: Path, signer: Signer) -> AsyncIterator[Gate]:
    async with open_gate(tmp_path, signer.jwk()) as gate:
        yield gate


def bearer(token: str) -> Header:
    return b"authorization", b"Bearer " + token.encode()


def dpop(token: str, prover: Prover, **changes: Any) -> tuple[Header, Header]:
    proof = prover.proof("POST", URL, token, **changes)
    return (b"authorization", b"DPoP " + token.encode()), (b"dpop", proof.encode())


def client_cert(certificate: ClientCertificate) -> Header:
    return b"client-cert", certificate.header("rfc9440")


# What holds.


async def test_a_token_that_is_bound_to_nothing(gate: Gate, signer: Signer) -> None:
    for header in (bearer(signer.token()), (b"x-api-key", signer.token().encode())):
        assert (await gate.ask(header, peer=None)).subject == "alice"


async def test_a_token_that_is_bound_to_a_key(gate: Gate, signer: Signer, prover: Prover) -> None:
    token = signer.token(cnf={"jkt": prover.thumbprint})
    for _ in range(3):  # a fresh proof each time, also while the token is held
        assert (await gate.ask(*dpop(token, prover), peer=None)).subject == "alice"


@pytest.mark.parametrize("name", [b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"])
async def test_a_token_that_is_bound_to_a_certificate(
    gate: Gate, signer: Signer, certificate: ClientCertificate, name: bytes
) -> None:
    token = signer.token(cnf={"x5t#S256": certificate.x5t}).encode()
    value = b"Bearer " + token if name == b"authorization" else token
    assert (await gate.ask((name, value), client_cert(certificate))).subject == "alice"


async def test_a_token_that_is_bound_to_both(
    gate: Gate, signer: Signer, prover: Prover, certificate: ClientCertificate
) -> None:
    token = signer.token(cnf={"jkt": prover.thumbprint, "x5t#S256": certificate.x5t})
    await gate.ask(*dpop(token, prover), client_cert(certificate))
    assert (await gate.reason(*dpop(token, prover))).startswith("certificate: no header")
    reason = await gate.reason(bearer(token), client_cert(certificate))
    assert reason.startswith("scheme: a token that is bound to a key")


async def test_replicas_share_what_proofs_have_been_used(
    tmp_path: Path, signer: Signer, prover: Prover, redis_server: RedisServer
) -> None:
    token = signer.token(cnf={"jkt": prover.thumbprint})
    request = dpop(token, prover)
    states = [open_state(redis_server.url, 5.0) for _ in range(2)]
    outcomes = []
    for state in states:
        async with open_gate(tmp_path, signer.jwk(), state=state) as gate:
            outcomes.append(await gate.reason(*request))
            await gate.ask(*dpop(token, prover))
        await state.close()
    assert outcomes == ["", "proof: it has been used before"]


async def test_a_lost_state_is_no_reason_to_believe_a_proof(
    tmp_path: Path, signer: Signer, prover: Prover
) -> None:
    token = signer.token(cnf={"jkt": prover.thumbprint})
    async with open_gate(
        tmp_path, signer.jwk(), state=MemoryState(capacity=0), max_failures=1
    ) as gate:
        for _ in range(3):  # and no failure of the client
            with pytest.raises(StateUnavailable):
                await gate.ask(*dpop(token, prover), source="203.0.113.9")
        await gate.ask(bearer(signer.token(jti="2")), source="203.0.113.9")


async def test_what_a_token_needs_is_told_to_people(
    gate: Gate, signer: Signer, prover: Prover, certificate: ClientCertificate
) -> None:
    key, x5t = prover.thumbprint, certificate.x5t
    for cnf, need in (
        (None, UNBOUND),
        ({"jkt": key}, Binding(key, None)),
        ({"x5t#S256": x5t}, Binding(None, x5t)),
        ({"jkt": key, "x5t#S256": x5t}, Binding(key, x5t)),
    ):
        principal, needs = await gate.identity.examine(signer.token(cnf=cnf))
        assert (principal.subject, needs) == ("alice", need)


# What the settings ask of an issuer's tokens.


@pytest.mark.parametrize("proof", ["dpop", "mtls"])
async def test_tokens_that_are_not_bound_where_they_must_be(
    tmp_path: Path, signer: Signer, prover: Prover, certificate: ClientCertificate, proof: str
) -> None:
    by_key = signer.token(cnf={"jkt": prover.thumbprint})
    by_certificate = signer.token(cnf={"x5t#S256": certificate.x5t})
    async with open_gate(tmp_path, signer.jwk(), issuer={"proof": proof}) as gate:
        outcomes = {
            "none": await gate.reason(bearer(signer.token()), client_cert(certificate)),
            "claimed": await gate.reason(*dpop(signer.token(), prover)),
            "key": await gate.reason(*dpop(by_key, prover)),
            "certificate": await gate.reason(bearer(by_certificate), client_cert(certificate)),
        }
    taken = {"dpop": "key", "mtls": "certificate"}[proof]
    assert {name for name, reason in outcomes.items() if not reason} == {taken}
    refused = [reason for reason in outcomes.values() if reason]
    assert all(reason.startswith("binding: the issuer's tokens must") for reason in refused)


async def test_one_kind_of_proof_needs_no_settings_of_the_other(
    tmp_path: Path, signer: Signer, prover: Prover, certificate: ClientCertificate
) -> None:
    by_key = signer.token(cnf={"jkt": prover.thumbprint})
    by_certificate = signer.token(cnf={"x5t#S256": certificate.x5t})
    async with open_gate(tmp_path, signer.jwk(), client_certificate=None) as gate:
        assert await gate.reason(*dpop(by_key, prover)) == ""
    async with open_gate(tmp_path, signer.jwk(), public_urls=[]) as gate:
        assert await gate.reason(bearer(by_certificate), client_cert(certificate)) == ""


async def test_a_binding_counts_whatever_the_settings_say(
    tmp_path: Path, signer: Signer, prover: Prover, certificate: ClientCertificate
) -> None:
    """Where it cannot be checked, the token is refused, never taken without its proof."""
    by_key = signer.token(cnf={"jkt": prover.thumbprint})
    by_certificate = signer.token(cnf={"x5t#S256": certificate.x5t})
    bare: dict[str, Any] = {"public_urls": [], "client_certificate": None}
    async with open_gate(tmp_path, signer.jwk(), **bare) as gate:
        reason = await gate.reason(*dpop(by_key, prover))
        assert reason == "binding: the settings have no identity.public_urls"
        reason = await gate.reason(bearer(by_certificate), client_cert(certificate))
        assert reason == "binding: the settings have no identity.client_certificate"
        for token in (by_key, by_certificate):
            assert (await gate.reason(bearer(token))).startswith("binding: ")
            assert (await gate.reason((b"x-api-key", token.encode()))).startswith("binding: ")
