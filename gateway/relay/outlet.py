"""One URL that something is posted to, within a deadline, with an answer of bounded length."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from gateway.errors import ConfigurationError, GatewayError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Answer", "Outlet", "Undelivered", "trusting"]

_MOST: Final = 2**16
"""Bytes of an answer that are read."""


class Undelivered(GatewayError):
    """The receiver did not say yes; the words are ours, never the receiver's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    status: int
    type: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it said yes."""
        return 200 <= self.status < 300


class Outlet:
    """Posts to one URL, from one thread.

    Args:
        url: The URL.
        deadline: Seconds for each of connecting, sending, and waiting for the answer.
        tls: Whom it trusts; the system's authorities if not given.
        headers: Sent with everything.
    """

    def __init__(
        self,
        url: str,
        deadline: float,
        tls: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._url, self._deadline = url, deadline
        self._client = httpx.Client(
            headers={"accept-encoding": "identity", **(headers or {})},
            timeout=deadline,
            # Loading the system's authorities takes a while, and says nothing over http.
            verify=url.startswith("https:") if tls is None else tls,
            follow_redirects=False,
            trust_env=False,
        )

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Sends a body and reads the answer, whatever its status.

        Raises:
            Undelivered: There was no answer in time, or an endless one.
        """
        try:
            with self._client.stream(
                "POST", self._url, content=body, headers=dict(headers)
            ) as answer:
                found = self._read(answer)
        except httpx.TimeoutException:
            raise Undelivered("no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise Undelivered(f"no connection ({type(error).__name__})") from None
        return Answer(answer.status_code, answer.headers.get("content-type", ""), found)

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def _read(self, answer: httpx.Response) -> bytes:
        read, until = bytearray(), time.monotonic() + self._deadline
        for chunk in answer.iter_raw():
            read += chunk
            if len(read) > _MOST or time.monotonic() > until:
                raise Undelivered("the answer does not end")
        return bytes(read)


def trusting(
    ca: Path | None, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """TLS that checks the receiver's name and certificate.

    Args:
        ca: Authorities in PEM; the system's if not given.
        certificate: What to show of oneself, in PEM, if anything.
        key: Its private key.

    Raises:
        ConfigurationError: A file cannot be read, or holds something else.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        path = ca if certificate is None else certificate
        why = getattr(error, "strerror", None) or "no PEM file"
        raise ConfigurationError(Problem(Place(str(path)), f"cannot be used: {why}")) from None
    return context
