"""Identity as the rest of the gateway meets it: requests go in, principals or reasons come out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import Unauthenticated
from gateway.identity.identify import Identity
from gateway.ingress.guard import RequestHead
from gateway.ingress.proxies import Proxies
from gateway.ingress.strict_json import dumps
from gateway.settings import IdentitySettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.state.state import State
    from gateway.terms import Principal

__all__ = ["AUDIENCE", "ISSUER", "PATH", "PROXY", "PUBLIC", "URL", "Gate", "open_gate"]

ISSUER: Final = "https://login.example.com/"
AUDIENCE: Final = "llm-gateway"
PUBLIC: Final = "https://llm.example.com"
PATH: Final = b"/v1/messages"
URL: Final = f"{PUBLIC}/v1/messages"
PROXY: Final = "10.0.0.1"

Header = tuple[bytes, bytes]


class Gate:
    """An ``Identity`` with one issuer, whose proxies are 10.0.0.0/8."""

    def __init__(self, settings: IdentitySettings, state: State | None) -> None:
        self.identity = Identity(settings, proxies=Proxies(["10.0.0.0/8"]), state=state)

    async def ask(
        self, *headers: Header, peer: str | None = PROXY, source: str | None = None
    ) -> Principal:
        """Who sends a POST to ``PATH`` with these headers."""
        head = RequestHead("POST", PATH, b"", "1.1", ((b"host", b"a"), *headers), peer)
        return await self.identity.identify(head, source)

    async def reason(
        self, *headers: Header, peer: str | None = PROXY, source: str | None = None
    ) -> str:
        """Why such a request is refused; empty if it is not. The client always reads the same."""
        found: Unauthenticated | None = None
        try:
            await self.ask(*headers, peer=peer, source=source)
        except Unauthenticated as refusal:
            found = refusal
        if found is None:
            return ""
        assert (found.message, found.retry_after) == (Unauthenticated.default, None)
        return found.reason


@asynccontextmanager
async def open_gate(
    folder: Path,
    jwk: dict[str, Any],
    *,
    issuer: dict[str, Any] | None = None,
    state: State | None = None,
    **changes: Any,
) -> AsyncIterator[Gate]:
    """A gate whose issuer has one key.

    Args:
        folder: Where its key file goes.
        jwk: The issuer's public key.
        issuer: Changes to the issuer's settings.
        state: Where used proofs are remembered.
        changes: Changes to the settings of identity; None takes one out.
    """
    file = folder / "gate.jwks.json"
    file.write_bytes(dumps({"keys": [jwk]}))
    own = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_file": file, "algorithms": [jwk["alg"]]}
    every: dict[str, Any] = {
        "issuers": [own | (issuer or {})],
        "public_urls": [PUBLIC],
        "client_certificate": {"header": "Client-Cert", "format": "rfc9440"},
        **changes,
    }
    kept = {name: value for name, value in every.items() if value is not None}
    gate = Gate(IdentitySettings.model_validate(kept), state)
    await gate.identity.start()
    try:
        yield gate
    finally:
        await gate.identity.close()
