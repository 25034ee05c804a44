"""The sealed salts of subjects, as a store holds them, and who was erased."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self

from gateway.audit.binding import Subject
from gateway.audit.store.schema import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.audit.store.base import Reader

__all__ = ["Erasures", "Salts", "Scope", "salt_flaw"]

_FIND: Final = (
    "SELECT t.sealed FROM salts t JOIN segments g ON g.number = t.segment"
    " WHERE t.subject = ? AND t.issuer = ? AND t.tenant = ? AND g.id = ?"
)
_ERASED: Final = "SELECT seq, header FROM records WHERE stage = 'audit.erased' ORDER BY seq"
_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an erasure means: a subject, of one issuer and in one tenant where they are given."""

    subject: str
    issuer: str | None = None
    tenant: str | None = None

    def covers(self, subject: Subject) -> bool:
        """Whether it means this subject."""
        return (
            self.subject == subject.name
            and self.issuer in (None, subject.issuer)
            and self.tenant in (None, subject.tenant)
        )


class Salts:
    """Finds the salts of records; knows the last ones, for intents are followed by outcomes.

    Args:
        reader: Of the store.
    """

    __slots__ = ("_known", "_reader")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, Subject], bytes | None] = {}

    def find(self, header: Mapping[str, Any]) -> bytes | None:
        """The sealed salt of a record's subject; None where there is none, or none any more.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        note, subject = header["sealed"], Subject.of(header)
        if note is None or note.get("salt") is None or subject is None:
            return None
        place = note["segment"], subject
        if place not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[place] = self._read(*place)
        return self._known[place]

    def _read(self, segment: str, subject: Subject) -> bytes | None:
        values = (subject.name, subject.issuer, subject.tenant, segment)
        rows = self._reader.rows(_FIND, values)
        if not rows:
            return None
        (sealed,) = rows[0]
        # Whoever tampers may put anything there; it has no digest that a header names.
        return sealed if isinstance(sealed, bytes) else b""


class Erasures:
    """Who was erased.

    Args:
        found: Whom each erasure meant, with the number of its record.
    """

    __slots__ = ("_found",)

    def __init__(self, found: Iterable[tuple[int, Scope]] = ()) -> None:
        self._found: dict[str, list[tuple[int, Scope]]] = {}
        for seq, scope in found:
            self._found.setdefault(scope.subject, []).append((seq, scope))

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Every erasure that a store has recorded.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        scopes = ((seq, _scope(raw)) for seq, raw in reader.rows(_ERASED))
        return cls((seq, scope) for seq, scope in scopes if scope is not None)

    def cover(self, subject: Subject, seq: int) -> bool:
        """Whether a subject was erased after the record with this number."""
        found = self._found.get(subject.name, ())
        return any(seq < later and scope.covers(subject) for later, scope in found)


def _scope(raw: object) -> Scope | None:
    header = decode(raw)
    detail = header.get("detail") if header is not None else None
    if not isinstance(detail, dict) or not isinstance(detail.get("subject"), str):
        return None
    return Scope(detail["subject"], detail.get("issuer"), detail.get("tenant"))


def salt_flaw(header: Mapping[str, Any], salt: bytes | None) -> str | None:
    """What is wrong with the salt that was found for a record; None where it is the right one."""
    digest = header["sealed"].get("salt")
    if digest is None or (salt is not None and sha256(salt).hexdigest() == digest):
        return None
    return "its subject's salt was changed" if salt is not None else "its subject's salt is gone"
