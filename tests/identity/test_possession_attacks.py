"""Attacks with stolen tokens that are bound to somebody else's key or certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from certificates import ClientCertificate, new_certificate
from gate import URL, Gate, open_gate
from prover import Prover
from signature_checks import SignatureChecks

from gateway.identity.bearer import TOKEN_HEADERS
from gateway.identity.dpop import HEADER
from gateway.settings import CertificateSettings
from gateway.upstream.headers import _FROM_CLIENT, request_headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.identity.conftest import Signer

OURS, THEIRS = new_certificate(), new_certificate()
STRANGER = "203.0.113.9"


@pytest.fixture
def prover() -> Prover:
    return Prover()


@pytest.fixture
async def gate(tmp_path: Path, signer: Signer) -> AsyncIterator[Gate]:
    async with open_gate(tmp_path, signer.jwk()) as gate:
        yield gate


def by_key(signer: Signer, prover: Prover) -> bytes:
    return signer.token(cnf={"jkt": prover.thumbprint}).encode()


def by_certificate(signer: Signer) -> bytes:
    return signer.token(cnf={"x5t#S256": OURS.x5t}).encode()


def client_cert(certificate: ClientCertificate) -> tuple[bytes, bytes]:
    return b"client-cert", certificate.header("rfc9440")


# Downgrades.


async def test_downgrade_of_a_bound_token_to_a_bearer_token(
    gate: Gate, signer: Signer, prover: Prover
) -> None:
    """RFC 9449 §7.2; also with a good proof beside it, and in the headers of API keys."""
    token = by_key(signer, prover)
    proof = b"dpop", prover.proof("POST", URL, token.decode()).encode()
    for header in (
        (b"authorization", b"Bearer " + token),
        (b"authorization", b"bearer " + token),
        (b"x-api-key", token),
        (b"api-key", token),
        (b"x-goog-api-key", token),
    ):
        for more in ((), (proof,)):
            reason = await gate.reason(header, *more)
            assert reason == "scheme: a token that is bound to a key needs the scheme DPoP"
    await gate.ask((b"authorization", b"DPoP " + token), proof)


async def test_downgrade_after_the_token_has_been_seen_with_a_proof(
    gate: Gate, signer: Signer, prover: Prover
) -> None:
    """That a token is held as verified stands for its signature, not for its bearer."""
    token = by_key(signer, prover)
    proof = prover.proof("POST", URL, token.decode()).encode()
    await gate.ask((b"authorization", b"DPoP " + token), (b"dpop", proof))
    assert await gate.reason((b"authorization", b"Bearer " + token))
    assert await gate.reason((b"authorization", b"DPoP " + token)) == "proof: there is none"
    reason = await gate.reason((b"authorization", b"DPoP " + token), (b"dpop", proof))
    assert reason == "proof: it has been used before"


async def test_scheme_of_a_bound_token_with_one_that_is_not(
    gate: Gate, signer: Signer, prover: Prover
) -> None:
    """RFC 9449 §7.1: what comes as DPoP is bound, or the proof proves nothing."""
    token = signer.token()
    proof = b"dpop", prover.proof("POST", URL, token).encode()
    reason = await gate.reason((b"authorization", b"DPoP " + token.encode()), proof)
    assert reason == "scheme: DPoP is for tokens that are bound to a key"
    for header in ((b"authorization", b"Bearer " + token.encode()), (b"x-api-key", token.encode())):
        reason = await gate.reason(header, proof)
        assert reason == "scheme: a proof stands beside a token that is bound to no key"


@pytest.mark.parametrize("cnf", [None, {}, "", [], {"jkt": None}, {"jkt": ""}, {"kid": "a"}])
async def test_downgrade_by_a_binding_that_is_not_understood(
    gate: Gate, signer: Signer, cnf: Any
) -> None:
    claims = signer.token(claims=None if cnf is None else {"cnf": cnf})
    reason = await gate.reason((b"authorization", b"Bearer " + claims.encode()))
    assert reason == "" if cnf is None else reason.startswith("binding: ")


async def test_binding_to_the_attackers_own_key(
    gate: Gate, signer: Signer, other: Signer, prover: Prover
) -> None:
    """A binding is believed only once the issuer's signature has been."""
    token = by_key(other, prover)
    proof = b"dpop", prover.proof("POST", URL, token.decode()).encode()
    reason = await gate.reason((b"authorization", b"DPoP " + token), proof)
    assert reason == "signature: it does not hold"


