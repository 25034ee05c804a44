"""Client certificates, and how TLS terminators write them into a header."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

__all__ = ["ClientCertificate", "new_certificate"]


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate in DER."""

    der: bytes
    pem: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the DER."""
        return sha256(self.der).digest()

    @property
    def x5t(self) -> str:
        """What a token that is bound to it holds as ``cnf.x5t#S256``."""
        return base64.urlsafe_b64encode(self.digest).rstrip(b"=").decode()

    def header(self, form: str) -> bytes:
        """The value of the header in one of the formats of the settings."""
        return {
            "rfc9440": f":{base64.b64encode(self.der).decode()}:",
            "pem": quote(self.pem, safe=""),
            "sha256": self.digest.hex(),
            "xfcc": f'By=spiffe://mesh/gateway;Hash={self.digest.hex()};Subject="CN=a,O=b"',
        }[form].encode()


def new_certificate(name: str = "client") -> ClientCertificate:
    """A self-signed certificate, as RFC 8705 §2.2 lets clients have."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM).decode()
    return ClientCertificate(certificate.public_bytes(Encoding.DER), pem)
