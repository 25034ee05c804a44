"""The HTTP server: uvicorn with uvloop and httptools, with what they do not check added."""

from __future__ import annotations

import gc
import resource
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.errors import ConfigurationError, Place, Problem
from gateway.heap import fill_gaps, give_back

if TYPE_CHECKING:
    import asyncio

    from gateway.settings import Settings

__all__ = ["HttpProtocol", "bind", "open_more_files", "server_config", "settle_memory"]

_MAX_HEAD: Final = 64 * 2**10
_MALFORMED: Final = "Invalid HTTP request received."
_LIVE_STREAM: Final = b"/gateway/audit/stream"
_KEEPALIVE_SECONDS: Final = 30
_BACKLOG: Final = 2048
_HEAD_SECONDS: Final = 40.0
"""For the head of a request to be complete, from the connection or the answer before on."""
_STALL_SECONDS: Final = 60.0
_LEAST_TAKEN: Final = 32 * 2**10
"""Bytes that a client must take of what waits for it in ``_STALL_SECONDS``, or all of them."""
_LOOK_SECONDS: Final = 5.0
_OWN_FILES: Final = 128
"""Files that are kept for the gateway's own: the audit log, keys, policies, the shared state."""
_MOST_FILES: Final = 2**16
_GC_THRESHOLD: Final = 20_000


class HttpProtocol(HttpToolsProtocol):
    """Refuses what the application cannot see any more.

    The server drops the host of an absolute-form target (RFC 9112 §3.2.2) and the fragment that
    no target may have (§3.2.1), appends chunk trailers to the headers, and keeps headers of any
    size in memory until they end. It waits for ever for a head to be complete, and for a client
    to take its answer, and takes connections until no file can be opened any more.
    """

    head_due: float | None = None
    _stuck: tuple[float, int] | None = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new connection, for which another one goes if there are too many."""
        super().connection_made(transport)
        self._await_head()
        self._look_later()
        if len(self.connections) > most_connections():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, whoever ended it."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """The client has taken most of what waited for it."""
        self._stuck = None
        super().resume_writing()

    def on_response_complete(self) -> None:
        """An answer was given; the next head may have come already."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self._await_head()

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
        self.head_due = None
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

    def _await_head(self) -> None:
        self.head_due = self.loop.time() + _HEAD_SECONDS

    def _look_later(self) -> None:
        self._timer = self.loop.call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Cuts a connection that only takes up room; looks again later otherwise."""
        now, waiting = self.loop.time(), self.transport.get_write_buffer_size()
        if waiting and self.head_due is not None:
            # The client still reads its answer, and need not ask for another one meanwhile.
            self._await_head()
        late = self.head_due is not None and now >= self.head_due
        if late or self._is_stalled(now, waiting):
            self.transport.abort()
        else:
            self._look_later()

    def _is_stalled(self, now: float, waiting: int) -> bool:
        """Whether a client has taken too little of what waits for it.

        What waits can only become less where nothing is written: in an answer that waits itself, at
        its end, and behind it.
        """
        quiet = self.flow.write_paused or self.transport.is_closing() or self.head_due is not None
        if not waiting or not quiet:
            self._stuck = None
        elif self._stuck is None or self._stuck[1] - waiting >= _LEAST_TAKEN:
            self._stuck = now, waiting
        else:
            return now - self._stuck[0] >= _STALL_SECONDS
        return False

    def _make_room(self) -> None:
        """Cuts a connection of which nothing is known yet, or this one where there is none."""
        waiting = (one for one in self.connections if getattr(one, "head_due", None) is not None)
        next((one for one in waiting if one is not self), self).transport.abort()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > _MAX_HEAD:
            raise ValueError("the head is too large")


def open_more_files() -> None:
    """Lets this process, and those that it starts, open as many files as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _bounded(soft) < _bounded(hard):
        # Some systems have yet another bound and say nothing of it.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (_bounded(hard), hard))


def most_connections() -> int:
    """How many clients may be connected: each may need a connection to an upstream as well."""
    files = _bounded(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return max(16, (files - _OWN_FILES) // 2)


def _bounded(files: int) -> int:
    return _MOST_FILES if files == resource.RLIM_INFINITY else min(files, _MOST_FILES)


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