async def test_address_built_from_host(gate: Gate, signer: Signer, prover: Prover) -> None:
    """CVE-2026-48710 and CVE-2026-49468: whoever calls chooses Host and X-Forwarded-Host."""
    token = by_key(signer, prover)
    proof = prover.proof("POST", "https://evil.test/v1/messages", token.decode()).encode()
    for name in (b"host", b"x-forwarded-host", b"x-original-host"):
        reason = await gate.reason(
            (name, b"evil.test"), (b"authorization", b"DPoP " + token), (b"dpop", proof)
        )
        assert reason == "proof: htu is not the request's address"


async def test_timing_of_a_stolen_token_that_is_held(
    gate: Gate, signer: Signer, other: Signer, prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good token that lacks its proof takes as long as a bad one: one check of a signature."""
    token, unproven = by_key(signer, prover), (b"x-api-key", by_certificate(signer))
    proof = b"dpop", prover.proof("POST", URL, token.decode()).encode()
    await gate.ask((b"authorization", b"DPoP " + token), proof)
    checks = SignatureChecks(monkeypatch)
    requests = [
        (b"authorization", b"DPoP " + token),
        (b"authorization", b"Bearer " + token),
        unproven,  # not held yet
        unproven,
        (b"x-api-key", by_key(other, prover)),
    ]
    for header in requests:
        before = checks.count
        assert await gate.reason(header)
        assert checks.count == before + 1


# Certificates.


async def test_stolen_token_without_the_certificate(gate: Gate, signer: Signer) -> None:
    token = b"authorization", b"Bearer " + by_certificate(signer)
    assert await gate.reason(token) == "certificate: no header names one"
    reason = await gate.reason(token, client_cert(THEIRS))
    assert reason == "certificate: not the one that the token is bound to"
    await gate.ask(token, client_cert(OURS))


@pytest.mark.parametrize("peer", [STRANGER, "11.0.0.1", "::1", "::ffff:203.0.113.9", "", None])
async def test_certificate_header_from_who_is_no_trusted_proxy(
    gate: Gate, signer: Signer, peer: str | None
) -> None:
    """A certificate is public: anybody can write it into a header."""
    token = b"authorization", b"Bearer " + by_certificate(signer)
    spoofed = (b"x-forwarded-for", b"10.0.0.1"), (b"forwarded", b"for=10.0.0.1")
    for more in ((), spoofed):
        reason = await gate.reason(token, client_cert(OURS), *more, peer=peer)
        assert reason == "certificate: the request did not come by a trusted proxy"


async def test_certificate_header_twice(gate: Gate, signer: Signer) -> None:
    """A terminator that adds its header to the client's own shows two."""
    token = b"authorization", b"Bearer " + by_certificate(signer)
    for pair in ((OURS, THEIRS), (THEIRS, OURS), (OURS, OURS)):
        reason = await gate.reason(token, *map(client_cert, pair))
        assert reason == "certificate: two headers name one"


async def test_twin_of_the_certificate_header(gate: Gate, signer: Signer) -> None:
    token = b"authorization", b"Bearer " + by_certificate(signer)
    value = OURS.header("rfc9440")
    for name in (b"client_cert", b"client-cert-", b"x-client-cert", b"client-cert-chain"):
        assert await gate.reason(token, (name, value)) == "certificate: no header names one"


async def test_proof_of_a_key_in_place_of_a_certificate(
    gate: Gate, signer: Signer, prover: Prover
) -> None:
    token = by_certificate(signer)
    proof = b"dpop", prover.proof("POST", URL, token.decode()).encode()
    for scheme in (b"DPoP ", b"Bearer "):
        reason = await gate.reason((b"authorization", scheme + token), proof, client_cert(OURS))
        assert reason.startswith("scheme: ")


def test_nothing_that_proves_who_calls_reaches_an_upstream(prover: Prover) -> None:
    """Not from a trusted proxy, and not from anybody who made it up."""
    names = (
        b"client-cert", b"client-cert-chain", b"x-forwarded-client-cert", b"x-client-cert",
        b"ssl-client-cert", b"x-amzn-mtls-clientcert-leaf", b"dpop", b"authorization", b"x-api-key",
        b"api-key", b"x-goog-api-key", b"x-forwarded-for", b"forwarded", b"x-real-ip", b"cookie",
    )  # fmt: skip
    sent = request_headers([(name, b"mine") for name in names], accept="application/json")
    assert not {name for name, _ in sent} & set(names)
    assert b"mine" not in {value for _, value in sent}


@pytest.mark.parametrize(
    "name", sorted({*_FROM_CLIENT, *TOKEN_HEADERS, HEADER, b"x-forwarded-for"})
)
def test_header_that_clients_write_themselves_names_no_certificate(name: bytes) -> None:
    """It would be believed from, or forwarded for, somebody for whom it was not made."""
    for spelling in (name.decode(), name.decode().title()):
        with pytest.raises(ValueError, match="clients write"):
            CertificateSettings(header=spelling, format="sha256")
