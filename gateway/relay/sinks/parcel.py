"""What a sink is sent at a time, and what a sink is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from gateway.relay.outlet import Undelivered

__all__ = ["Parcel", "Sink", "TooLarge"]


class TooLarge(Undelivered):
    """The receiver takes less at a time; a smaller parcel may do."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Some records in the order of the log, and where they stand in it.

    Attributes:
        store: The store's id.
        seqs: Their places, from 1 on; not dense where filters left some out.
        headers: Their clear headers.
    """

    store: str
    seqs: tuple[int, ...]
    headers: tuple[dict[str, Any], ...]


class Sink(Protocol):
    """Sends parcels to one receiver, from one thread."""

    def send(self, parcel: Parcel) -> None:
        """Returns once the receiver has said yes to all of it.

        Raises:
            Undelivered: It has not, or not to all of it.
        """

    def close(self) -> None:
        """Closes its connections."""
