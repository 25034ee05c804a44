"""Receivers of what the gateway sends out, over real sockets: HTTP and syslog, to be killed."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

__all__ = [
    "HttpReceiver",
    "Posted",
    "SyslogReceiver",
    "black_hole",
    "receive_http",
    "receive_syslog",
]


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
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Clients that leave are what is tested."""


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


class SyslogReceiver:
    """Takes messages behind their lengths (RFC 6587 §3.4.1), over TCP or TLS.

    Attributes:
        url: Where it listens.
        seen: Every message, in its order.
        reading: Cleared, it reads nothing more, as a process that hangs.
    """

    def __init__(self, tls: ssl.SSLContext | None, port: int) -> None:
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'tcp' if tls is None else 'tls'}://127.0.0.1:{self.port}"
        self.seen: list[bytes] = []
        self.reading = threading.Event()
        self.reading.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def kill(self) -> None:
        """Dies as a process does: what it has not read resets the connection."""
        with suppress(OSError):
            # A close alone would not wake the thread that accepts.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop(abruptly=True)

    def drop(self, *, abruptly: bool = False) -> None:
        """Ends every connection, and listens on."""
        for one in self._open:
            with suppress(OSError):
                if abruptly:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    one.shutdown(socket.SHUT_RD)
                else:
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._open.append(connection)
                self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        buffer = b""
        while data := connection.recv(65536):
            buffer = self._take(buffer + data)
            self.reading.wait()

    def _take(self, buffer: bytes) -> bytes:
        while b" " in buffer:
            length, _, rest = buffer.partition(b" ")
            if len(rest) < int(length):
                break
            self.seen.append(rest[: int(length)])
            buffer = rest[int(length) :]
        return buffer


@contextmanager
def receive_syslog(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[SyslogReceiver]:
    """A receiver on ``127.0.0.1``, until the block ends."""
    receiver = SyslogReceiver(tls, port)
    try:
        yield receiver
    finally:
        receiver.reading.set()
        receiver.kill()
