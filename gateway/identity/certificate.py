"""The client's certificate (RFC 8705 §3) as TLS terminators pass it on in a header."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from gateway.errors import Unauthenticated
from gateway.identity.base64url import decode
from gateway.identity.xfcc import certificate_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.ingress.headers import Headers
    from gateway.settings import CertificateSettings

__all__ = ["shown_certificate"]

_PEM: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----[\r\n ]+([A-Za-z0-9+/=\r\n ]+)-----END CERTIFICATE-----[\r\n ]*"
)
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{64}")


def shown_certificate(headers: Headers, settings: CertificateSettings) -> bytes:
    """SHA-256 of the certificate in DER that the client has shown the TLS terminator.

    Whether the header may be believed is for the caller to know.

    Raises:
        Unauthenticated: The header is missing, stands twice, or is not in the settings' format.
    """
    name = settings.header.lower().encode()
    found = [value for key, value in headers if key == name]
    if len(found) != 1:
        why = "two headers name one" if found else "no header names one"
        raise Unauthenticated(f"certificate: {why}")
    digest = _FORMATS[settings.format](found[0])
    if digest is None:
        raise Unauthenticated(f"certificate: the header is not in the format {settings.format}")
    return digest


def _from_rfc9440(value: bytes) -> bytes | None:
    """A byte sequence (RFC 8941 §3.3.5) of the DER, without parameters (RFC 9440 §2.2)."""
    inner = value[1:-1]
    return _hash_of_base64(inner) if value == b":%b:" % inner else None


def _from_pem(value: bytes) -> bytes | None:
    """One certificate in PEM (RFC 7468), URL-encoded, or with spaces for its line breaks."""
    found = _PEM.fullmatch(unquote_to_bytes(value))
    return None if found is None else _hash_of_base64(b"".join(found[1].split()))


def _from_sha256(value: bytes) -> bytes | None:
    """The SHA-256 itself, in hexadecimal or in base64url without padding."""
    if _HEX.fullmatch(value):
        return bytes.fromhex(value.decode())
    data = decode(value.decode("latin-1"))
    return data if data is not None and len(data) == 32 else None


def _hash_of_base64(text: bytes) -> bytes | None:
    """The SHA-256 of what canonical base64 (RFC 4648 §4) stands for."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return sha256(data).digest() if data and base64.b64encode(data) == text else None


_FORMATS: Final[dict[str, Callable[[bytes], bytes | None]]] = {
    "rfc9440": _from_rfc9440,
    "pem": _from_pem,
    "sha256": _from_sha256,
    "xfcc": certificate_hash,
}
