"""HTTP as bytes on a socket: what no HTTP client would send."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import BadStatusLine, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RawAnswer", "RawConnection", "connect", "head"]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer, its header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return orjson.loads(self.body)

    @classmethod
    def read(cls, sock: socket.socket) -> Self | None:
        """The next answer on a socket; None where the connection ends without one."""
        response = HTTPResponse(sock)
        try:
            response.begin()
            body = response.read()
        except (BadStatusLine, ConnectionError):
            return None
        finally:
            response.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        return cls(response.status, names, body)


class RawConnection:
    """A connection to a gateway."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, data: bytes) -> None:
        """Sends bytes; a connection that the other side has closed takes them in silence."""
        try:
            self._sock.sendall(data)
        except ConnectionError:
            return

    def answer(self) -> RawAnswer | None:
        """The next answer, or None at the end of the connection."""
        return RawAnswer.read(self._sock)

    def answers(self) -> list[RawAnswer]:
        """Every answer until the connection ends, or for half a second none follows."""
        found: list[RawAnswer] = []
        try:
            while (one := self.answer()) is not None:
                found.append(one)
                self._sock.settimeout(0.5)
        except (TimeoutError, HTTPException):
            pass
        return found

    def rest(self) -> bytes:
        """Everything until the other side closes."""
        parts: list[bytes] = []
        try:
            while part := self._sock.recv(65536):
                parts.append(part)
        except ConnectionError:
            pass
        return b"".join(parts)


@contextmanager
def connect(url: str, timeout: float = 10) -> Iterator[RawConnection]:
    """A connection to a base URL, closed in the end; reads wait ``timeout`` seconds."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout) as sock:
        yield RawConnection(sock)


def head(path: str, token: str, *lines: str, method: str = "POST") -> bytes:
    """A request's head in good order, with more header lines."""
    given = ("host: gateway.test", "content-type: application/json", *lines)
    bearer = (f"authorization: Bearer {token}",) if token else ()
    return "\r\n".join((f"{method} {path} HTTP/1.1", *given, *bearer, "", "")).encode("latin-1")
