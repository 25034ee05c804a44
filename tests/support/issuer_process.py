"""An OpenID provider of its own process, that rotates its keys when it is told to.

``python issuer_process.py`` prints its base URL. It publishes only the key that it signs with: a
key is gone from its set the moment that the next one is made, which is harder than what providers
do.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["IssuerProcess", "run_issuer_process"]


class IssuerProcess:
    """A running provider, as its administrator sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rotate(self, count: int, **claims: str) -> list[str]:
        """Makes a new key the only one; gives so many tokens that are signed with it."""
        found: list[str] = self._ask("POST", "/rotate", {"count": str(count), **claims})
        return found

    def asked(self) -> dict[str, int]:
        """How often each document was fetched."""
        found: dict[str, int] = self._ask("GET", "/asked", {})
        return found

    def _ask(self, method: str, path: str, query: dict[str, str]) -> Any:
        with httpx.Client(trust_env=False, timeout=20) as client:
            return client.request(method, self.url + path, params=query).raise_for_status().json()


@contextmanager
def run_issuer_process() -> Iterator[IssuerProcess]:
    """Runs a provider on a free port of this machine."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield IssuerProcess(process.stdout.readline().strip())
        finally:
            process.kill()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    base = ""
    key = ec.generate_private_key(ec.SECP256R1())
    generation = 0
    asked: dict[str, int] = {}  # noqa: RUF012  # one server, one handler class

    def do_GET(self) -> None:
        """The documents of a provider, and how often they were asked for."""
        if self.path == "/asked":
            self._answer(self.asked)
            return
        self.asked[self.path] = self.asked.get(self.path, 0) + 1
        if self.path == "/.well-known/openid-configuration":
            self._answer({"issuer": self.base, "jwks_uri": f"{self.base}/jwks.json"})
        else:
            jwk = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            named = {**jwk, "kid": str(self.generation), "use": "sig", "alg": "ES256"}
            self._answer({"keys": [named]})

    def do_POST(self) -> None:
        """A rotation."""
        asked = dict(parse_qsl(urlsplit(self.path).query))
        _Handler.key = ec.generate_private_key(ec.SECP256R1())
        _Handler.generation += 1
        count = int(asked.pop("count"))
        self._answer([self._token(f"{self.generation}-{at}", asked) for at in range(count)])

    def _token(self, name: str, claims: dict[str, str]) -> str:
        now = int(time.time())
        every = {
            "iss": self.base, "aud": "llm-gateway", "sub": "ada", "iat": now, "exp": now + 600,
            "jti": name, "roles": ["analyst"], **claims,
        }  # fmt: skip
        return jwt.encode(every, self.key, "ES256", {"kid": str(self.generation)})

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    _Handler.base = f"http://127.0.0.1:{server.server_address[1]}"
    print(_Handler.base, flush=True)  # noqa: T201  # for whoever started it
    server.serve_forever()


if __name__ == "__main__":
    _main()
