"""Records posted to a URL, a line each, signed with a shared secret.

``x-gateway-signature: t=<unix seconds>,v1=<hex>`` is HMAC-SHA-256 over the time, a dot and the
body. ``x-gateway-batch`` names the first and the last record: a batch that comes again has the
same name unless more was added to it.
"""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Final

from gateway.audit.exports.lines import line
from gateway.relay.outlet import Undelivered
from gateway.relay.sinks.parcel import TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.relay.outlet import Outlet
    from gateway.relay.sinks.parcel import Parcel

__all__ = ["Webhook", "signature"]

_TYPES: Final = {
    "jsonl": "application/x-ndjson",
    "ocsf": "application/x-ndjson",
    "cef": "text/plain; charset=utf-8",
}


class Webhook:
    """A ``Sink`` behind HTTP.

    Args:
        outlet: Where to.
        form: The format of each line.
        secret: What signs each batch; without it nothing is signed.
        clock: Unix seconds.
    """

    def __init__(
        self,
        outlet: Outlet,
        form: str,
        secret: bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outlet, self._form = outlet, form
        self._secret, self._clock = secret, clock

    def send(self, parcel: Parcel) -> None:
        """Posts a parcel; any status of 200 to 299 is a yes."""
        body = b"".join(parcel.each(lambda header: line(header, self._form) + b"\n"))
        headers = {
            "content-type": _TYPES[self._form],
            "x-gateway-batch": f"{parcel.store}-{parcel.seqs[0]}-{parcel.seqs[-1]}",
        }
        if self._secret is not None:
            headers["x-gateway-signature"] = signature(self._secret, body, int(self._clock()))
        answer = self._outlet.post(body, headers)
        if answer.status == 413:
            raise TooLarge("the receiver refuses with status 413")
        if not answer.ok:
            raise Undelivered(f"the receiver refuses with status {answer.status}")

    def close(self) -> None:
        """Closes its connections."""
        self._outlet.close()


def signature(secret: bytes, body: bytes, moment: int) -> str:
    """The value of ``x-gateway-signature``."""
    digest = hmac.digest(secret, f"{moment}.".encode() + body, "sha256")
    return f"t={moment},v1={digest.hex()}"
