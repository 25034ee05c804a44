"""The HTTP server: uvicorn with uvloop and httptools, with what they do not check added."""

from __future__ import annotations

import gc
import socket
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.errors import ConfigurationError, Place, Problem
from gateway.heap import fill_gaps, give_back

if TYPE_CHECKING:
    from gateway.settings import Settings

__all__ = ["HttpProtocol", "bind", "server_config", "settle_memory"]

_MAX_HEAD: Final = 64 * 2**10
_MALFORMED: Final = "Invalid HTTP request received."
_LIVE_STREAM: Final = b"/gateway/audit/stream"
_KEEPALIVE_SECONDS: Final = 30
_BACKLOG: Final = 2048
_GC_THRESHOLD: Final = 20_000


class HttpProtocol(HttpToolsProtocol):
    """Refuses what the application cannot see any more.

    The server drops the host of an absolute-form target (RFC 9112 §3.2.2) and the fragment that
    no target may have (§3.2.1), appends chunk trailers to the headers, and keeps headers of any
    size in memory until they end.
    """

    def on_message_begin(self) -> None:
        """A new request begins."""
        super().on_message_begin()
        self._head_bytes = 0
        self._head_done = False

    def on_url(self, url: bytes) -> None:
        """A piece of the request target."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or after the body a trailer, which is dropped."""
        self._count(len(name) + len(value) + 4)
        if not self._head_done:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete; only origin-form targets are served (RFC 9112 §3.2.1)."""
        self._head_done = True
        if not self.url.startswith(b"/") or b"#" in self.url:
            raise ValueError("the target is not in origin form")
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes from the network; what cannot be parsed ends the connection."""
        try:
            super().data_received(data)
        except ValueError:
            self.send_400_response(_MALFORMED)

    def shutdown(self) -> None:
        """The server is stopping: answers are finished, but a live stream would never end."""
        super().shutdown()
        cycle: Any = self.cycle  # None on a connection that has sent nothing yet
        if cycle is not None and cycle.scope["raw_path"] == _LIVE_STREAM:
            self.transport.close()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > _MAX_HEAD:
            raise ValueError("the head is too large")


def server_config(app: Any, settings: Settings, workers: int = 1) -> uvicorn.Config:
    """Uvicorn's settings; ``app`` is an ASGI application or the import path of its factory."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        loop="uvloop",
        http=HttpProtocol,
        ws="none",
        lifespan="on",
        interface="asgi3",
        workers=workers,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEPALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(settings.limits.drain)),
    )


def bind(host: str, port: int) -> socket.socket:
    """A socket at an address, taken before anything else starts; it does not listen yet.

    Raises:
        ConfigurationError: The address is not this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except (OSError, ValueError, TypeError) as error:
        # The last two are names that cannot be one: too long a label, a NUL.
        sock.close()
        why = getattr(error, "strerror", None) or "this is no host name or address"
        message = f"cannot listen on {host!r}, port {port}: {why}"
        raise ConfigurationError(
            Problem(Place("listen"), message, "choose another with --host and --port")
        ) from None
    sock.set_inheritable(True)
    return sock


def settle_memory() -> None:
    """Takes what start-up made out of the garbage collector's sight, for the life of the process.

    Detectors, schemas and telephone metadata never become garbage; walking over them again and
    again costs a seventh of the throughput and doubles the slowest answers (bench/README.md).
    What compiling took besides goes back to the system.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 50)
    give_back()
    fill_gaps()
