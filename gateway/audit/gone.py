"""What is gone of an event, and whether the log says that retention has taken it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from gateway.audit.chain import is_pruned
from gateway.audit.pruning import prunings
from gateway.audit.store.opening import open_reader
from gateway.audit.store.schema import decode

if TYPE_CHECKING:
    from gateway.audit.store.base import Reader, Readers

__all__ = ["Gone", "gone"]

_WORDS: Final = {"headers": "header", "sealed": "sealed part"}


@dataclass(frozen=True, slots=True)
class Gone:
    """What is gone of an event.

    Attributes:
        what: Its header, or its sealed part, whose header is there.
        index: Its place in the tree, from 0, where its leaf hash stays.
        pruned: The id and the time of the newest record of a pruning that reaches it; None where
            there is none, so that it was somebody else who took it out.
    """

    what: Literal["headers", "sealed"]
    index: int
    pruned: tuple[str, str] | None

    def __str__(self) -> str:
        """One sentence."""
        part = _WORDS[self.what]
        if self.pruned is None:
            return f"its {part} is gone, and no pruning is recorded: run `gateway audit verify`"
        name, time = self.pruned
        left = f"; its leaf hash stands in the tree at {self.index}"
        said = f"retention has pruned its {part}, as record {name} of {time} says"
        return said + (left if self.what == "headers" else "")


def gone(store: str | Readers, event_id: str) -> Gone | None:
    """What is gone of an event; None where nothing is, or where there is no such event.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader, reader.snapshot():
        rows = reader.rows(
            "SELECT r.seq, r.header, s.seq FROM records r LEFT JOIN sealed s ON s.seq = r.seq"
            " WHERE r.id = ?",
            (event_id,),
        )
        if not rows:
            return None
        ((seq, header, sealed),) = rows
        if is_pruned(header):
            return Gone("headers", seq - 1, _told(reader, "headers", seq))
        named = (decode(header) or {}).get("sealed") is not None
        if named and sealed is None:
            return Gone("sealed", seq - 1, _told(reader, "sealed", seq))
    return None


def _told(reader: Reader, what: str, seq: int) -> tuple[str, str] | None:
    found = prunings(reader).get(what)
    if found is None or seq > found.last:
        return None
    ((raw,),) = reader.rows("SELECT header FROM records WHERE seq = ?", (found.seq,))
    header = decode(raw) or {}
    return str(header.get("id")), str(header.get("time"))
