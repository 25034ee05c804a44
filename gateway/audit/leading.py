"""What a leader does: it puts records in order, grows the tree over them and signs checkpoints.

It trusts the store with nothing that it has signed before: at its beginning, and before each
signature, the store must still hold what the newest known checkpoints promised. Where it does not,
nothing more is signed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from gateway.audit.chain import leaf
from gateway.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint
from gateway.audit.merkle import root
from gateway.audit.note import read_note
from gateway.audit.store.tree import Kept
from gateway.audit.tiles import Growth, Hashes
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.audit.note import Signer
    from gateway.audit.store.tree import Turn

__all__ = ["Leader", "Progress", "checkpoint_of"]

LIMIT: Final = 1024
"""Records of one turn; a header has at most 64 KiB."""

SOONEST: Final = 1.0
LATEST: Final = 60.0
"""Seconds between two checkpoints: at least when something is new, at most when nothing is."""

_PIECE: Final = 128


@dataclass(frozen=True, slots=True)
class Progress:
    """What a turn did.

    Attributes:
        size: Records in the tree.
        more: Whether records are left for the next turn.
        signed: The checkpoint that was signed, if one was.
    """

    size: int
    more: bool
    signed: Kept | None


class Leader:
    """The tree of one store, while this process leads.

    Begins in a turn, and checks all that is known of the past.

    Args:
        turn: The first turn.
        signer: The log's key.
        store: The store's id.
        newest: The newest checkpoint in the store.
        anchors: Checkpoints of this log that are known from elsewhere.

    Raises:
        VerificationError: The store does not hold what a checkpoint promised.
    """

    def __init__(
        self,
        turn: Turn,
        signer: Signer,
        store: str,
        newest: Kept | None,
        anchors: Iterable[Checkpoint],
    ) -> None:
        self._signer, self._origin = signer, origin_of(signer.name, store)
        self._newest = newest
        self._signed_at = _monotonic_of(newest)
        self._growth = Growth(turn.size, turn.tile)
        self._last_leaf = _last_leaf(turn)
        hashes = Hashes(turn.size, turn.tile)
        known = [] if newest is None else [checkpoint_of(newest)]
        for checkpoint in [*known, *anchors]:
            # Also those that a key of another name signed: the store is the same.
            if checkpoint.store == store:
                self._holds(checkpoint, hashes)

    @property
    def size(self) -> int:
        """How many records the tree holds."""
        return self._growth.size

    def advance(self, turn: Turn, *, final: bool = False) -> Progress:
        """Adds what is new, and signs a checkpoint where one is due.

        A leader whose turn fails, here or when it ends, is of no more use: its tree is ahead.

        Args:
            turn: The turn.
            final: Whether what is new is signed at once: no later turn will.

        Raises:
            VerificationError: Records are missing.
        """
        entries = turn.entries(LIMIT)
        for tile, hashes in self._growth.extend(self._leaves(entries)).items():
            turn.put_tile(*tile, hashes)
        turn.size = self.size
        more = len(entries) == LIMIT
        signed = self._sign(turn) if self._is_due(final=final and not more) else None
        return Progress(self.size, more, signed)

    def _leaves(self, entries: list[tuple[int, bytes]]) -> Iterator[bytes]:
        """The leaves of entries, which must follow each other and the tree without a hole."""
        expected, left = self.size, iter(entries)
        while piece := list(islice(left, _PIECE)):
            for index, header in piece:
                if index != expected:
                    raise VerificationError(
                        f"records {expected} to {index - 1} are missing from the store"
                    )
                if not isinstance(header, bytes):
                    raise VerificationError(f"record {index} of the store is no record")
                expected += 1
                self._last_leaf = leaf(header)
                yield self._last_leaf
            time.sleep(0)  # The event loop may want the interpreter.

    def _is_due(self, *, final: bool) -> bool:
        since = time.monotonic() - self._signed_at
        grown = self.size > (self._newest.size if self._newest else 0)
        return (grown and (final or since >= SOONEST)) or (self.size > 0 and since >= LATEST)

    def _sign(self, turn: Turn) -> Kept:
        self._has_last(turn)
        # Cut off, not rounded: the signed second must be that of the stored millisecond.
        now = int(time.time() * 1000)
        checkpoint = Checkpoint(self._origin, self.size, self._growth.root())
        note = sign_checkpoint(checkpoint, self._signer, now // 1000)
        number = self._newest.number + 1 if self._newest else 1
        self._newest = Kept(number, self.size, now, note)
        self._signed_at = time.monotonic()
        turn.put_checkpoint(self._newest)
        return self._newest

    def _has_last(self, turn: Turn) -> None:
        """The tree's last record must still be there: a cut-off tail would not be missed else."""
        found = turn.last()
        if found is None or found[0] < self.size - 1:
            there = 0 if found is None else found[0] + 1
            raise VerificationError(
                f"the tree has {self.size} records, the store only {there}: it was cut off"
            )
        if found[0] == self.size - 1 and not self._is_last(found[1]):
            raise VerificationError(f"record {found[0]} is not the one in the tree")

    def _is_last(self, header: object) -> bool:
        return isinstance(header, bytes) and leaf(header) == self._last_leaf

    def _holds(self, checkpoint: Checkpoint, hashes: Hashes) -> None:
        if checkpoint.size > self.size:
            raise VerificationError(
                f"a checkpoint of {checkpoint.size} records is known, the store's tree has only"
                f" {self.size}: an older copy was put back"
            )
        if root(checkpoint.size, hashes) != checkpoint.root:
            raise VerificationError(
                f"the tree does not begin with the {checkpoint.size} records of a checkpoint"
            )


def checkpoint_of(kept: Kept) -> Checkpoint:
    """The checkpoint in a stored note, whoever signed it: it is only held against the tree.

    Raises:
        VerificationError: It is none.
    """
    return Checkpoint.parse(read_note(kept.note, []).text)


def _last_leaf(turn: Turn) -> bytes:
    """The leaf of a tree's last record."""
    if not turn.size:
        return b""
    return Hashes(turn.size, turn.tile)(0, turn.size - 1)


def _monotonic_of(newest: Kept | None) -> float:
    """When a checkpoint was signed, on this process's own clock; long ago where it cannot be."""
    if newest is None:
        return float("-inf")
    ago = time.time() - newest.time / 1000
    return time.monotonic() - ago if 0 <= ago < LATEST else float("-inf")
