"""What a sink is sent at a time, and what a sink is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.relay.outlet import Undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Parcel", "Sink", "TooLarge"]

_PIECE: Final = 8


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

    def one_by_one(self) -> Iterator[dict[str, Any]]:
        """The headers, letting other threads run between some of them."""
        for number, header in enumerate(self.headers):
            if not number % _PIECE:
                time.sleep(0)
            yield header


class Sink(Protocol):
    """Sends parcels to one receiver, from one thread."""

    def send(self, parcel: Parcel) -> None:
        """Returns once the receiver has said yes to all of it.

        Raises:
            Undelivered: It has not, or not to all of it.
        """

    def close(self) -> None:
        """Closes its connections."""
