"""What a process has seen of a log's checkpoints: an anchor that the store's owner cannot reach.

It lasts as long as the process. Only what the log's own keys have signed is remembered; a store
that has less by now, or something else of the same size, is not the one that was signed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.leading import checkpoint_of
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.checkpoint import Checkpoint
    from gateway.audit.note import Verifier
    from gateway.audit.store.tree import Kept

__all__ = ["Remembered"]


class Remembered:
    """The newest checkpoint of one store.

    Args:
        vkeys: The log's keys, the present one and former ones.

    Attributes:
        newest: The newest checkpoint in the store, whoever signed it.
        known: The newest one that a key of the log has signed; none or one.
    """

    def __init__(self, vkeys: Sequence[Verifier]) -> None:
        self._vkeys = vkeys
        self.newest: Kept | None = None
        self.known: list[Checkpoint] = []

    @property
    def age(self) -> float:
        """Seconds since the newest checkpoint was signed; infinite where there is none."""
        newest = self.newest
        return max(0.0, time.time() - newest.time / 1000) if newest else float("inf")

    def see(self, newest: Kept | None, store: str) -> None:
        """Looks at the newest checkpoint in the store.

        Raises:
            VerificationError: The store forgot what this process has seen in it.
        """
        if newest is not None and newest == self.newest:
            return
        found = None if newest is None else checkpoint_of(newest)
        for known in self.known:
            if found is None or found.size < known.size:
                raise VerificationError(
                    f"a checkpoint of {known.size} records is not in the store any more: an older"
                    " copy was put back"
                )
        signed = None if newest is None else self._signed(newest, store)
        for known in self.known:
            if signed and signed.size == known.size and signed.root != known.root:
                raise VerificationError(
                    f"another checkpoint of {known.size} records was signed: the log was forked"
                )
        self.newest = newest
        # What somebody else has put there is no reason to forget what was signed.
        self.known = [signed] if signed else self.known

    def forget(self) -> None:
        """The store is another one."""
        self.newest, self.known = None, []

    def _signed(self, newest: Kept, store: str) -> Checkpoint | None:
        """The checkpoint, where a key that this process knows has signed it.

        Another process may have a newer key by now; that is no alarm.
        """
        try:
            return read_checkpoint(newest.note, self._vkeys, store).checkpoint
        except VerificationError:
            return None
