"""What a sink is sent at a time, and what a sink is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import structlog

from gateway.audit.exports.lines import DAMAGE
from gateway.errors import AuditUnavailable
from gateway.relay.outlet import Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Parcel", "Sink", "TooLarge"]

_log = structlog.get_logger("gateway.relay")
Converted = TypeVar("Converted")
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

    def each(self, convert: Callable[[dict[str, Any]], Converted]) -> Iterator[Converted]:
        """What a function makes of each header, in their order.

        Other threads may run between some of them. A header that is none is left out and told:
        whoever damages a record must not stop those that come after it.
        """
        for number, (seq, header) in enumerate(zip(self.seqs, self.headers, strict=True)):
            if not number % _PIECE:
                time.sleep(0)
            try:
                yield convert(header)
            except (*DAMAGE, AuditUnavailable):
                _log.error("record_damaged", seq=seq)


class Sink(Protocol):
    """Sends parcels to one receiver, from one thread."""

    def send(self, parcel: Parcel) -> None:
        """Returns once the receiver has said yes to all of it.

        Raises:
            Undelivered: It has not, or not to all of it.
        """

    def close(self) -> None:
        """Closes its connections."""
