"""Envoy's ``X-Forwarded-Client-Cert``: what proxies know of their clients' certificates."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["certificate_hash"]

_VALUE: Final = rb'(?:"(?:[^"\\]|\\.)*"|[^",;]*)'
_PAIR: Final = re.compile(rb"([A-Za-z]+)=(%b)" % _VALUE)
_ELEMENT: Final = re.compile(rb"(?:[A-Za-z]+=%b;)*[A-Za-z]+=%b" % (_VALUE, _VALUE))
_KEYS: Final = frozenset({b"by", b"hash", b"cert", b"chain", b"subject", b"uri", b"dns"})
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{64}")


def certificate_hash(value: bytes) -> bytes | None:
    """The SHA-256 of the client's certificate in DER: the ``Hash`` of the only element there is.

    An element is what one proxy says of the connection to it. Envoy writes the names within a
    certificate (``URI``, ``DNS``) as they are, without quotes, also those that hold commas and
    semicolons: whoever can have a certificate issued could append an element, or a second hash,
    of his own choice. So there is one element with one hash, or none is believed; the proxy that
    ends the client's TLS says ``SANITIZE_SET``, and those behind it ``FORWARD_ONLY``.
    """
    if not _ELEMENT.fullmatch(value):
        return None
    pairs = [(key.lower(), text) for key, text in _PAIR.findall(value)]
    hashes = [text for key, text in pairs if key == b"hash"]
    if len(hashes) != 1 or not _KEYS.issuperset(key for key, _ in pairs):
        return None
    return bytes.fromhex(hashes[0].decode()) if _HEX.fullmatch(hashes[0]) else None
