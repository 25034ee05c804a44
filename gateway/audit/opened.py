"""What is sealed in an event, for those who hold a key."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from gateway.audit.binding import Binding
from gateway.audit.salts import salt_flaw
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from gateway.audit.opener import Opener
    from gateway.audit.query import Event

__all__ = ["opened"]


def opened(event: Event, opener: Opener) -> Any:
    """The content of an event's sealed part; None where nothing was sealed.

    Raises:
        Erased: The event's subject was erased.
        VerificationError: The sealed part or its subject's salt is missing or was changed, or it
            is not for this key.
    """
    header, note = event.header, event.header["sealed"]
    if note is None:
        return None
    if event.sealed is None or event.envelope is None:
        raise VerificationError("the sealed part is missing")
    if sha256(event.sealed).hexdigest() != note["sha256"]:
        raise VerificationError("the sealed part was changed")
    flaw = salt_flaw(header, event.salt)
    if flaw is not None and event.salt is not None:
        raise VerificationError(flaw)
    binding = Binding.of(header, note["segment"])
    return orjson.loads(opener.open(event.envelope, event.sealed, binding, event.salt))
