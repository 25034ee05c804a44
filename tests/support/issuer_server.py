"""An issuer's web server on a real socket, and everything that may be wrong with it."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["IssuerServer", "run_issuer", "self_signed"]


@dataclass
class IssuerServer:
    """What the server does.

    Attributes:
        body: The answer at every path that ``documents`` does not have.
        documents: Answers by path.
        status: The status of the answers.
        headers: More header lines, each with its end.
        delay: Seconds before an answer.
        drip: Seconds between two bytes of an answer's body.
        squeeze: Whether answers are compressed.
        flood: How many more blocks of 64 KiB follow the body.
        asked: The requests that came.
        base: ``scheme://host:port``.
    """

    body: bytes = b""
    documents: dict[str, bytes] = field(default_factory=dict)
    status: str = "200 OK"
    headers: str = ""
    delay: float = 0.0
    drip: float = 0.0
    squeeze: bool = False
    flood: int = 0
    asked: list[str] = field(default_factory=list)
    base: str = ""
    _busy: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it publishes its keys."""
        return f"{self.base}/jwks.json"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [request.split(" ", 2)[1] for request in self.asked]

    def put(self, *jwks: dict[str, Any]) -> None:
        """Publishes these keys, and no others."""
        self.body = dumps({"keys": jwks})

    async def close(self) -> None:
        """Ends the answers that are under way."""
        for task in (busy := list(self._busy)):
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await asyncio.sleep(self.delay)
            await self._write(writer, self.paths[-1])
        except (OSError, EOFError):
            pass
        finally:
            rough = self.delay or self.flood or self.drip
            writer.transport.abort() if rough else writer.close()
            self._busy.discard(task)

    async def _write(self, writer: asyncio.StreamWriter, path: str) -> None:
        status = "200 OK" if path == "/moved" else self.status
        body = self.documents.get(urlsplit(path).path, self.body)
        body = gzip.compress(body) if self.squeeze else body
        length = len(body) + self.flood * 2**16
        head = f"HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{self.headers}"
        writer.write(f"{head}connection: close\r\n\r\n".encode())
        step = 1 if self.drip else max(len(body), 1)
        for at in range(0, len(body), step):
            writer.write(body[at : at + step])
            await writer.drain()
            await asyncio.sleep(self.drip)
        while self.flood:
            writer.write(b" " * 2**16)
            await writer.drain()
            self.flood -= 1


@asynccontextmanager
async def run_issuer(tls: ssl.SSLContext | None = None) -> AsyncIterator[IssuerServer]:
    """A running server on a free port of this machine."""
    issuer = IssuerServer()
    running = await asyncio.start_server(issuer.answer, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    issuer.base = f"{scheme}://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    try:
        yield issuer
    finally:
        running.close()
        await issuer.close()
        await running.wait_closed()


def self_signed(folder: Path, host: str = "127.0.0.1", days: int = 1) -> tuple[Path, Path]:
    """A certificate that nobody vouches for but itself, and its key, both in PEM.

    Args:
        folder: Where the two files go.
        host: The address that it is for.
        days: When it ends; in the past where negative.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "tls.pem", folder / "tls.key"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return public, private
