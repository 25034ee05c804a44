"""The decision of a witness: has this log only grown since it was last seen?"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import structlog

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.merkle import EMPTY, verify_consistency
from gateway.audit.note import read_note, sign
from gateway.audit.witnessing import AddCheckpoint
from gateway.errors import VerificationError
from gateway.witness.refusals import (
    BadProof,
    Conflict,
    Forked,
    Malformed,
    UnknownLog,
    Unsigned,
)
from gateway.witness.store import Witnessed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.audit.note import Signer, Verifier
    from gateway.witness.store import WitnessStore

__all__ = ["Witness"]

_log = structlog.get_logger("gateway.witness")
_MAX_SIZE: Final = 2**62
_STORE: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Witness:
    """Cosigns checkpoints of the logs that it was told of.

    Args:
        store: What it remembers.
        signer: Its key, of the kind that cosigns.
        logs: Public keys of logs. A key speaks for the origin of its own name, and for one behind
            that name for each store that the log ever had.
        clock: Unix seconds.
    """

    def __init__(
        self,
        store: WitnessStore,
        signer: Signer,
        logs: Iterable[Verifier],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._signer, self._clock = store, signer, clock
        self._logs: dict[str, list[Verifier]] = {}
        for log in logs:
            self._logs.setdefault(log.name, []).append(log)

    def add(self, body: bytes) -> str:
        """Remembers a checkpoint and cosigns it; blocks while it writes.

        Args:
            body: Of the request.

        Returns:
            The cosignature, a line of a signed note.

        Raises:
            WitnessRefusal: It is not cosigned, and nothing is remembered of it.
        """
        request, text, checkpoint = _read(body)
        self._check_signature(request.note, checkpoint.origin)
        if request.old > checkpoint.size:
            raise Malformed("the old size is above that of the checkpoint")
        with self._store.turn() as turn:
            known = turn.newest(checkpoint.origin)
            _check_growth(request, checkpoint, known)
            # Clocks may go back; what was the newest at a time stays that.
            now = max(int(self._clock()), known.time if known else 0)
            turn.put(
                Witnessed(checkpoint.origin, checkpoint.size, checkpoint.root, request.note, now)
            )
        # Signed only once it is on the disk: after a power cut it is still remembered.
        return sign(text, self._signer, time=now).removeprefix(f"{text}\n")

    def _check_signature(self, note: str, origin: str) -> None:
        keys = self._logs.get(origin)
        if keys is None:
            name, _, store = origin.rpartition("/")
            keys = self._logs.get(name) if _STORE.fullmatch(store) else None
        if keys is None:
            raise UnknownLog("the origin is unknown")
        try:
            signed = read_note(note, keys).signatures
        except VerificationError as error:
            raise Unsigned(str(error)) from None
        if not signed:
            raise Unsigned("no trusted key has signed")


def _read(body: bytes) -> tuple[AddCheckpoint, str, Checkpoint]:
    try:
        request = AddCheckpoint.parse(body)
        text = read_note(request.note, ()).text
        checkpoint = Checkpoint.parse(text)
    except VerificationError as error:
        raise Malformed(str(error)) from None
    if checkpoint.size > _MAX_SIZE:
        raise Malformed("no tree is of this size")
    return request, text, checkpoint


def _check_growth(request: AddCheckpoint, new: Checkpoint, known: Witnessed | None) -> None:
    size, root = (known.size, known.root) if known else (0, EMPTY)
    if request.old != size:
        raise Conflict(size)
    if new.size == size and new.root != root and known is not None:
        _alarm(new, known, request.note)
        raise Forked(size)
    try:
        verify_consistency(size, new.size, request.proof, root, new.root)
    except VerificationError as error:
        if known is not None:
            _alarm(new, known, request.note)
        raise BadProof(str(error)) from None


def _alarm(new: Checkpoint, known: Witnessed, note: str) -> None:
    """A log has signed what does not follow from what it signed before: both are the evidence."""
    _log.error(
        "log_not_consistent",
        origin=new.origin,
        size=new.size,
        known_size=known.size,
        note=note,
        known_note=known.note,
    )
