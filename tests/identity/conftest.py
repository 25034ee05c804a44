"""Real keys and real tokens: a small issuer that can also do everything wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from issuer_server import IssuerServer, run_issuer
from jwt.algorithms import get_default_algorithms

from gateway.errors import Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.jwks import read_key_set
from gateway.identity.jwt import Issuer, Verifier
from gateway.ingress.strict_json import dumps
from gateway.settings import IssuerSettings

if TYPE_CHECKING:
    from gateway.identity.jwk import Key
    from gateway.identity.jwks import KeySet

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Refused = Callable[[str], Awaitable[str]]
ISSUER = "https://login.example.com/"
AUDIENCE = "llm-gateway"
ALGORITHMS = get_default_algorithms()


@dataclass
class Signer:
    """A private key of an issuer and what it is called."""

    algorithm: str
    private: Any = field(repr=False)
    kid: str | None

    def jwk(self, **changes: Any) -> dict[str, Any]:
        public = ALGORITHMS[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        assert isinstance(public, dict)
        member = {**public, "use": "sig", "alg": self.algorithm, "kid": self.kid, **changes}
        if "key_ops" not in changes:
            member.pop("key_ops", None)
        return {name: value for name, value in member.items() if value is not None}

    def sign(self, signed: str) -> bytes:
        signature: bytes = ALGORITHMS[self.algorithm].sign(signed.encode(), self.private)
        return signature

    def token(
        self,
        claims: dict[str, Any] | bytes | None = None,
        header: dict[str, Any] | bytes | None = None,
        **changes: Any,
    ) -> str:
        """A token; ``changes`` are claims, None takes one out; bytes stand as they are."""
        if not isinstance(header, bytes):
            header = dumps(_without_none({**self.header(), **(header or {})}))
        if not isinstance(claims, bytes):
            claims = dumps(_without_none({**good_claims(), **(claims or {}), **changes}))
        signed = f"{encode(header)}.{encode(claims)}"
        return f"{signed}.{encode(self.sign(signed))}"

    def header(self) -> dict[str, Any]:
        return {"alg": self.algorithm, "typ": "JWT", "kid": self.kid}


def good_claims() -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "nbf": now, "exp": now + 600,
        "jti": "1", "roles": ["analyst"], "tenant": "acme",
    }  # fmt: skip


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def settings(**changes: Any) -> IssuerSettings:
    every = {
        "issuer": ISSUER, "audience": AUDIENCE, "jwks_file": Path("unused"),
        "algorithms": tuple(ALL), **changes,
    }  # fmt: skip
    return IssuerSettings.model_validate(every)


ALL = ["RS256", "RS384", "PS256", "ES256", "ES384", "ES512", "EdDSA"]


def private_key(algorithm: str) -> Any:
    if algorithm[:2] in {"RS", "PS"}:
        return rsa.generate_private_key(65537, 2048)
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    curve = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    return ec.generate_private_key(curve[algorithm])


@pytest.fixture(scope="session")
def signers() -> dict[str, Signer]:
    """One key for each algorithm, named after it, and one on Ed448."""
    every = {name: Signer(name, private_key(name), f"key-{name}") for name in ALL}
    every["Ed448"] = Signer("EdDSA", ed448.Ed448PrivateKey.generate(), "key-Ed448")
    return every


@pytest.fixture(scope="session")
def signer(signers: dict[str, Signer]) -> Signer:
    return signers["ES256"]


@pytest.fixture(scope="session")
def other(signer: Signer) -> Signer:
    """Another key under the same name."""
    return replace(signer, private=private_key("ES256"))


class HeldKeys:
    """Keys that a test holds in its hand."""

    def __init__(self, *members: dict[str, Any]) -> None:
        self.keys: KeySet | None = None
        self.put(*members)

    def put(self, *members: dict[str, Any]) -> None:
        self.keys = read_key_set(dumps({"keys": members}), ALL) if members else None

    async def find(self, kid: str | None) -> Key | None:
        return self.keys.find(kid) if self.keys else None

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.fixture
def held(signers: dict[str, Signer]) -> HeldKeys:
    return HeldKeys(*(signer.jwk() for signer in signers.values()))


@pytest.fixture
def new_signer() -> Callable[..., Signer]:
    """Makes a key: algorithm and name."""
    return lambda algorithm, kid: Signer(algorithm, private_key(algorithm), kid)


@pytest.fixture
def make_settings() -> Callable[..., IssuerSettings]:
    return settings


@pytest.fixture
def verifier(held: HeldKeys) -> Verifier:
    return Verifier([Issuer(settings(), held)])


@pytest.fixture
def refused(verifier: Verifier) -> Refused:
    """The reason for which a token is refused."""

    async def reason(token: str) -> str:
        with pytest.raises(Unauthenticated) as refusal:
            await verifier.verify(token)
        assert refusal.value.message == Unauthenticated.default
        assert not any(len(part) > 8 and part in str(refusal.value) for part in token.split("."))
        return refusal.value.reason

    return reason


@pytest.fixture
async def server(signer: Signer) -> AsyncIterator[IssuerServer]:
    """An issuer's web server that publishes one key."""
    async with run_issuer() as running:
        running.put(signer.jwk())
        yield running


@pytest.fixture
def until() -> Until:
    """Waits until something is true, at most 5 seconds."""

    async def wait(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110  # what is waited for sets no event
                await asyncio.sleep(0.01)

    return wait
