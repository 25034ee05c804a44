"""Asks a witness to cosign the log's checkpoints (c2sp.org/tlog-witness)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.note import read_note
from gateway.audit.store.opening import open_reader
from gateway.audit.stored_tree import consistency_proof
from gateway.audit.witnessing import SIZE_TYPE, AddCheckpoint
from gateway.errors import VerificationError
from gateway.relay.outlet import Outlet, Undelivered

if TYPE_CHECKING:
    from gateway.audit.note import Verifier
    from gateway.audit.store.tree import Kept
    from gateway.relay.outlet import Answer

__all__ = ["WitnessClient"]

_LARGEST: Final = "SELECT coalesce(max(size), 0) FROM checkpoints"
_TRIES: Final = 3
_TYPE: Final = {"content-type": "text/plain; charset=utf-8"}


class WitnessClient:
    """Shows checkpoints to one witness; a ``publish`` of ``gateway.audit.publishing``.

    Args:
        url: The witness's submission prefix.
        verifier: The witness's public key.
        store: The audit store's URL, for its tiles.
        deadline: Seconds for each step of a request.
    """

    def __init__(self, url: str, verifier: Verifier, store: str, deadline: float) -> None:
        self._outlet = Outlet(f"{url}/add-checkpoint", deadline)
        self._verifier, self._store = verifier, store
        self._origin, self._size = "", 0

    def __call__(self, kept: Kept) -> str:
        """Shows a checkpoint; the witness's cosignatures on it, as lines of a signed note.

        Raises:
            Undelivered: The witness did not answer in time, or refused.
            VerificationError: The witness has seen another history of this log, or its
                cosignature is wrong.
            AuditUnavailable: The store's tiles cannot be read.
        """
        tree = Checkpoint.parse(read_note(kept.note, ()).text)
        if tree.origin != self._origin:
            # Another store is another log: what the witness knows of it is found out.
            self._origin, self._size = tree.origin, 0
        for _ in range(_TRIES):
            answer = self._ask(kept, tree)
            if answer.status != 409:
                return self._lines(kept, tree, answer)
            self._learn(tree, answer)
        raise Undelivered("the witness names another size each time")

    def close(self) -> None:
        """Closes its connections."""
        self._outlet.close()

    def _ask(self, kept: Kept, tree: Checkpoint) -> Answer:
        proof = consistency_proof(self._store, self._size, tree.size)
        body = AddCheckpoint(self._size, tuple(proof), _own(kept.note, tree)).body
        return self._outlet.post(body, _TYPE)

    def _learn(self, tree: Checkpoint, answer: Answer) -> None:
        """The size that the witness knows instead."""
        size = _size(answer)
        if size > tree.size:
            if self._largest() >= size:
                raise Undelivered("another process has shown the witness more")
            raise VerificationError(
                f"the witness has seen {size} records, no checkpoint in the store has as many:"
                " an older copy was put back"
            )
        if size == self._size:
            raise VerificationError("the witness has seen another history of this log")
        self._size = size

    def _largest(self) -> int:
        """The most records that a checkpoint in the store has."""
        with open_reader(self._store) as reader:
            return int(reader.rows(_LARGEST)[0][0])

    def _lines(self, kept: Kept, tree: Checkpoint, answer: Answer) -> str:
        if answer.status == 422:
            raise VerificationError("the witness finds that the log has not only grown")
        if not answer.ok:
            raise Undelivered(f"the witness refuses with status {answer.status}")
        lines = _cosignatures(kept.note, answer.body, self._verifier)
        self._size = tree.size
        return lines


def _cosignatures(note: str, body: bytes, verifier: Verifier) -> str:
    """The lines in an answer that a witness's key has signed; those of others are left out."""
    try:
        answer = body.decode()
    except UnicodeDecodeError:
        raise VerificationError("the witness's answer is no signature") from None
    text = note.rpartition("\n\n")[0] + "\n"
    found = ""
    for line in answer.splitlines(keepends=True):
        if read_note(f"{text}\n{line}", [verifier]).signatures:
            found += line
    if not found:
        raise VerificationError("the witness's answer has no signature of its key")
    return found


def _own(note: str, tree: Checkpoint) -> str:
    """The note with the log's own signatures only: others may be many, and say nothing here."""
    text, _, lines = note.rpartition("\n\n")
    name = tree.origin.rpartition("/")[0]
    own = [line for line in lines.splitlines(keepends=True) if line.split(" ")[1:2] == [name]]
    return f"{text}\n\n{''.join(own)}"


def _size(answer: Answer) -> int:
    text = answer.body.removesuffix(b"\n")
    if answer.type.partition(";")[0] != SIZE_TYPE or not text.isdigit() or len(text) > 19:
        raise Undelivered("the witness refuses with status 409 and names no size")
    return int(text)
