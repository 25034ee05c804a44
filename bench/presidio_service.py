"""Presidio's analyser behind HTTP, for the gateway to consult: a program of its own.

``python -I presidio_service.py ENTITIES`` runs in Presidio's environment, prints the port that it
listens on, on this machine only, and answers ``POST /analyze`` until its standard input ends.
Requests are read by Presidio's ``AnalyzerRequest`` and answered as by Presidio's own service,
which is in no package. The analyser is that of ``presidio_side``: recognisers, and no model.
"""

# ruff: noqa: PLC0415 - another environment has what is imported late
from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

_HIDDEN: Final = ("recognition_metadata",)


def _handler(engine: Any) -> type[BaseHTTPRequestHandler]:
    from presidio_analyzer import AnalyzerRequest

    class Handler(BaseHTTPRequestHandler):
        """Answers one request."""

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            request = AnalyzerRequest(json.loads(asked))
            found = engine.analyze(
                text=request.text,
                language=request.language,
                entities=request.entities,
                score_threshold=request.score_threshold,
            )
            shown = [
                {key: value for key, value in one.to_dict().items() if key not in _HIDDEN}
                for one in found
            ]
            self._answer(json.dumps(shown, default=str).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Says nothing of requests."""

    return Handler


def main() -> None:
    """Serves until nobody is there any more."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from bench.presidio_side import engine_of

    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(engine_of(json.loads(sys.argv[1]))[0]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
