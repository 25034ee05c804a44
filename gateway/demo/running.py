"""Runs an ASGI application on a loopback port for as long as it is needed."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["free_port", "serve"]

_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 10.0


@contextmanager
def serve(app: Any, port: int = 0) -> Iterator[str]:
    """Serves an application from a thread of its own, on ``127.0.0.1``.

    Args:
        app: The application.
        port: The port; 0 chooses a free one.

    Yields:
        The base URL, ``http://127.0.0.1:PORT``.

    Raises:
        OSError: The port is taken.
        RuntimeError: The application did not start.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(_config(app))
        thread = threading.Thread(target=_run, args=(server, listener), daemon=True)
        thread.start()
        try:
            _await_start(server, thread)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # A start that fails ends in SystemExit, which is for a process and not for a thread.
    with suppress(SystemExit):
        server.run([listener])


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the application did not start")
        time.sleep(0.005)


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
