"""base64url without padding (RFC 7515 §2), one spelling for each value."""

from __future__ import annotations

import base64
import binascii

__all__ = ["decode", "encode"]


def encode(data: bytes) -> str:
    """The only spelling of these bytes that ``decode`` takes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes | None:
    """The bytes, or None where the text is not what ``encode`` gives for them.

    Padding, white space, letters of another alphabet and set bits beyond the last byte would let
    one token have many spellings, and slip past whatever knows tokens by their text.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode(data) == text else None
