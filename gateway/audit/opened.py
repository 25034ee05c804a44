"""What is sealed in an event, for those who hold a key."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from gateway.audit.seal import Binding
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from gateway.audit.query import Event
    from gateway.audit.seal import Opener

__all__ = ["opened"]


def opened(event: Event, opener: Opener) -> Any:
    """The content of an event's sealed part; None where nothing was sealed.

    Raises:
        VerificationError: The sealed part is missing or was changed, or is not for this key.
    """
    header, note = event.header, event.header["sealed"]
    if note is None:
        return None
    if event.sealed is None or event.envelope is None:
        raise VerificationError("the sealed part is missing")
    if sha256(event.sealed).hexdigest() != note["sha256"]:
        raise VerificationError("the sealed part was changed")
    binding = Binding(
        header["tenant"], header["id"], header["writer"], header["wseq"], note["segment"]
    )
    return orjson.loads(opener.open(event.envelope, event.sealed, binding))
