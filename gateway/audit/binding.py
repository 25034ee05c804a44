"""What a sealed part belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Binding", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose salt seals a part: a name of one issuer, in one tenant; ``""`` where there is none."""

    name: str
    issuer: str = ""
    tenant: str = ""

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> Self | None:
        """The subject in a record's header; None where nobody is named."""
        actor = header["actor"]
        if actor is None or actor["subject"] is None:
            return None
        return cls(actor["subject"], actor["issuer"] or "", header["tenant"] or "")

    def associated_data(self, segment: str) -> bytes:
        """What the subject's salt in a segment is bound to."""
        return f"salt,{_part(segment)},{_subject(self)},{_part(self.tenant)}".encode()


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed part belongs to; it opens with exactly this and nothing else."""

    tenant: str | None
    event: str
    writer: str
    wseq: int
    segment: str
    field: str = "content"
    subject: Subject | None = None

    @classmethod
    def of(cls, header: Mapping[str, Any], segment: str) -> Self:
        """That of a record's sealed part in a segment."""
        return cls(
            header["tenant"],
            header["id"],
            header["writer"],
            header["wseq"],
            segment,
            subject=Subject.of(header),
        )

    def associated_data(self, version: int) -> bytes:
        """Version and every part, each with its length, so that no two bindings look alike.

        Version 1 knew no subjects.
        """
        data = (
            f"{version},{_part(self.tenant)},{_part(self.event)},{_part(self.writer)},"
            f"{self.wseq},{_part(self.segment)},{_part(self.field)}"
        )
        if version > 1:
            data += "," + _subject(self.subject)
        return data.encode()


def _subject(subject: Subject | None) -> str:
    return "-" if subject is None else f"{_part(subject.name)},{_part(subject.issuer)}"


def _part(text: str | None) -> str:
    return "-" if text is None else f"{len(text)}:{text}"
