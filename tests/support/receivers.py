"""Receivers of what the gateway sends out, over real sockets: HTTP that answers as it is told."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

__all__ = ["HttpReceiver", "Posted", "black_hole", "receive_http"]


@dataclass(frozen=True)
class Posted:
    """One request: its path, headers with names in lower case, and body."""

    path: str
    headers: dict[str, str]
    body: bytes


Answering = tuple[int, dict[str, str], bytes]


@dataclass
class HttpReceiver:
    """What a receiver got, and how it answers.

    Attributes:
        url: Where it listens.
        seen: Every request, in its order.
        answer: Gives status, headers and body for a request; may be changed while it runs.
    """

    url: str = ""
    seen: list[Posted] = field(default_factory=list)
    answer: Callable[[Posted], Answering] = lambda _posted: (200, {}, b"")


@contextmanager
def receive_http(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[HttpReceiver]:
    """A receiver on ``127.0.0.1``, until the block ends."""
    receiver = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            posted = Posted(self.path, headers, body)
            receiver.seen.append(posted)
            status, extra, content = receiver.answer(posted)
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            if "content-length" not in extra:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = _Server(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def server_close(self) -> None:
        """A receiver that dies takes its connections with it."""
        super().server_close()
        for one in self._open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Clients that leave are what is tested."""


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]
