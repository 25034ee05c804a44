"""An endpoint that speaks no provider's API, and a gateway that has routes of its own for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from house import House, build
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

__all__ = ["CANARY", "CARD", "MAIL", "POLICY", "Endpoint", "built"]

CARD: Final = "my card is 4111 1111 1111 1111"
MAIL: Final = "jane.doe@example.com"
CANARY: Final = "zanzibar-pelican"

POLICY: Final = """\
version: 1
metadata: {name: own, revision: 1, owner: secops@example.com}
roles:
  analyst: {}
  chatter: {}
  auditor: {control: [audit.read, audit.stream, policy.read, metrics.read]}
scanners:
  pii:
    kind: pii
    on: [user, unknown, answer]
    entities: {EMAIL_ADDRESS: redact, CREDIT_CARD: block}
limits: {many: {requests: 1000/min, tokens: 1M/min}}
rules:
  - id: own
    allow: {roles: [analyst], routes: [inhouse.generate, wordy], models: [my-model]}
    limits: many
    scan: [pii]
  - id: chat
    allow: {roles: [chatter], routes: [chat.completions], models: ["*"]}
    scan: [pii]
tests:
  - name: an analyst may generate
    given: {role: analyst, route: inhouse.generate, model: my-model, prompt: hi}
    expect: {decision: allow, rule: own}
"""
ROUTES: Final = """
  inhouse:
    url: {url}
    credential: {{header: x-own-key, value: own-secret}}
    routes:
      - path: /generate
        model: my-model
        request_texts: [/prompt, "/history/*/text"]
        response_texts: [/output, "/more/*/text"]
      - {{path: /words, model: my-model, request_texts: ["/*"], route: wordy}}
identity:"""


class Endpoint:
    """An endpoint with a shape of its own, which answers as its prompt says."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.answers: dict[str, Response] = {
            "mail": JSONResponse({"output": f"ask {MAIL}", "id": 7}),
            "card": JSONResponse({"output": CARD, CANARY: CANARY, "more": [{"text": CARD}]}),
            "hidden card": JSONResponse({"output": "fine", "debug": {"raw": [4111111111111111]}}),
            "card with a fraction": JSONResponse({"output": "fine", "raw": 4111111111111111.0}),
            "stream": Response(b"data: {}\n\n", media_type="text/event-stream"),
            "text": Response(b"hello", media_type="text/plain"),
            "list": JSONResponse([{"output": "x"}]),
            "number": JSONResponse({"output": 5}),
            "broken": Response(b'{"output": ', media_type="application/json"),
            "twice": Response(b'{"output": "a", "output": "b"}', media_type="application/json"),
            "fails": JSONResponse({"detail": f"tell {MAIL}"}, status_code=422),
        }

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.seen.append((request.url.path, dict(request.headers), body))
        if "echo" in body:
            return JSONResponse({"output": {"said": body}, "debug": body["echo"]})
        return self.answers.get(str(body.get("prompt")), JSONResponse({"output": "fine", "n": 1.5}))

    def app(self) -> Starlette:
        routes = [Route(path, self.answer, methods=["POST"]) for path in ("/generate", "/words")]
        return Starlette(routes=routes)


@contextmanager
def built(folder: Path, endpoint: Endpoint, policy: str = POLICY) -> Iterator[House]:
    with serve(endpoint.app()) as url:
        edit = {"\nidentity:": ROUTES.format(url=url)}
        with build(folder, edit=edit, policy=policy) as house:
            yield house
