"""A way to a server on which bytes get lost without a word, as on a network that is cut."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BlackHole", "black_hole"]

Fate = Literal["forwarded", "lost", "answers lost", "late"]
_SIZE: Final = 65536


class BlackHole:
    """Accepts connections to a port of this machine and passes them on, until it is told not to.

    What becomes of bytes is their ``fate``: they are forwarded; they are lost; those of the server
    are lost, while it gets and does what is asked; or they are late and come when the fate changes.
    A connection on which something was lost stays silent for ever, and nobody is told that it was
    closed: what follows on it could not be made sense of.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._fate: Fate = "forwarded"
        self._changed = threading.Condition()
        self._closed = False
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._begin(self._accept)

    @property
    def fate(self) -> Fate:
        """What becomes of bytes from now on."""
        return self._fate

    @fate.setter
    def fate(self, fate: Fate) -> None:
        with self._changed:
            self._fate = fate
            self._changed.notify_all()

    def close(self) -> None:
        """Ends every connection."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for sock in (self._listener, *self._sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _begin(self, work: object, *arguments: object) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            self._begin(self._connect, client)

    def _connect(self, client: socket.socket) -> None:
        # A server that is away is refused by the network, which this is, if it says anything.
        if self._decide() == "lost":
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self._sockets.append(server)
        silent = threading.Event()
        self._begin(self._pass_on, client, server, ("lost",), silent)
        self._begin(self._pass_on, server, client, ("lost", "answers lost"), silent)

    def _pass_on(
        self,
        source: socket.socket,
        sink: socket.socket,
        losing: tuple[Fate, ...],
        silent: threading.Event,
    ) -> None:
        lost = False
        with suppress(OSError):
            while piece := source.recv(_SIZE):
                lost = lost or self._decide() in losing
                if lost:
                    silent.set()
                else:
                    sink.sendall(piece)
            if self._decide() in ("forwarded", "late") and not silent.is_set():
                sink.shutdown(socket.SHUT_WR)

    def _decide(self) -> Fate:
        with self._changed:
            self._changed.wait_for(lambda: self._fate != "late" or self._closed)
            return "lost" if self._closed else self._fate


@contextmanager
def black_hole(target: int) -> Iterator[BlackHole]:
    """A way to a port of this machine."""
    hole = BlackHole(target)
    try:
        yield hole
    finally:
        hole.close()
