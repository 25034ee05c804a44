"""Whether a log's own keys have signed what its store holds, before that is shown to anybody.

Who owns the database may put any checkpoint into it. What no key of the log has signed is not
passed on, and is told once. The keys are those in the files beside the signing key, so that a
gateway that still has the key of before also takes what another signs with the one after it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.keys import load_signer, load_verifiers
from gateway.errors import ConfigurationError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.note import Verifier

__all__ = ["LogKeys"]


class LogKeys:
    """The public keys of the log that a signing key is of; safe from any thread.

    Args:
        signing_key: The private key's file. Every ``.vkey`` in its folder counts that holds keys
            under the same name.
        on_incident: Told in one sentence of what does not hold, once until something else is found.

    Raises:
        ConfigurationError: The signing key is unusable.
    """

    def __init__(self, signing_key: Path, on_incident: Callable[[str], None] | None = None) -> None:
        self._own = load_signer(signing_key).verifier
        self._folder, self._on_incident = signing_key.parent, on_incident
        self._vkeys = self._read()
        self._held = ("", "")
        self._told = ""

    def check(self, note: str, store: str) -> None:
        """Sees that a key of the log has signed a checkpoint of a store.

        Args:
            note: The signed note.
            store: The store's id.

        Raises:
            VerificationError: None has, or a signature is wrong.
        """
        if (note, store) == self._held:
            return
        try:
            self._open(note, store)
        except VerificationError as error:
            self._tell(f"the newest checkpoint in the store does not hold: {error}")
            raise
        self._held, self._told = (note, store), ""

    def _open(self, note: str, store: str) -> None:
        try:
            read_checkpoint(note, self._vkeys, store)
        except VerificationError:
            found = self._read()
            if found == self._vkeys:
                raise
            self._vkeys = found
            read_checkpoint(note, found, store)

    def _read(self) -> tuple[Verifier, ...]:
        """The keys as they stand in the files now, ours first."""
        found = {self._own.key_id: self._own}
        for path in sorted(self._folder.glob("*.vkey")):
            # A file that is none of ours, or is being written, says nothing.
            with contextlib.suppress(ConfigurationError):
                found.update(
                    (one.key_id, one)
                    for one in load_verifiers(path)
                    if (one.name, one.kind) == (self._own.name, self._own.kind)
                    and one.key_id not in found
                )
        return tuple(found.values())

    def _tell(self, sentence: str) -> None:
        if sentence != self._told and self._on_incident is not None:
            self._on_incident(sentence)
        self._told = sentence
