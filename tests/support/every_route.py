"""A house that serves every route, in front of a model that has the example of each."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from examples import MODEL, OWN, OWN_TEXTS, example, path_of, spoken
from house import House, build
from spoiling import MARK

from gateway.demo.running import serve
from gateway.terms import PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.wire.formats import Route

__all__ = ["EveryModel", "every_route"]

_POLICY: Final = f"""\
version: 1
metadata: {{name: everything, revision: 1, owner: secops@example.com}}
defaults:
  decision: deny
  mode: enforce
  on_scanner_error: block
  capture: sealed
  unknown_conversations: allow
roles:
  analyst: {{}}
  auditor: {{control: [audit.read, metrics.read]}}
scanners:
  marks:
    kind: pattern
    on: [{", ".join(PROVENANCES)}]
    patterns: {{MARK: '{MARK}'}}
    action: redact
rules:
  - id: everything
    allow:
      roles: [analyst]
      routes: [{", ".join(sorted({route.name for route in spoken()}))}]
      models: ["demo-*"]
    scan: [marks]
"""
"""Whatever holds the mark is rewritten wherever it stands, or blocked where it cannot be."""


@dataclass
class EveryModel:
    """An ASGI application that answers each route with the answer of its example.

    Attributes:
        heard: The body of the last request.
    """

    heard: bytes = b""
    routes: dict[str, Route] = field(
        default_factory=lambda: {path_of(route).partition("?")[0]: route for route in spoken()}
    )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            while (kind := (await receive())["type"]) != "lifespan.shutdown":
                await send({"type": f"{kind}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        heard = b""
        more = True
        while more:
            message = await receive()
            heard += message.get("body", b"")
            more = message.get("more_body", False)
        self.heard = heard
        accept = dict(scope["headers"]).get(b"accept", b"").decode()
        route = self.routes[scope["path"]]
        told = example(route)
        streamed = accept not in {"application/json", "*/*"}
        body = b"".join(told.stream()) if streamed else json.dumps(told.answer).encode()
        head = [(b"content-type", accept.encode() if streamed else b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def every_route(folder: Path, model: Any, edit: dict[str, str] | None = None) -> Iterator[House]:
    """A house in a folder, in front of a model, which is an ASGI application."""
    with serve(model) as upstream:
        texts = (json.dumps(pointers) for pointers in OWN_TEXTS)
        own = """
  inhouse:
    url: {}
    routes:
      - {{path: {}, model: {}, request_texts: {}, response_texts: {}}}
""".format(upstream, OWN.path.decode(), MODEL, *texts)
        models = '    models: ["demo-*"]\n'
        edit = {models: models + own, **(edit or {})}
        with build(folder, upstream=upstream, edit=edit, policy=_POLICY) as house:
            yield house
