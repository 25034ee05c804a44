"""The tree as a store holds it, for those who only read: checkpoints, tiles and proofs.

Nothing is given away of what no checkpoint covers yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.audit.chain import is_pruned
from gateway.audit.checkpoint import is_checkpoint
from gateway.audit.leading import checkpoint_of
from gateway.audit.merkle import consistency, inclusion
from gateway.audit.proof import Proof
from gateway.audit.store.opening import open_reader
from gateway.audit.store.tree import DAMAGED, Kept
from gateway.audit.store.values import header_bytes
from gateway.audit.tiles import Hashes, bundle
from gateway.errors import AuditUnavailable, VerificationError

if TYPE_CHECKING:
    from gateway.audit.log_keys import LogKeys
    from gateway.audit.store.base import Reader, Readers
    from gateway.audit.tiles import Tile

__all__ = ["consistency_proof", "newest_checkpoint", "prove", "tile_hashes", "tile_of"]

_CHECKPOINTS: Final = (
    "SELECT number, size, time, note FROM checkpoints WHERE size > ? ORDER BY number DESC LIMIT ?"
)
_RECENT: Final = 100
_FALSE: Final = "The checkpoint of the audit log does not hold; nothing can be proven now."
_HASH: Final = 32


def newest_checkpoint(store: str | Readers, keys: LogKeys | None = None) -> str | None:
    """The newest signed checkpoint with its cosignatures; None where there is none yet.

    Args:
        store: Its URL, or who lends readers of it.
        keys: Whose signature it must have; nobody's is looked at if not given.

    Raises:
        AuditUnavailable: The store cannot be read, or something else stands in its place.
    """
    with open_reader(store) as reader:
        kept, id_ = _newest(reader, 0, 1), reader.store
    if not kept:
        return None
    # Everybody may ask: nothing else that somebody has put there is told to them.
    if not is_checkpoint(kept[0].note, kept[0].size):
        raise AuditUnavailable(DAMAGED, message=_FALSE)
    _check(kept[0], keys, id_)
    return kept[0].note


def tile_of(store: str | Readers, tile: Tile) -> bytes | None:
    """A tile of hashes or entries; None where no checkpoint covers it, or its entries are gone.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader:
        kept = _newest(reader, 0, 1)
        if not kept or not tile.within(kept[0].size):
            return None
        if tile.level is None:
            return _entries(reader, tile)
        hashes = tile_hashes(reader, tile.level, tile.number)[: _HASH * tile.width]
    return hashes if len(hashes) == _HASH * tile.width else None


def tile_hashes(reader: Reader, level: int, number: int) -> bytes:
    """The hashes of a stored tile, as many as there are.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    rows = reader.rows("SELECT hashes FROM tiles WHERE level = ? AND number = ?", (level, number))
    return bytes(rows[0][0]) if rows and isinstance(rows[0][0], bytes | memoryview) else b""


def prove(store: str | Readers, event_id: str, keys: LogKeys | None = None) -> Proof | None:
    """The proof that an event stands in the log, with its header as ``extra``.

    Of the last checkpoints the one that most have signed is taken: witnesses cosign in their own
    time, and the log itself signs each.

    Args:
        store: Its URL, or who lends readers of it.
        event_id: The event.
        keys: Whose signature the checkpoint must have; nobody's is looked at if not given.

    Raises:
        LookupError: There is no such event.
        VerificationError: The store's tree does not lead from the event to the checkpoint.
        AuditUnavailable: The store cannot be read, or that checkpoint is not the log's.

    Returns:
        The proof; None where no checkpoint covers the event yet.
    """
    with open_reader(store) as reader, reader.snapshot():
        rows = reader.rows("SELECT seq - 1, header FROM records WHERE id = ?", (event_id,))
        if not rows or is_pruned(rows[0][1]):
            raise LookupError("there is no such event")
        index, header = rows[0]
        kept = max(
            _newest(reader, index, _RECENT),
            key=lambda one: (one.note.count("\n"), one.number),
            default=None,
        )
        if kept is None:
            return None
        _check(kept, keys, reader.store)
        size = checkpoint_of(kept).size
        hashes = Hashes(size, lambda level, number: tile_hashes(reader, level, number))
        return Proof(index, tuple(inclusion(index, size, hashes)), kept.note, header_bytes(header))


def consistency_proof(store: str | Readers, old: int, size: int) -> list[bytes]:
    """The proof that the log's tree of a size begins with that of an older size.

    Raises:
        ValueError: The older tree is the larger one.
        VerificationError: The store does not hold what the proof needs.
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store) as reader, reader.snapshot():
        return consistency(old, size, Hashes(size, lambda *tile: tile_hashes(reader, *tile)))


def _newest(reader: Reader, index: int, limit: int) -> list[Kept]:
    """The newest checkpoints that cover a record, newest first."""
    return [Kept.of(row) for row in reader.rows(_CHECKPOINTS, (index, limit))]


def _check(kept: Kept, keys: LogKeys | None, store: str) -> None:
    if keys is None:
        return
    try:
        keys.check(kept.note, store)
    except VerificationError as error:
        raise AuditUnavailable(f"checkpoint {kept.number}: {error}", message=_FALSE) from None


def _entries(reader: Reader, tile: Tile) -> bytes | None:
    rows = reader.rows(
        "SELECT header FROM records WHERE seq > ? AND seq <= ? ORDER BY seq",
        (tile.start, tile.start + tile.width),
    )
    if len(rows) != tile.width or any(is_pruned(row[0]) for row in rows):
        return None
    return bundle(header_bytes(row[0]) for row in rows)
