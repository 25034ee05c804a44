"""A whole gateway on loopback for tests: real home, real sockets, the demo model behind it."""

from __future__ import annotations

import re
import ssl
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import uvicorn

from gateway.app import Gateway
from gateway.demo.model_server import DemoApp, demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.server import bind, server_config
from gateway.settings import Settings, load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gateway.demo.reply import Reply

__all__ = [
    "ANY_ROUTE",
    "LEAN",
    "NO_TLS",
    "STAND_INS",
    "House",
    "build",
    "chat",
    "replace_policy",
    "run_gateway",
]

LEAN: Final = """\
version: 1
metadata: {name: lean, revision: 1, owner: secops@example.com}
defaults: {decision: deny, mode: enforce, on_scanner_error: block, capture: sealed}
roles:
  analyst: {}
  auditor: {control: [audit.read, audit.stream, policy.read, metrics.read]}
  reader: {control: [audit.read]}
scanners:
  pii:
    kind: pii
    on: [user, tool, answer]
    entities: {EMAIL_ADDRESS: redact, CREDIT_CARD: block}
rules:
  - id: chat
    allow: {roles: [analyst], routes: [chat.completions, messages], models: ["demo-*"]}
    scan: [pii]
"""
"""A policy that compiles in milliseconds: addresses are redacted, card numbers block."""

ANY_ROUTE: Final = LEAN.replace("routes: [chat.completions, messages], ", "")
"""The lean policy for every route there is."""

STAND_INS: Final = ANY_ROUTE.replace("EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: tokenise")
"""The same, and addresses leave under stand-ins."""

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For ``verify=``: loading the machine's certificates would cost more than most tests."""


@dataclass
class House:
    """A running gateway and what stands around it."""

    url: str
    home: Path
    settings: Settings
    demo: DemoApp
    clients: ExitStack = field(default_factory=ExitStack)

    def token(self, *roles: str, subject: str = "ada", **claims: Any) -> str:
        """A token of the development issuer."""
        issuer = self.settings.identity.issuers[0]
        return issue(issuer, roles=list(roles), subject=subject, claims=claims, ttl=600)

    def client(self, *roles: str, **claims: Any) -> httpx.Client:
        """An HTTP client with a token, closed with the house."""
        headers = {"authorization": f"Bearer {self.token(*roles, **claims)}"} if roles else {}
        client = httpx.Client(
            base_url=self.url, headers=headers, timeout=20, trust_env=False, verify=NO_TLS
        )
        return self.clients.enter_context(client)

    def events(self, **filters: str) -> list[dict[str, Any]]:
        """Audit events, newest first, as the control plane gives them."""
        answer = self.client("auditor").get("/gateway/audit/events", params=filters)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["events"]
        return found

    def records_of(self, request: str) -> list[dict[str, Any]]:
        """The records of one call, in their order; waits a moment for the outcome."""
        for _ in range(100):
            found = [one for one in self.events(limit="200") if one["request"] == request]
            if any(one["stage"] == "outcome" for one in found):
                return sorted(found, key=lambda one: int(one["wseq"]))
            time.sleep(0.02)
        raise AssertionError(f"no outcome of {request} was recorded")


def chat(text: str, model: str = "demo-small", **more: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@contextmanager
def run_gateway(settings: Settings) -> Iterator[str]:
    """Runs the gateway as ``gateway serve`` does, in a thread; gives its base URL."""
    sock = bind("127.0.0.1", 0)
    server = uvicorn.Server(server_config(Gateway(settings), settings))
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the gateway did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(40)
        sock.close()


def replace_policy(home: Path, text: str) -> None:
    """Puts one file in place of all policy files of a home."""
    for file in (home / "policies").iterdir():
        file.unlink()
    (home / "policies" / "policy.yaml").write_text(text)


@contextmanager
def build(
    folder: Path,
    reply: Reply | None = None,
    upstream: str | None = None,
    edit: dict[str, str] | None = None,
    *,
    policy: str | None = None,
    prepare: Callable[[Path], None] | None = None,
) -> Iterator[House]:
    """A house in a folder.

    Args:
        folder: Where its home goes.
        reply: What the demo model answers; its own replies if not given.
        upstream: Another upstream's URL in place of the demo model's.
        edit: Replacements in ``gateway.yaml``, each of which must fit.
        policy: A policy in place of the starter's, which takes longer to compile.
        prepare: Does what is still to do in the home before the gateway starts.
    """
    demo = demo_app(reply) if reply is not None else demo_app()
    with ExitStack() as stack:
        base = upstream or stack.enter_context(serve(demo))
        create_home(folder / "home")
        if policy is not None:
            replace_policy(folder / "home", policy)
        file = folder / "home" / "gateway.yaml"
        text = re.sub(r"url: http://127\.0\.0\.1:\d+", f"url: {base}", file.read_text(), count=1)
        for old, new in (edit or {}).items():
            assert old in text, f"{old!r} is not in gateway.yaml"
            text = text.replace(old, new)
        file.write_text(text)
        if prepare is not None:
            prepare(folder / "home")
        settings = load_settings(file)
        url = stack.enter_context(run_gateway(settings))
        house = House(url, folder / "home", settings, demo)
        stack.enter_context(house.clients)
        yield house
