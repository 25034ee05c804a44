"""Records as messages of syslog (RFC 5424), each behind its length (RFC 6587 §3.4.1).

Syslog has no yes. What stands for it: the receiver's machine has acknowledged every byte, and the
connection is still open a moment later. It may still die with messages that nobody has read; so
what was sent last is kept, and sent again when the connection broke. One that the receiver ends
has been read to its end: where bytes are unread, a connection is reset (RFC 9293 §3.10.4).
"""

from __future__ import annotations

import contextlib
import fcntl
import select
import socket
import ssl
import struct
import sys
import termios
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.exports.lines import line
from gateway.relay.outlet import Undelivered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.relay.sinks.parcel import Parcel

__all__ = ["Syslog", "message"]

_FACILITY: Final = 13
"""Log audit."""
_SEVERITIES: Final = {"block": 4, "flag": 4, "deny": 5, "tokenise": 5, "redact": 5}
_ALARMS: Final = {"policy.refused": 3, "writer.lost": 3}
_INFORMATIONAL: Final = 6
_APP: Final = "llm-security-gateway"
_SETTLED: Final = 0.02
_POLL: Final = 0.005
_KEPT_BYTES: Final = 2**20
_MOST_READS: Final = 256
"""A receiver of syslog says nothing; one that talks without end is none."""


class Syslog:
    """A ``Sink`` that speaks syslog over TLS or TCP.

    Args:
        host: The receiver.
        port: Its port.
        form: The format of each message's text.
        deadline: Seconds for each of connecting, sending, and its being acknowledged.
        tls: Whom it trusts; None for TCP.
    """

    def __init__(
        self, host: str, port: int, form: str, deadline: float, tls: ssl.SSLContext | None
    ) -> None:
        self._address, self._form = (host, port), form
        self._deadline, self._tls = deadline, tls
        self._hostname = _word(socket.gethostname(), 255)
        self._socket: socket.socket | None = None
        self._recent: deque[bytes] = deque()

    def send(self, parcel: Parcel) -> None:
        """Sends a parcel, and once more what a broken connection may have taken with it."""
        frames = b"".join(map(_frame, parcel.each(self._message)))
        try:
            self._deliver(self._connected() + frames)
        except (OSError, ssl.SSLError) as error:
            self.close()
            late = isinstance(error, TimeoutError)
            why = "in time" if late else f"({type(error).__name__})"
            raise Undelivered(f"the receiver took no messages {why}") from None
        self._keep(frames)

    def close(self) -> None:
        """Closes its connection."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _message(self, header: Mapping[str, Any]) -> bytes:
        return message(header, self._form, self._hostname)

    def _connected(self) -> bytes:
        """Sees that there is a connection; gives what is to be sent over it once more."""
        if self._socket is not None:
            try:
                if not _is_ended(self._socket):
                    return b""
                self._recent.clear()
            except OSError:
                pass
        self._open()
        return b"".join(self._recent)

    def _open(self) -> None:
        self.close()
        plain = socket.create_connection(self._address, self._deadline)
        try:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                self._socket = plain
            else:
                # An end without TLS's own word for it may be that of a process that was killed.
                self._socket = self._tls.wrap_socket(
                    plain, server_hostname=self._address[0], suppress_ragged_eofs=False
                )
        except BaseException:
            plain.close()
            raise

    def _deliver(self, data: bytes) -> None:
        """Sends bytes, and waits until the other machine has them and the connection stays."""
        connection = self._socket
        assert connection is not None  # noqa: S101 - opened by the caller
        connection.settimeout(self._deadline)
        connection.sendall(data)
        until = time.monotonic() + self._deadline
        while _unacknowledged(connection):
            if _is_ended(connection):
                raise ConnectionResetError
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(_POLL)
        if _is_ended(connection, _SETTLED):
            raise ConnectionResetError

    def _keep(self, frames: bytes) -> None:
        self._recent.append(frames)
        size = sum(map(len, self._recent))
        while len(self._recent) > 1 and size > _KEPT_BYTES:
            size -= len(self._recent.popleft())


def message(header: Mapping[str, Any], form: str, hostname: str) -> bytes:
    """The syslog message of a record's clear header (RFC 5424 §6)."""
    severity = _ALARMS.get(header["stage"]) or _SEVERITIES.get(header["decision"], _INFORMATIONAL)
    writer = _word(str(header["writer"]), 128)
    head = (
        f"<{_FACILITY * 8 + severity}>1 {header['time']} {hostname} {_APP} {writer}"
        f" {_word(str(header['stage']), 32)} - "
    )
    return head.encode() + line(header, form)


def _frame(text: bytes) -> bytes:
    return b"%d %b" % (len(text), text)


def _word(text: str, limit: int) -> str:
    """PRINTUSASCII without spaces, or the nil value."""
    return "".join(c if "!" <= c <= "~" else "_" for c in text[:limit]) or "-"


def _unacknowledged(connection: socket.socket) -> int:
    """Bytes that were sent and that the other machine has not acknowledged."""
    if sys.platform == "darwin":
        return int(connection.getsockopt(socket.SOL_SOCKET, 0x1024))  # SO_NWRITE
    return int(struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0])


def _is_ended(connection: socket.socket, seconds: float = 0.0) -> bool:
    """Whether the receiver ends the connection within a time; what it says is thrown away.

    Raises:
        OSError: It broke.
    """
    until = time.monotonic() + seconds
    connection.settimeout(0.0)
    # Unlike select, poll knows descriptors of any number.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    for _ in range(_MOST_READS):
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            return False
        try:
            if not connection.recv(4096):
                return True
        except (BlockingIOError, ssl.SSLWantReadError):
            continue
    raise ConnectionAbortedError
