"""Do the sealed parts hold? Digests, envelopes, salts and tokens; with a key, their opening."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.audit.binding import Binding, Subject
from gateway.audit.envelope import segment_id
from gateway.audit.salts import Erasures, Salts, salt_flaw
from gateway.audit.verify_tokens import TokenCheck
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.opener import Opener
    from gateway.audit.store.base import Reader
    from gateway.audit.verify_pruned import PrunedCheck
    from gateway.audit.verify_rows import Row

__all__ = ["Parts"]


class Parts:
    """Checks the sealed parts of records.

    Attributes:
        sealed: How many had the digest that their headers name.
        opened: How many were opened.
        erased: How many belong to subjects that were erased, as the log records.
    """

    def __init__(self, reader: Reader, openers: Sequence[Opener], pruned: PrunedCheck) -> None:
        self._reader, self._openers, self._pruned = reader, openers, pruned
        self._envelopes: set[str] = set()
        self._salts, self._tokens = Salts(reader), TokenCheck(reader)
        self._erasures: Erasures | None = None
        self.sealed = self.opened = self.erased = 0

    def flaw(self, row: Row) -> str | None:
        """What is wrong with a record's sealed part, in words; its header must be one.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        note = row.fields["sealed"]
        if note is None:
            return None if row.ciphertext is None else "it has a sealed part that it does not name"
        if row.ciphertext is None:
            return self._pruned.part_gone(row.seq)
        self._pruned.part_there(row.seq)
        if not isinstance(row.ciphertext, bytes):
            return "its sealed part is none"
        if sha256(row.ciphertext).hexdigest() != note["sha256"]:
            return "its sealed part was changed"
        if row.segment != note["segment"] or not self._has_envelope(row):
            return "its segment's envelope is missing or was changed"
        self.sealed += 1
        return self._salted(row)

    def _has_envelope(self, row: Row) -> bool:
        if row.segment not in self._envelopes:
            if not isinstance(row.envelope, bytes) or segment_id(row.envelope) != row.segment:
                return False
            self._envelopes.add(row.segment)
        return True

    def _salted(self, row: Row) -> str | None:
        """The salt of the record's subject is there, or the subject was erased later."""
        salt, subject = self._salts.find(row.fields), Subject.of(row.fields)
        flaw = salt_flaw(row.fields, salt)
        if flaw is None and salt and subject and self._is_erased(subject, row.seq):
            return "its subject was erased, and its salt is there again"
        if flaw is None:
            moved = self._tokens.flaw(row, salt)
            return moved or (self._open(row, salt) if self._openers else None)
        if salt is not None or subject is None:
            return flaw
        if self._is_erased(subject, row.seq):
            self.erased += 1
            return None
        return f"{flaw}, and no erasure is recorded"

    def _is_erased(self, subject: Subject, seq: int) -> bool:
        if self._erasures is None:
            self._erasures = Erasures.read(self._reader)
        return self._erasures.cover(subject, seq)

    def _open(self, row: Row, salt: bytes | None) -> str | None:
        binding = Binding.of(row.fields, row.fields["sealed"]["segment"])
        problem = None
        for opener in self._openers:
            try:
                opener.open(row.envelope, row.ciphertext, binding, salt)
            except VerificationError as error:
                problem = str(error)
            else:
                self.opened += 1
                return None
        return problem
